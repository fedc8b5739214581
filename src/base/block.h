/* SPDX-License-Identifier: MIT */
/**
 * One piece of an arena's memory that grows: it has heap memory of its own, which moves, so that
 * nothing is left behind. It belongs to the arena and ends with it. Nothing here yields.
 */
#ifndef CORACLE_BASE_BLOCK_H
#define CORACLE_BASE_BLOCK_H

#include <coracle/arena.h>

/** Heap memory of an arena: this header, and what was handed out. */
struct cor_arena_chunk {
	struct cor_arena_chunk *next;
	size_t bytes; /* of the whole chunk, this header included */
};

/* The header keeps what follows it 16-byte aligned. */
_Static_assert(sizeof(struct cor_arena_chunk) % 16 == 0, "chunk header must keep alignment");

/** Whose limit it is. */
static inline struct cor_arena *cor_arena_account(struct cor_arena *arena)
{
	return arena->account ? arena->account : arena;
}

/** Heap memory is taken, or given back if it is less than nothing. */
static inline void cor_arena_count(struct cor_arena *arena, ptrdiff_t bytes)
{
	arena->heap_bytes += (size_t)bytes;
	if (arena->account)
		arena->account->heap_bytes += (size_t)bytes;
}

struct cor_block {
	char *data; /* NULL: none yet */
	size_t bytes;
};

/**
 * Room for more than the `used` bytes at its front: twice as many, or where the arena's limit does
 * not allow that, as many as it does. False: for none, as after a failed cor_arena_alloc().
 */
bool cor_block_grow(struct cor_arena *arena, struct cor_block *block, size_t used);

/** Give back what is behind the first `bytes`. */
void cor_block_cut(struct cor_arena *arena, struct cor_block *block, size_t bytes);

#endif
