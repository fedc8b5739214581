/* SPDX-License-Identifier: MIT */
/**
 * The figures of all threads of all workers, in memory that they share: a row for each operation,
 * by its name, and a block of rows for each thread.
 *
 * A row or a block, once made, stays what it is: workers that come later find both and count on
 * from what is there. A reload may bring operations that have no row yet. What finds no room is
 * counted in the first row, so that the sum over all rows is always right.
 *
 * It is made zeroed, then initialised, by whoever makes its region. A process may die at any
 * instruction here. Nothing yields; any thread.
 */
#ifndef CORACLE_FIGURES_BOARD_H
#define CORACLE_FIGURES_BOARD_H

#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>

#include "figures/requests.h"
#include "segment/lock.h"

#define COR_ROWS_MAX       256
#define COR_ROW_NAME_BYTES 192 /* "GET /books/{id}", with its NUL */
#define COR_BLOCKS_MAX     2048

/** What one thread of one slot counts. */
struct cor_block {
	_Alignas(64) uint32_t slot;
	uint32_t thread;
	_Atomic uint64_t answers_before; /* of the slot's earlier workers */
	struct cor_request_figures rows[COR_ROWS_MAX] __attribute__((aligned(64)));
};

struct cor_board {
	struct cor_lock lock;
	_Atomic uint32_t rows_len; /* at least 1: the first is for all that has no other */
	_Atomic uint32_t blocks_len;
	_Atomic uint64_t ticks_per_s; /* for readers; 0: nobody has measured it yet */
	char names[COR_ROWS_MAX][COR_ROW_NAME_BYTES];
	struct cor_block blocks[COR_BLOCKS_MAX];
};

/** The .init of its region: see struct cor_region_options. */
int cor_board_init(void *region, size_t bytes) COR_CHECKED;

/** The row of that name, found or made; 0: there is no room for another. */
uint32_t cor_board_row(struct cor_board *board, const char *name);

/**
 * A new worker has the slot, whose blocks nobody writes yet: forget what was true only of the one
 * before, for all its threads, however many the new one has.
 */
void cor_board_begin(struct cor_board *board, uint32_t slot);

/** The block of a thread of a slot, found or made. Returns 0, -ENOSPC, or as cor_lock_take(). */
int cor_board_block(struct cor_board *board, uint32_t slot, uint32_t thread,
	struct cor_block **ret) COR_CHECKED;

/** How many there are now; they stay where they are. */
static inline uint32_t cor_board_rows_len(const struct cor_board *board)
{
	return atomic_load_explicit(&board->rows_len, memory_order_acquire);
}
static inline uint32_t cor_board_blocks_len(const struct cor_board *board)
{
	return atomic_load_explicit(&board->blocks_len, memory_order_acquire);
}

/** All answers that a block has counted. */
uint64_t cor_block_answers(const struct cor_board *board, const struct cor_block *block);

#endif
