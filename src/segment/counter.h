/* SPDX-License-Identifier: MIT */
/**
 * Counters and gauges: 64-bit figures that may stand in memory that processes share.
 *
 * A counter only grows and is never reset, so that the sum of several stays exact while their
 * writers come and go. A gauge goes up and down; the process that replaces a dead writer sets its
 * gauges to what is true now.
 *
 * If one thread writes a cell, an update is a plain load and store, without a locked instruction
 * (0.5 ns). If several threads write it, all of them use the `_shared` functions: an update is one
 * atomic add (8 ns). A writer that is killed has made its update or has not; nobody sees half of
 * one. Anybody may read.
 *
 * Updates of two cells may be seen in either order. Keep the cells of different writers on
 * different cache lines (64 bytes), or the writers slow each other down. Nothing here yields or
 * fails; any thread.
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

/** Set a gauge. If several threads do so at the same time, one of them wins. */
static inline void cor_gauge_store(_Atomic int64_t *gauge, int64_t value)
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
