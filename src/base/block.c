/* SPDX-License-Identifier: MIT */
#include "base/block.h"

#include <stdlib.h>

static struct cor_arena_chunk **link_to(
	struct cor_arena *arena, const struct cor_arena_chunk *chunk)
{
	struct cor_arena_chunk **link = &arena->chunks;

	while (*link != chunk)
		link = &(*link)->next;
	return link;
}

static bool resize(struct cor_arena *arena, struct cor_block *block, size_t bytes)
{
	struct cor_arena_chunk *chunk = NULL, **link = &arena->chunks, *moved;

	if (block->data) {
		chunk = (struct cor_arena_chunk *)(void *)block->data - 1;
		link = link_to(arena, chunk);
		cor_arena_count(arena, -(ptrdiff_t)chunk->bytes);
	}
	moved = realloc(chunk, sizeof *chunk + bytes);
	if (moved) {
		if (!chunk)
			moved->next = arena->chunks;
		moved->bytes = sizeof *moved + bytes;
		*link = moved;
		*block = (struct cor_block){ (char *)(moved + 1), bytes };
	}
	if (block->data)
		cor_arena_count(arena, (ptrdiff_t)(sizeof *chunk + block->bytes));
	return moved != NULL;
}

bool cor_block_grow(struct cor_arena *arena, struct cor_block *block, size_t used)
{
	size_t header = block->data ? 0 : sizeof(struct cor_arena_chunk);
	struct cor_arena *account = cor_arena_account(arena);
	size_t room = account->limit_bytes ? account->limit_bytes - account->heap_bytes
					   : SIZE_MAX / 4;
	size_t most = room > header ? block->bytes + room - header : 0;

	if (most <= used) {
		account->is_short = arena->is_short = true;
		return false;
	}
	return resize(arena, block, used < most / 2 ? 2 * used : most);
}

void cor_block_cut(struct cor_arena *arena, struct cor_block *block, size_t bytes)
{
	if (bytes < block->bytes)
		resize(arena, block, bytes); /* or it keeps them */
}
