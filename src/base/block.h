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
