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

/* Parts of one account may belong to several threads. */
static inline size_t cor_arena_add(struct cor_arena *arena, size_t bytes)
{
	return __atomic_add_fetch(&arena->heap_bytes, bytes, __ATOMIC_RELAXED);
}

/** How much heap memory it, and what counts for it, has. Other threads may be taking some. */
static inline size_t cor_arena_taken(const struct cor_arena *arena)
{
	return __atomic_load_n(&arena->heap_bytes, __ATOMIC_RELAXED);
}

/** Heap memory is given back. */
static inline void cor_arena_uncharge(struct cor_arena *arena, size_t bytes)
{
	cor_arena_add(arena, -bytes);
	if (arena->account)
		cor_arena_add(arena->account, -bytes);
}

/** Heap memory is taken. False: the limit does not allow it. */
static inline bool cor_arena_charge(struct cor_arena *arena, size_t bytes)
{
	struct cor_arena *account = cor_arena_account(arena);
	size_t used = cor_arena_add(account, bytes);

	if (account != arena)
		cor_arena_add(arena, bytes);
	if (account->limit_bytes == 0 || used <= account->limit_bytes)
		return true;
	cor_arena_uncharge(arena, bytes);
	arena->is_short = true;
	return false;
}

/** How much the limit still allows; SIZE_MAX: there is none. */
static inline size_t cor_arena_left(struct cor_arena *arena)
{
	const struct cor_arena *account = cor_arena_account(arena);
	size_t used = cor_arena_taken(account);

	if (account->limit_bytes == 0)
		return SIZE_MAX;
	return used < account->limit_bytes ? account->limit_bytes - used : 0;
}

/** Whether so many bytes come without a call to the heap. */
static inline bool cor_arena_has_room(const struct cor_arena *arena, size_t bytes)
{
	return (size_t)(arena->end - arena->next) > bytes;
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
