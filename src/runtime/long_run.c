/* SPDX-License-Identifier: MIT */
#include "runtime/long_run.h"

#include "runtime/scheduler.h"

void cor_long_run_see(struct cor_scheduler *scheduler)
{
	struct cor_long_run *run = &scheduler->long_run;
	int64_t back_ns = cor_scheduler_back_ns(scheduler);
	int64_t held_ns = scheduler->now_ns - back_ns;
	bool is_new = run->back_ns != back_ns;

	run->count(
		run->arg, scheduler->running, is_new ? held_ns : held_ns - run->counted_ns, is_new);
	run->back_ns = back_ns;
	run->counted_ns = held_ns;
}
