/* SPDX-License-Identifier: MIT */
/** Monotonic time at the price of a counter: for who measures what takes less than the clock. */
#ifndef CORACLE_RUNTIME_FINE_CLOCK_H
#define CORACLE_RUNTIME_FINE_CLOCK_H

#include <stdint.h>

/**
 * cor_monotonic_ns(), to a microsecond; it may step back by as much when the thread looks at the
 * clock again, ten times a second. Takes 12 ns where that takes 27. Of the clock of a test it is
 * the time itself. Never yields; any thread.
 */
int64_t cor_fine_ns(void);

/** A moment, for cor_fine_since() on the same thread. Never yields; any thread. */
uint64_t cor_fine_mark(void);

/**
 * How many ns ago that was, to 10 millionths: never less than 0, but where the clock of a test is.
 * Takes less than two cor_fine_ns() do. Never yields; the thread that made the mark.
 */
int64_t cor_fine_since(uint64_t mark);

#endif
