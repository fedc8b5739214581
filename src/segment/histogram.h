/* SPDX-License-Identifier: MIT */
/**
 * How often values were how large: a cell for each of some fixed ranges, and the sum of the values.
 *
 * The bounds are a constant of the program. Cell i counts the values that are at most upper[i] and
 * more than upper[i - 1]; one more cell counts those above all bounds. A histogram is zeroed memory
 * of cor_histogram_bytes(), and is never set back, as a counter is not.
 *
 * One thread writes a histogram, or all its writers use cor_histogram_record_shared().
 *
 * What holds: there is no count besides the cells, so that count and cells always agree, also after
 * a writer was killed. Each value is in its cell before it is in the sum. So the sum belongs to the
 * cells that were read but for the values that were recorded during the reading, and one value of
 * each writer that was killed right between the two. Nothing here yields or fails; any thread.
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
 * Take `len` bounds: ascending, each once, in the unit of the values. Returns 0, or -EINVAL if they
 * are not so, none, or more than COR_HISTOGRAM_BOUNDS_MAX.
 */
int cor_histogram_bounds_init(
	struct cor_histogram_bounds *bounds, const uint64_t *upper, size_t len) COR_CHECKED;

struct cor_histogram {
	_Atomic uint64_t sum;     /* wraps at 2^64 */
	_Atomic uint64_t cells[]; /* one more than there are bounds */
};

/** What several histograms of the same bounds say together. Starts zeroed. */
struct cor_histogram_total {
	uint64_t count;
	uint64_t sum;
	uint64_t cells[COR_HISTOGRAM_BOUNDS_MAX + 1]; /* each by itself, not cumulative */
};

/** The memory of one: whole cache lines, so that those of different writers share none. */
static inline size_t cor_histogram_bytes(const struct cor_histogram_bounds *bounds)
{
	size_t bytes = sizeof(struct cor_histogram) + (bounds->len + 1U) * sizeof(uint64_t);

	return (bytes + 63) / 64 * 64;
}

/** How many bits a value has; 0 counts as 1 does. */
static inline unsigned cor_histogram_bits(uint64_t value)
{
	return 64 - (unsigned)__builtin_clzll(value | 1);
}

/**
 * The cell of a value. No branch depends on the value: those come in any order, and a branch that
 * is foretold wrongly costs more than all of this.
 */
static inline size_t cor_histogram_cell(const struct cor_histogram_bounds *bounds, uint64_t value)
{
	size_t at = bounds->first[cor_histogram_bits(value)];

	for (unsigned i = 0; i < bounds->most; i++)
		at += bounds->upper[at] < value;
	return at;
}

/** Record a value. One thread writes the histogram. */
static inline void cor_histogram_record(
	struct cor_histogram *histogram, const struct cor_histogram_bounds *bounds, uint64_t value)
{
	cor_count(&histogram->cells[cor_histogram_cell(bounds, value)], 1);
	atomic_signal_fence(memory_order_seq_cst); /* the sum comes second */
	cor_count(&histogram->sum, value);
}

/** Record a value in a histogram that several threads write. */
static inline void cor_histogram_record_shared(
	struct cor_histogram *histogram, const struct cor_histogram_bounds *bounds, uint64_t value)
{
	cor_count_shared(&histogram->cells[cor_histogram_cell(bounds, value)], 1);
	atomic_signal_fence(memory_order_seq_cst);
	cor_count_shared(&histogram->sum, value);
}

/** Add what a histogram says now to `total`, which is the caller's alone. */
void cor_histogram_add(struct cor_histogram_total *total, const struct cor_histogram *histogram,
	const struct cor_histogram_bounds *bounds);

#endif
