/* SPDX-License-Identifier: MIT */
/**
 * How long what was timed by a name took: the cells of one name, of one writer.
 *
 * They stand in a ledger of their own, whose rows are the names: a name gets its row when it is
 * timed first. Anybody may read while the writer writes; a process may die at any instruction.
 */
#ifndef CORACLE_FIGURES_TIMED_H
#define CORACLE_FIGURES_TIMED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "figures/ledger.h"
#include "segment/histogram.h"

#define COR_TIMED_ROWS   128 /* as COR_TIMED_MAX of the public header says */
#define COR_TIMED_BOUNDS 22  /* 1 us, 2.5, 5, 10 ... 10 s */

/** The bounds of the histograms, in nanoseconds. */
extern const uint64_t cor_timed_bounds_ns[COR_TIMED_BOUNDS];

struct cor_timed_part {
	_Atomic uint64_t most;
	_Atomic uint64_t least; /* the complement of the shortest: 0 is none, and more is less */
	_Atomic uint64_t sum;   /* as struct cor_histogram_cells */
	_Atomic uint64_t cells[COR_TIMED_BOUNDS + 1];
};

/** Most calls wait for nothing, and have one time: what passed is what they had of their thread. */
struct cor_timed_cells {
	_Atomic uint64_t errors;
	struct cor_timed_part straight; /* those */
	struct cor_timed_part waited,
		waited_thread; /* the others: what passed, and on the thread */
};

_Static_assert(
	COR_TIMED_ROWS * sizeof(struct cor_timed_cells) < COR_LEDGER_CELLS_MAX * sizeof(uint64_t),
	"they all have room");

/** The row of a name, of which the first COR_LEDGER_NAME_BYTES - 1 bytes count. */
struct cor_ledger_row cor_timed_row(const char *name);

/** Those of a row in a block. */
static inline struct cor_timed_cells *cor_timed_cells_at(
	const struct cor_ledger_block *block, const struct cor_ledger_row *row)
{
	return (struct cor_timed_cells *)((uintptr_t)&block->cells[row->first]);
}

struct cor_timed_sample {
	uint64_t wall_ns, thread_ns;
	bool is_error;
};

/**
 * Count one. The bounds are cor_timed_bounds_ns; `is_shared`: several threads write the cells.
 */
void cor_timed_count(struct cor_timed_cells *cells, const struct cor_histogram_bounds *bounds,
	bool is_shared, struct cor_timed_sample sample);

/** The cells of several writers, added up. Starts zeroed. */
struct cor_timed_total {
	uint64_t errors;
	struct cor_timed_sum {
		uint64_t count, sum, most, least;
		uint64_t cells[COR_TIMED_BOUNDS + 1]; /* not cumulative */
	} wall, thread;
};

void cor_timed_total_add(struct cor_timed_total *total, const struct cor_timed_cells *cells);

#endif
