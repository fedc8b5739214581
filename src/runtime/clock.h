/* SPDX-License-Identifier: MIT */
/**
 * The seam for time: everything of ours that asks for it asks a struct cor_clock.
 *
 * Monotonic time is in nanoseconds since some point in the past and never goes back; realtime is in
 * nanoseconds since 1970-01-01 UTC. A point in time is an int64_t; COR_FOREVER is the point that
 * never comes.
 */
#ifndef CORACLE_RUNTIME_CLOCK_H
#define CORACLE_RUNTIME_CLOCK_H

#include <stdint.h>
#include <sys/types.h>

#include <coracle/clock.h>
#include <coracle/fiber.h>

#define COR_NS_PER_MS 1000000
#define COR_NS_PER_S  1000000000

/** The clock of the system. */
extern const struct cor_clock cor_system_clock;

/**
 * The point `ms` milliseconds after `now_ns`: now for a negative ms, COR_FOREVER rather than an
 * overflow.
 */
static inline int64_t cor_clock_after_ms(int64_t now_ns, int64_t ms)
{
	int64_t then_ns;

	if (ms <= 0)
		return now_ns;
	if (__builtin_mul_overflow(ms, COR_NS_PER_MS, &then_ns) ||
		__builtin_add_overflow(then_ns, now_ns, &then_ns))
		return COR_FOREVER;
	return then_ns;
}

/**
 * The same for a wait of less than 50 days, added to what a clock has said: no overflow is
 * possible.
 */
static inline int64_t cor_clock_after(int64_t now_ns, uint32_t ms)
{
	return now_ns + (int64_t)ms * COR_NS_PER_MS;
}

/** CPU time that a process of the same user has taken, with all its threads; -1: it is gone. */
int64_t cor_cpu_ns_of(pid_t pid);

/**
 * How many ticks of ticks.h there are in a second; where no counter is known, a billion. Blocks for
 * 10 ms to measure it, where the processor does not say it.
 */
uint64_t cor_ticks_per_s(void);

#endif
