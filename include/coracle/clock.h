/* SPDX-License-Identifier: MIT */
/**
 * What time it is.
 *
 * On a thread that runs a scheduler it is asked for its clock, else the system is. Each call asks anew. Nothing here
 * yields, nothing fails; any thread.
 */
#ifndef CORACLE_CLOCK_H
#define CORACLE_CLOCK_H

#include <stdint.h>
#include <time.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

/** The date and the time, UTC: for a member of a struct, or for cor_timestamp_print(). Set back and forth with the clock. */
COR_API struct timespec cor_now(void);

/** Nanoseconds since some point in the past, which never go back: to measure how long something took. */
COR_API int64_t cor_monotonic_ns(void);

COR_END_DECLS
#endif
