/* SPDX-License-Identifier: MIT */
/* What the fiber runtime costs: a switch, a request fiber, a wake-up, a timer, a parked fiber. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/scheduler.h"
#include "runtime/switch.h"

#define ROUNDS 10000000
#define PARKED 20000

static int64_t now_ns(void)
{
	return cor_system_clock.monotonic_ns(&cor_system_clock);
}

static void report(const char *what, int64_t since_ns, int64_t count)
{
	printf("%-44s %8.2f ns\n", what, (double)(now_ns() - since_ns) / (double)count);
}

static void *here;
static void *there;

static void bounce(void *arg)
{
	(void)arg;
	for (;;)
		cor_switch(&there, here);
}

static void measure_switch(void)
{
	static char stack[65536] __attribute__((aligned(64)));

	there = cor_switch_prepare(stack + sizeof stack, bounce, NULL);
	int64_t since = now_ns();
	for (int i = 0; i < ROUNDS; i++)
		cor_switch(&here, there);
	report("switch", since, 2 * (int64_t)ROUNDS);
}

static void nothing(void *arg)
{
	(void)arg;
}

static void stay(void *arg)
{
	(void)arg;
	abort();
}

static void measure_request_fiber(struct cor_scheduler *scheduler)
{
	int64_t since = now_ns();

	for (int i = 0; i < ROUNDS; i++) {
		struct cor_fiber *fiber = cor_fiber_take(scheduler, "request", 0, NULL);
		if (!fiber || !cor_fiber_run(fiber, nothing, NULL, stay))
			abort();
		cor_fiber_give_back(fiber);
	}
	report("take, run, give back (two switches inside)", since, ROUNDS);
}

static void measure_timer(struct cor_scheduler *scheduler)
{
	struct cor_timer timer = { .due_ns = COR_FOREVER };
	int64_t due_ns = cor_clock_now(scheduler) + 1000 * (int64_t)COR_NS_PER_S;

	cor_timer_arm(scheduler, &timer, due_ns);
	int64_t since = now_ns();
	for (int i = 0; i < ROUNDS; i++) {
		cor_timer_arm(scheduler, &timer, ++due_ns);
		__asm__ volatile("" ::: "memory");
	}
	report("timer moved later", since, ROUNDS);
	cor_timer_disarm(scheduler, &timer);
}

static void measure_mapping(struct cor_scheduler *scheduler)
{
	static struct cor_fiber *fibers[1000];
	int64_t since = now_ns();

	for (int i = 0; i < 1000; i++) {
		fibers[i] = cor_fiber_take(scheduler, "request", 0, NULL);
		if (!fibers[i] || !cor_fiber_run(fibers[i], nothing, NULL, stay))
			abort();
	}
	report("the same with a fresh stack", since, 1000);
	for (int i = 0; i < 1000; i++)
		cor_fiber_give_back(fibers[i]);
}

static void measure_on_loop(struct cor_task *task)
{
	struct cor_scheduler *scheduler = cor_scheduler_current();

	(void)task;
	measure_request_fiber(scheduler);
	measure_timer(scheduler);
	measure_mapping(scheduler);
	cor_scheduler_stop(scheduler);
}

static int yield_often(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS / 2; i++)
		if (cor_yield() < 0)
			return -1;
	return 0;
}

static int64_t resident_bytes(void)
{
	char text[128] = "";
	FILE *file = fopen("/proc/self/statm", "r");
	long long size;
	long long resident = 0;

	if (!file)
		return 0;
	if (fgets(text, sizeof text, file))
		(void)sscanf(text, "%lld %lld", &size, &resident);
	fclose(file);
	return resident * 4096;
}

static int sleep_once(void *arg)
{
	(void)arg;
	return cor_sleep_ms(300);
}

static int measure_parked(void *arg)
{
	int64_t before = resident_bytes();
	int count = 0;

	(void)arg;
	while (count < PARKED && cor_fiber_start(NULL, sleep_once, NULL, NULL, NULL) == 0)
		count++;
	if (cor_yield() < 0)
		return -1;
	printf("%-44s %8" PRId64 " bytes (%d of them)\n", "a parked fiber",
		(resident_bytes() - before) / (count ? count : 1), count);
	return 0;
}

static void run(struct cor_scheduler *scheduler)
{
	cor_scheduler_stop(scheduler);
	if (cor_scheduler_run(scheduler) < 0)
		abort();
}

int main(void)
{
	struct cor_scheduler *scheduler;
	struct cor_task task = { .run = measure_on_loop };

	if (cor_scheduler_create(NULL, &scheduler) < 0)
		return 1;
	measure_switch();
	cor_scheduler_post(scheduler, &task);
	run(scheduler);
	for (int i = 0; i < 2; i++)
		if (cor_fiber_start(scheduler, yield_often, NULL, NULL, NULL) < 0)
			return 1;
	int64_t since = now_ns();
	run(scheduler);
	report("yield to another fiber", since, ROUNDS);
	if (cor_fiber_start(scheduler, measure_parked, NULL, NULL, NULL) < 0)
		return 1;
	run(scheduler);
	cor_scheduler_destroy(scheduler);
	return 0;
}
