/* SPDX-License-Identifier: MIT */
/* What test_gdb.py looks at: a fiber that sleeps while another ends the process. */
#include <stdlib.h>

#include <coracle/fiber.h>

static int take_a_nap(void *arg)
{
	(void)arg;
	return cor_sleep_ms(COR_FOREVER) < 0; /* no tail call: the test looks for this frame */
}

static int give_up(void *arg)
{
	(void)arg;
	if (cor_yield() < 0)
		return 1;
	abort();
}

int main(void)
{
	static const struct cor_fiber_options sleeper = { .name = "sleeper" };
	static const struct cor_fiber_options killer = { .name = "killer" };
	struct cor_scheduler *scheduler;

	if (cor_scheduler_create(NULL, &scheduler) < 0 ||
		cor_fiber_start(scheduler, take_a_nap, NULL, &sleeper, NULL) < 0 ||
		cor_fiber_start(scheduler, give_up, NULL, &killer, NULL) < 0)
		return 1;
	return cor_scheduler_run(scheduler);
}
