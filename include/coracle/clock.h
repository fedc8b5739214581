/* SPDX-License-Identifier: MIT */
/**
 * What time it is.
 *
 * A thread that runs a scheduler uses the scheduler's clock; any other uses the system's, unless it
 * has made a ctx with a clock of its own (see cor_ctx_create()). Each call reads the clock. Nothing
 * here yields, nothing fails; any thread.
 */
#ifndef CORACLE_CLOCK_H
#define CORACLE_CLOCK_H

#include <stdint.h>
#include <time.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

/**
 * The date and time in UTC, for a member of a struct or cor_timestamp_print(). It jumps when
 * somebody sets the clock.
 */
COR_API struct timespec cor_now(void);

/**
 * Nanoseconds since some point in the past; never goes back. Use it to measure how long something
 * takes.
 */
COR_API int64_t cor_monotonic_ns(void);

/**
 * A clock: the system's, or one that a test moves by hand. Each function gets the struct that it is
 * a member of, so embed it in a struct with whatever state the clock needs. Monotonic time never
 * goes back.
 */
struct cor_clock {
	int64_t (*monotonic_ns)(const struct cor_clock *clock);
	int64_t (*realtime_ns)(const struct cor_clock *clock); /* since 1970-01-01 UTC */

	/**
	 * Let time pass until monotonic_ns() returns `due_ns`; may return early. Code outside a
	 * fiber waits through it.
	 */
	void (*sleep_until)(const struct cor_clock *clock, int64_t due_ns);
};

COR_END_DECLS
#endif
