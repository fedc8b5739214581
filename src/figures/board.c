/* SPDX-License-Identifier: MIT */
#include "figures/board.h"

#include <errno.h>
#include <string.h>

/* What is not counted yet is not there: a row or block is whole before its list is longer. */
static int nothing_to_repair(void *arg)
{
	(void)arg;
	return 0;
}

int cor_board_init(void *region, size_t bytes)
{
	struct cor_board *board = region;

	if (bytes < sizeof *board)
		return -EINVAL;
	memcpy(board->names[0], "other", sizeof "other");
	atomic_store(&board->rows_len, 1);
	return cor_lock_init(&board->lock);
}

static uint32_t find_row(const struct cor_board *board, const char *name)
{
	uint32_t len = cor_board_rows_len(board);

	for (uint32_t row = 1; row < len; row++)
		if (strcmp(board->names[row], name) == 0)
			return row;
	return 0;
}

static uint32_t make_row(struct cor_board *board, const char *name, size_t bytes)
{
	uint32_t row = cor_board_rows_len(board);

	if (row == COR_ROWS_MAX)
		return 0;
	memcpy(board->names[row], name, bytes);
	atomic_store_explicit(&board->rows_len, row + 1, memory_order_release);
	return row;
}

uint32_t cor_board_row(struct cor_board *board, const char *name)
{
	size_t bytes = strlen(name) + 1;

	if (bytes > COR_ROW_NAME_BYTES || cor_lock_take(&board->lock, nothing_to_repair, NULL) < 0)
		return 0;
	uint32_t row = find_row(board, name);
	if (row == 0)
		row = make_row(board, name, bytes);
	cor_lock_give(&board->lock);
	return row;
}

static struct cor_block *find_block(struct cor_board *board, uint32_t slot, uint32_t thread)
{
	uint32_t len = cor_board_blocks_len(board);

	for (uint32_t i = 0; i < len; i++)
		if (board->blocks[i].slot == slot && board->blocks[i].thread == thread)
			return &board->blocks[i];
	return NULL;
}

static struct cor_block *make_block(struct cor_board *board, uint32_t slot, uint32_t thread)
{
	uint32_t at = cor_board_blocks_len(board);

	if (at == COR_BLOCKS_MAX)
		return NULL;
	board->blocks[at].slot = slot;
	board->blocks[at].thread = thread;
	atomic_store_explicit(&board->blocks_len, at + 1, memory_order_release);
	return &board->blocks[at];
}

static void begin_block(const struct cor_board *board, struct cor_block *block)
{
	uint32_t len = cor_board_rows_len(board);

	for (uint32_t row = 0; row < len; row++)
		cor_gauge_store(&block->rows[row].waiting, 0);
	atomic_store(&block->answers_before, cor_block_answers(board, block));
}

void cor_board_begin(struct cor_board *board, uint32_t slot)
{
	uint32_t len = cor_board_blocks_len(board);

	for (uint32_t i = 0; i < len; i++)
		if (board->blocks[i].slot == slot)
			begin_block(board, &board->blocks[i]);
}

int cor_board_block(struct cor_board *board, uint32_t slot, uint32_t thread, struct cor_block **ret)
{
	int rc = cor_lock_take(&board->lock, nothing_to_repair, NULL);

	if (rc < 0)
		return rc;
	struct cor_block *block = find_block(board, slot, thread);
	if (!block)
		block = make_block(board, slot, thread);
	cor_lock_give(&board->lock);
	if (!block)
		return -ENOSPC;
	*ret = block;
	return 0;
}

uint64_t cor_block_answers(const struct cor_board *board, const struct cor_block *block)
{
	const struct cor_request_figures *row = block->rows, *end = row + cor_board_rows_len(board);
	uint64_t sum = 0;

	for (; row < end; row++)
		for (size_t i = 0; i < sizeof row->by_class / sizeof row->by_class[0]; i++)
			sum += cor_counter_read(&row->by_class[i]);
	return sum;
}
