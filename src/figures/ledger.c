/* SPDX-License-Identifier: MIT */
#include "figures/ledger.h"

#include <errno.h>
#include <string.h>

/* A row or block is whole before its list is longer. */
static int nothing_to_repair(void *arg)
{
	(void)arg;
	return 0;
}

int cor_ledger_init(void *region, size_t bytes)
{
	struct cor_ledger *ledger = region;

	return bytes < sizeof *ledger ? -EINVAL : cor_lock_init(&ledger->lock);
}

const struct cor_ledger_row *cor_ledger_find(
	const struct cor_ledger *ledger, const struct cor_ledger_row *wanted)
{
	uint32_t len = atomic_load_explicit(&ledger->rows_len, memory_order_acquire);

	for (uint32_t i = 0; i < len; i++) {
		const struct cor_ledger_row *row = &ledger->rows[i];
		if (row->shape == wanted->shape && row->len == wanted->len &&
			strcmp(row->name, wanted->name) == 0)
			return row;
	}
	return NULL;
}

static const struct cor_ledger_row *make_row(
	struct cor_ledger *ledger, const struct cor_ledger_row *wanted)
{
	uint32_t at = ledger->rows_len;
	const struct cor_ledger_row *before = at == 0 ? NULL : &ledger->rows[at - 1];
	uint32_t first = before ? before->first + before->len : 1;

	if (at == COR_LEDGER_ROWS_MAX || wanted->len > COR_LEDGER_CELLS_MAX - first)
		return NULL;
	ledger->rows[at] = *wanted;
	ledger->rows[at].first = first;
	atomic_store_explicit(&ledger->rows_len, at + 1, memory_order_release);
	return &ledger->rows[at];
}

const struct cor_ledger_row *cor_ledger_row(
	struct cor_ledger *ledger, const struct cor_ledger_row *wanted)
{
	if (cor_lock_take(&ledger->lock, nothing_to_repair, NULL) < 0)
		return NULL;
	const struct cor_ledger_row *row = cor_ledger_find(ledger, wanted);
	if (!row)
		row = make_row(ledger, wanted);
	cor_lock_give(&ledger->lock);
	return row;
}

static struct cor_ledger_block *find_block(
	struct cor_ledger *ledger, uint32_t slot, uint32_t thread)
{
	uint32_t len = cor_ledger_blocks_len(ledger);

	for (uint32_t i = 0; i < len; i++)
		if (ledger->blocks[i].slot == slot && ledger->blocks[i].thread == thread)
			return &ledger->blocks[i];
	return NULL;
}

static struct cor_ledger_block *make_block(
	struct cor_ledger *ledger, uint32_t slot, uint32_t thread)
{
	uint32_t at = cor_ledger_blocks_len(ledger);

	if (at == COR_LEDGER_BLOCKS_MAX)
		return NULL;
	ledger->blocks[at].slot = slot;
	ledger->blocks[at].thread = thread;
	atomic_store_explicit(&ledger->blocks_len, at + 1, memory_order_release);
	return &ledger->blocks[at];
}

static void begin_block(const struct cor_ledger *ledger, struct cor_ledger_block *block)
{
	uint32_t len = atomic_load_explicit(&ledger->rows_len, memory_order_acquire);

	for (uint32_t i = 0; i < len; i++) {
		const struct cor_ledger_row *row = &ledger->rows[i];
		for (uint32_t cell = 0; row->is_gauge && cell < row->len; cell++)
			block->cells[row->first + cell] = 0;
	}
}

void cor_ledger_begin(struct cor_ledger *ledger, uint32_t slot)
{
	uint32_t len = cor_ledger_blocks_len(ledger);

	for (uint32_t i = 0; i < len; i++)
		if (ledger->blocks[i].slot == slot)
			begin_block(ledger, &ledger->blocks[i]);
}

int cor_ledger_block(
	struct cor_ledger *ledger, uint32_t slot, uint32_t thread, struct cor_ledger_block **ret)
{
	int rc = cor_lock_take(&ledger->lock, nothing_to_repair, NULL);

	if (rc < 0)
		return rc;
	struct cor_ledger_block *block = find_block(ledger, slot, thread);
	if (!block)
		block = make_block(ledger, slot, thread);
	cor_lock_give(&ledger->lock);
	if (!block)
		return -ENOSPC;
	*ret = block;
	return 0;
}
