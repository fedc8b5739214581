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
	size_t before = 0, after = sizeof *chunk + bytes;

	if (block->data) {
		chunk = (struct cor_arena_chunk *)(void *)block->data - 1;
		link = link_to(arena, chunk);
		before = chunk->bytes;
	}
	if (after > before && !cor_arena_charge(arena, after - before))
		return false;
	/* NOLINTNEXTLINE(clang-analyzer-optin.portability.UnixAPI): a chunk's head is in it */
	moved = realloc(chunk, after);
	if (moved) {
		if (!chunk)
			moved->next = arena->chunks;
		moved->bytes = after;
		*link = moved;
		*block = (struct cor_block){ (char *)(moved + 1), bytes };
	}
	if (!moved || after < before)
		cor_arena_uncharge(arena, moved ? before - after : after - before);
	return moved != NULL;
}

bool cor_block_grow(struct cor_arena *arena, struct cor_block *block, size_t used)
{
	size_t header = block->data ? 0 : sizeof(struct cor_arena_chunk);
	size_t left = cor_arena_left(arena), room = left < SIZE_MAX / 4 ? left : SIZE_MAX / 4;
	size_t most = room > header ? block->bytes + room - header : 0;

	if (most <= used) {
		arena->is_short = true;
		return false;
	}
	return resize(arena, block, used < most / 2 ? 2 * used : most);
}

void cor_block_cut(struct cor_arena *arena, struct cor_block *block, size_t bytes)
{
	if (bytes < block->bytes)
		resize(arena, block, bytes); /* or it keeps them */
}
