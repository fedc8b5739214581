/* SPDX-License-Identifier: MIT */
/**
 * Histograms: how many values fell into each of a few fixed ranges, and the sum of all values.
 *
 * The bounds are a constant of the program. Cell i counts the values that are at most upper[i] and
 * more than upper[i - 1]; one more cell counts those above all bounds. A histogram starts as
 * cor_histogram_bytes() of zeroed memory and, like a counter, is never reset.
 *
 * One thread writes a histogram (2 ns a value), or all its writers use
 * cor_histogram_record_shared() (two atomic adds, 16 ns).
 *
 * What holds: the count is the sum of the cells, so the two always agree, even after a writer was
 * killed. Each value is in its cell before it is in the sum. The sum therefore matches the cells
 * except for values recorded during the read, and for one value of each writer that was killed
 * between the two stores. Nothing here yields; any thread.
 */
#ifndef CORACLE_SEGMENT_HISTOGRAM_H
#define CORACLE_SEGMENT_HISTOGRAM_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>

#include "segment/counter.h"

#define COR_HISTOGRAM_BOUNDS_MAX 31

/** The ranges, in memory of the process. Constant from cor_histogram_bounds_init() on. */
struct cor_histogram_bounds {
	uint64_t upper[COR_HISTOGRAM_BOUNDS_MAX + 1]; /* behind the last one stands UINT64_MAX */
	uint8_t len;
	uint8_t most;      /* how many of them have the same number of bits, at most */
	uint8_t first[65]; /* by the number of bits of a value: the first bound with as many */
};

/**
 * Take `len` bounds, strictly ascending, in the unit of the values. Returns 0, or -EINVAL: they are
 * not, or there are none, or more than COR_HISTOGRAM_BOUNDS_MAX.
 */
int cor_histogram_bounds_init(
	struct cor_histogram_bounds *bounds, const uint64_t *upper, size_t len) COR_CHECKED;

struct cor_histogram_cells {
	_Atomic uint64_t sum;     /* wraps at 2^64 */
	_Atomic uint64_t cells[]; /* one more than there are bounds */
};

/** Several histograms with the same bounds, added up. Starts zeroed. */
struct cor_histogram_total {
	uint64_t count;
	uint64_t sum;
	uint64_t cells[COR_HISTOGRAM_BOUNDS_MAX + 1]; /* not cumulative */
};

/** The size of one: whole cache lines, so that writers of different ones share none. */
static inline size_t cor_histogram_bytes(const struct cor_histogram_bounds *bounds)
{
	size_t bytes = sizeof(struct cor_histogram_cells) + (bounds->len + 1U) * sizeof(uint64_t);

	return (bytes + 63) / 64 * 64;
}

/** How many bits a value has, at least 1. */
static inline unsigned cor_histogram_bits(uint64_t value)
{
	return 64 - (unsigned)__builtin_clzll(value | 1);
}

/**
 * The cell of a value. No branch depends on the value: values come in any order, and one
 * mispredicted branch costs more than all of this.
 */
static inline size_t cor_histogram_cell(const struct cor_histogram_bounds *bounds, uint64_t value)
{
	size_t at = bounds->first[cor_histogram_bits(value)];

	for (unsigned i = 0; i < bounds->most; i++)
		at += bounds->upper[at] < value;
	return at;
}

/** Record a value. One thread writes the histogram. */
static inline void cor_histogram_record(struct cor_histogram_cells *histogram,
	const struct cor_histogram_bounds *bounds, uint64_t value)
{
	cor_count(&histogram->cells[cor_histogram_cell(bounds, value)], 1);
	atomic_signal_fence(memory_order_seq_cst); /* the sum comes second */
	cor_count(&histogram->sum, value);
}

/** Record a value in a histogram that several threads write. */
static inline void cor_histogram_record_shared(struct cor_histogram_cells *histogram,
	const struct cor_histogram_bounds *bounds, uint64_t value)
{
	cor_count_shared(&histogram->cells[cor_histogram_cell(bounds, value)], 1);
	atomic_signal_fence(memory_order_seq_cst);
	cor_count_shared(&histogram->sum, value);
}

/** Add the present state of a histogram to `total`, which nobody else uses. */
void cor_histogram_add(struct cor_histogram_total *total,
	const struct cor_histogram_cells *histogram, const struct cor_histogram_bounds *bounds);

#endif
