/* SPDX-License-Identifier: MIT */
/**
 * A region that hands out memory and takes it back all at once.
 *
 * States: zeroed or initialised (empty) -> in use -> finished (empty again). Memory comes 16-byte
 * aligned and is not zeroed, except where a function says so. Nothing is freed before
 * cor_arena_finish() or cor_arena_reset(). An arena belongs to one thread at a time; nothing here
 * yields.
 */
#ifndef CORACLE_ARENA_H
#define CORACLE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <coracle/api.h>
#include <coracle/str.h>

COR_BEGIN_DECLS

struct cor_arena_chunk;

/** Public only so that it can be embedded and bumped inline: use the functions. */
struct cor_arena {
	char *next;                     /* first free byte of the current chunk */
	char *end;                      /* behind its last byte */
	struct cor_arena_chunk *chunks; /* chunks from the heap, newest first */
	struct cor_arena *account; /* whose limit it is, and who counts its heap bytes; NULL: it */
	char *first;               /* the caller's first chunk, or NULL */
	size_t first_bytes;
	size_t heap_bytes;  /* taken from the heap so far */
	size_t limit_bytes; /* heap_bytes may not exceed this; 0 is no limit */
	bool is_short;      /* the limit has refused it memory */
};

/**
 * Make an empty arena whose first `bytes` come from the caller's `first` (which must outlive it;
 * NULL and 0 for none) and whose further chunks come from the heap, `limit_bytes` of them at most
 * (0: no limit).
 */
COR_API void cor_arena_init(struct cor_arena *arena, void *first, size_t bytes, size_t limit_bytes);

/**
 * Make an empty arena whose memory counts for `account`, which outlives it, and keeps to the limit
 * there. Parts may belong to other threads than their account. cor_arena_adopt() ends it.
 */
COR_API void cor_arena_init_part(struct cor_arena *arena, struct cor_arena *account);

/**
 * All memory of `part`, which has no first chunk of its own, is that of `arena` from now on; `part`
 * is empty.
 */
COR_API void cor_arena_adopt(struct cor_arena *arena, struct cor_arena *part);

/** Free everything. The arena is empty and can be used again. */
COR_API void cor_arena_reset(struct cor_arena *arena);

/** The same, and the last call on the arena. */
COR_API void cor_arena_finish(struct cor_arena *arena);

/** Private to cor_arena_alloc(): the slow path. */
COR_API void *cor_arena_grow(struct cor_arena *arena, size_t bytes);

/**
 * `bytes` bytes of memory, distinct memory even for 0 bytes; NULL if there is no memory left or the
 * limit is reached.
 */
static inline __attribute__((always_inline)) void *cor_arena_alloc(
	struct cor_arena *arena, size_t bytes)
{
	size_t rounded = (bytes + 15) & ~(size_t)15;

	if (rounded - 1 >= (size_t)(arena->end - arena->next)) /* too much, nothing, or wrapped */
		return cor_arena_grow(arena, bytes);
	char *memory = arena->next;
	if (!memory) /* there is room, so it is not: the compiler drops the caller's check */
		__builtin_unreachable();
	arena->next += rounded;
	return memory;
}

/** The same, zeroed. */
static inline void *cor_arena_zalloc(struct cor_arena *arena, size_t bytes)
{
	void *memory = cor_arena_alloc(arena, bytes);

	return memory ? memset(memory, 0, bytes) : NULL;
}

/** A copy of `bytes` bytes with a NUL behind them; NULL as above. */
COR_API char *cor_arena_copy(struct cor_arena *arena, const void *data, size_t bytes);

/** A copy of a NUL-terminated string; NULL as above. */
COR_API char *cor_arena_strdup(struct cor_arena *arena, const char *text);

/** A formatted string; NULL as above. */
COR_API char *cor_arena_printf(struct cor_arena *arena, const char *format, ...) COR_PRINTF(2, 3);
COR_API char *cor_arena_vprintf(struct cor_arena *arena, const char *format, va_list args)
	COR_PRINTF(2, 0);

COR_END_DECLS
#endif
