/* SPDX-License-Identifier: MIT */
#include "runtime/duty.h"

#include "runtime/scheduler.h"

const char *cor_duty_operation(void)
{
	const struct cor_fiber *fiber = cor_fiber_current();

	return fiber ? fiber->name : cor_this_thread.duty.operation;
}
