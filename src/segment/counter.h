/* SPDX-License-Identifier: MIT */
/**
 * Counters and gauges: 64-bit figures that may stand in memory that processes share.
 *
 * A counter only grows, and is never set back, so that the sum of a set of them stays exact while
 * its writers come and go. A gauge goes up and down; whoever replaces a dead writer sets it to what
 * is true now.
 *
 * Two kinds of writer. Where one thread writes a cell, an update is a plain load and store, and no
 * instruction is locked. Where several threads write it, all of them use the `_shared` functions:
 * an update is one atomic add. One that is killed has either made its update or not; half of one is
 * never seen. Anybody may read.
 *
 * Each update is seen on its own: nothing says that of two cells the first is seen before the
 * second. Cells of different writers stand on different cache lines (64 bytes), or they wait for
 * each other. Nothing here yields or fails; any thread.
 */
#ifndef CORACLE_SEGMENT_COUNTER_H
#define CORACLE_SEGMENT_COUNTER_H

#include <stdatomic.h>
#include <stdint.h>

/** Count `n` more. One thread writes the counter. */
static inline void cor_count(_Atomic uint64_t *counter, uint64_t n)
{
	uint64_t before = atomic_load_explicit(counter, memory_order_relaxed);

	atomic_store_explicit(counter, before + n, memory_order_relaxed);
}

/** Count `n` more in a counter that several threads write. */
static inline void cor_count_shared(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static inline uint64_t cor_counter_read(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

/** Set a gauge. Of several threads that do so at a time, one prevails. */
static inline void cor_gauge_set(_Atomic int64_t *gauge, int64_t value)
{
	atomic_store_explicit(gauge, value, memory_order_relaxed);
}

/** Move a gauge by `by`, up or down. One thread writes it. */
static inline void cor_gauge_move(_Atomic int64_t *gauge, int64_t by)
{
	int64_t before = atomic_load_explicit(gauge, memory_order_relaxed);

	atomic_store_explicit(gauge, before + by, memory_order_relaxed);
}

/** Move a gauge that several threads write. */
static inline void cor_gauge_move_shared(_Atomic int64_t *gauge, int64_t by)
{
	atomic_fetch_add_explicit(gauge, by, memory_order_relaxed);
}

static inline int64_t cor_gauge_read(const _Atomic int64_t *gauge)
{
	return atomic_load_explicit(gauge, memory_order_relaxed);
}

#endif
