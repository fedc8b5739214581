/* SPDX-License-Identifier: MIT */
#include "runtime/clock.h"

#include <time.h>

#include "runtime/seams.h"
#include "runtime/ticks.h"

#define MEASURED_NS (10 * COR_NS_PER_MS)

static int64_t read_clock(clockid_t id)
{
	struct timespec time;

	clock_gettime(id, &time);
	return (int64_t)time.tv_sec * COR_NS_PER_S + time.tv_nsec;
}

static int64_t monotonic_ns(const struct cor_clock *clock)
{
	(void)clock;
	return read_clock(CLOCK_MONOTONIC);
}

static int64_t realtime_ns(const struct cor_clock *clock)
{
	(void)clock;
	return read_clock(CLOCK_REALTIME);
}

static void sleep_until(const struct cor_clock *clock, int64_t due_ns)
{
	const struct timespec due = { due_ns / COR_NS_PER_S, due_ns % COR_NS_PER_S };

	(void)clock;
	(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
}

const struct cor_clock cor_system_clock = {
	.monotonic_ns = monotonic_ns,
	.realtime_ns = realtime_ns,
	.sleep_until = sleep_until,
};

struct timespec cor_now(void)
{
	const struct cor_clock *clock = cor_clock_here();
	int64_t now_ns = clock->realtime_ns(clock);

	return (struct timespec){
		.tv_sec = (time_t)(now_ns / COR_NS_PER_S),
		.tv_nsec = (long)(now_ns % COR_NS_PER_S),
	};
}

int64_t cor_cpu_ns_of(pid_t pid)
{
	struct timespec time;
	clockid_t id;

	if (clock_getcpuclockid(pid, &id) != 0 || clock_gettime(id, &time) < 0)
		return -1;
	return (int64_t)time.tv_sec * COR_NS_PER_S + time.tv_nsec;
}

int64_t cor_monotonic_ns(void)
{
	const struct cor_clock *clock = cor_clock_here();

	return clock->monotonic_ns(clock);
}

uint64_t cor_ticks_per_s(void)
{
	int64_t began_ns = monotonic_ns(NULL);
	uint64_t began_ticks = cor_ticks();

	if (cor_ticks_in_1ms() == 0)
		return COR_NS_PER_S;
#if defined(__aarch64__)
	return cor_ticks_in_1ms() * 1000;
#endif
	sleep_until(NULL, began_ns + MEASURED_NS);
	int64_t ns = monotonic_ns(NULL) - began_ns;
	return (uint64_t)((double)(cor_ticks() - began_ticks) * COR_NS_PER_S / (double)ns);
}
