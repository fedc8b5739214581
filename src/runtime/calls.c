/* SPDX-License-Identifier: MIT */
#include "runtime/calls.h"

static void arm(struct cor_scheduler *scheduler, struct cor_timer *timer, int64_t due_ns)
{
	cor_timer_arm(scheduler, timer, due_ns);
}

const struct cor_runtime_calls cor_runtime_calls = {
	.reactor_add = cor_reactor_add,
	.reactor_change = cor_reactor_change,
	.reactor_remove = cor_reactor_remove,
	.timer_arm = arm,
	.timer_disarm = cor_timer_disarm,
	.wait_begin = cor_wait_begin,
	.wait = cor_wait,
	.wait_signal = cor_wait_signal,
	.wait_fail = cor_wait_fail,
};
