/* SPDX-License-Identifier: MIT */
#include "runtime/clock.h"

#include <time.h>

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

const struct cor_clock cor_system_clock = {
	.monotonic_ns = monotonic_ns,
	.realtime_ns = realtime_ns,
};
