/* SPDX-License-Identifier: MIT */
/**
 * What time it is.
 *
 * A thread that runs a scheduler has the scheduler's clock, any other the system's, unless it has
 * made a ctx with a clock of its own (see cor_ctx_create()). Each call reads the clock. Nothing
 * here yields, nothing fails; any thread.
 */
#ifndef CORACLE_CLOCK_H
#define CORACLE_CLOCK_H

#include <stdint.h>
#include <time.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

/**
 * The date and the time, UTC: for a member of a struct, or for cor_timestamp_print(). Set back and
 * forth with the clock.
 */
COR_API struct timespec cor_now(void);

/**
 * Nanoseconds since some point in the past, which never go back: to measure how long something
 * took.
 */
COR_API int64_t cor_monotonic_ns(void);

/**
 * A clock: the system's, or one that a test moves by hand. The functions are called with the struct
 * that they stand in, so what a clock keeps stands behind it. Monotonic time never goes back.
 */
struct cor_clock {
	int64_t (*monotonic_ns)(const struct cor_clock *clock);
	int64_t (*realtime_ns)(const struct cor_clock *clock); /* since 1970-01-01 UTC */

	/**
	 * Let time pass until monotonic_ns() says `due_ns`, or return earlier: how code outside a
	 * fiber waits.
	 */
	void (*sleep_until)(const struct cor_clock *clock, int64_t due_ns);
};

COR_END_DECLS
#endif
