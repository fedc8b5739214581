/* SPDX-License-Identifier: MIT */
/**
 * What a service counts itself, in memory that all its processes share: a row for each metric, by
 * its name and shape, and a block of cells for each thread.
 *
 * A row says where the metric's cells are in every block. Its cells are never another metric's: a
 * program that gives a name another shape (other labels, other buckets) gets another row for it,
 * which starts at 0. Rows and blocks stay what they are; see board.h.
 *
 * Cell 0 of each block counts the updates that had no place. Nothing yields; any thread.
 */
#ifndef CORACLE_FIGURES_LEDGER_H
#define CORACLE_FIGURES_LEDGER_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>

#include "segment/lock.h"

#define COR_LEDGER_ROWS_MAX   512
#define COR_LEDGER_CELLS_MAX  10240 /* of a block */
#define COR_LEDGER_OWN_MAX    4096 /* of them are the service's own, and that which counts losses */
#define COR_LEDGER_BLOCKS_MAX 3072 /* the board runs out of room first */
#define COR_LEDGER_NAME_BYTES 96
/* In place of a thread: what is set, by any thread, and the threads that do not serve. */
#define COR_LEDGER_WORKER UINT32_MAX
#define COR_LEDGER_OTHERS (UINT32_MAX - 1)

struct cor_ledger_row {
	char name[COR_LEDGER_NAME_BYTES];
	uint64_t shape;      /* a fingerprint */
	uint32_t first, len; /* its cells */
	uint32_t is_gauge;   /* starts from 0 with each writer */
};

struct cor_ledger_block {
	_Alignas(64) uint32_t slot;
	uint32_t thread;
	_Atomic uint64_t cells[COR_LEDGER_CELLS_MAX] __attribute__((aligned(64)));
};

struct cor_ledger {
	struct cor_lock lock;
	_Atomic uint32_t rows_len, blocks_len;
	struct cor_ledger_row rows[COR_LEDGER_ROWS_MAX];
	struct cor_ledger_block blocks[COR_LEDGER_BLOCKS_MAX];
};

/** The .init of its region: see struct cor_region_options. */
int cor_ledger_init(void *region, size_t bytes) COR_CHECKED;

/** The row that looks like `wanted`, whose .first says nothing. NULL: there is none. */
const struct cor_ledger_row *cor_ledger_find(
	const struct cor_ledger *ledger, const struct cor_ledger_row *wanted);

/** The same; it is made if there is none. NULL: there is no room. */
const struct cor_ledger_row *cor_ledger_row(
	struct cor_ledger *ledger, const struct cor_ledger_row *wanted);

/**
 * A new worker has the slot, whose blocks nobody writes yet: forget the gauges of the one before,
 * for all its threads, however many the new one has.
 */
void cor_ledger_begin(struct cor_ledger *ledger, uint32_t slot);

/**
 * The block of a thread of a slot, found or made. Make the rows first. Returns 0, -ENOSPC, or as
 * cor_lock_take().
 */
int cor_ledger_block(struct cor_ledger *ledger, uint32_t slot, uint32_t thread,
	struct cor_ledger_block **ret) COR_CHECKED;

static inline uint32_t cor_ledger_rows_len(const struct cor_ledger *ledger)
{
	return atomic_load_explicit(&ledger->rows_len, memory_order_acquire);
}

/** How many there are now; they stay where they are. */
static inline uint32_t cor_ledger_blocks_len(const struct cor_ledger *ledger)
{
	return atomic_load_explicit(&ledger->blocks_len, memory_order_acquire);
}

#endif
