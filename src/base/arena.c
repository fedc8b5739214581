/* SPDX-License-Identifier: MIT */
#include <coracle/arena.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/block.h"
#include "base/poison.h"

#define CHUNK_BYTES 4096

#ifdef COR_ASAN
/*
 * The caller's first chunk is reused by the next request, whose data a pointer that was kept would
 * show. From the heap it is memory that AddressSanitizer knows to be freed.
 */
static void take_apart(struct cor_arena *arena)
{
	size_t bytes = arena->first_bytes;
	struct cor_arena_chunk *chunk = bytes != 0 ? malloc(sizeof *chunk + bytes) : NULL;

	if (!chunk)
		return;
	*chunk = (struct cor_arena_chunk){ .bytes = sizeof *chunk + bytes };
	arena->chunks = chunk;
	arena->next = (char *)(chunk + 1);
	arena->end = arena->next + bytes;
	arena->first = NULL;
	arena->first_bytes = 0;
}
#endif

void cor_arena_init(struct cor_arena *arena, void *first, size_t bytes, size_t limit_bytes)
{
	uintptr_t misaligned = (uintptr_t)first & 15;

	if (misaligned && bytes >= 16 - misaligned) {
		first = (char *)first + (16 - misaligned);
		bytes -= 16 - misaligned;
	}
	*arena = (struct cor_arena){
		.next = first,
		.end = first ? (char *)first + bytes : NULL,
		.first = first,
		.first_bytes = bytes,
		.limit_bytes = limit_bytes,
	};
#ifdef COR_ASAN
	take_apart(arena);
#endif
}

/* A part of a part counts where the whole does. */
void cor_arena_init_part(struct cor_arena *arena, struct cor_arena *account)
{
	*arena = (struct cor_arena){ .account = account->account ? account->account : account };
}

void cor_arena_adopt(struct cor_arena *arena, struct cor_arena *part)
{
	struct cor_arena_chunk **end = &part->chunks;
	bool is_counted = part->account != NULL && part->account == arena->account;

	while (*end)
		end = &(*end)->next;
	*end = arena->chunks;
	arena->chunks = part->chunks;
	if (part->account != arena) /* there it has been counted */
		cor_arena_add(arena, part->heap_bytes);
	if (arena->account && !is_counted)
		cor_arena_add(arena->account, part->heap_bytes);
	arena->is_short = arena->is_short || part->is_short;
	*part = (struct cor_arena){ .account = part->account };
}

void cor_arena_reset(struct cor_arena *arena)
{
	cor_arena_uncharge(arena, arena->heap_bytes);
	while (arena->chunks) {
		struct cor_arena_chunk *chunk = arena->chunks;
		arena->chunks = chunk->next;
#ifndef COR_ASAN
		cor_poison(chunk, chunk->bytes);
#endif
		free(chunk);
	}
#ifndef COR_ASAN
	cor_poison(arena->first, arena->first_bytes);
#endif
	arena->is_short = false;
	arena->next = arena->first;
	arena->end = arena->first ? arena->first + arena->first_bytes : NULL;
}

void cor_arena_finish(struct cor_arena *arena)
{
	cor_arena_reset(arena);
}

/*
 * A request larger than half a chunk gets one of its own, put behind the current one so that the
 * rest of that is not lost; otherwise a fresh chunk becomes the current one. Chunks double with
 * what the arena holds, up to 64 KiB.
 */
void *cor_arena_grow(struct cor_arena *arena, size_t bytes)
{
	size_t rounded = (bytes + 15) & ~(size_t)15;
	size_t chunk_bytes = CHUNK_BYTES;

	if (bytes == 0)
		return cor_arena_alloc(
			arena, 1); /* the inline path takes it for one that is too large */
	if (bytes > SIZE_MAX / 2)
		return NULL;
	while (chunk_bytes < arena->heap_bytes && chunk_bytes < 16 * CHUNK_BYTES)
		chunk_bytes *= 2;
	bool own = rounded > chunk_bytes / 2;
	if (own)
		chunk_bytes = rounded + sizeof(struct cor_arena_chunk);
	if (!cor_arena_charge(arena, chunk_bytes))
		return NULL;
	struct cor_arena_chunk *chunk = malloc(chunk_bytes);
	if (!chunk) {
		cor_arena_uncharge(arena, chunk_bytes);
		return NULL;
	}
	chunk->bytes = chunk_bytes;
	chunk->next = arena->chunks;
	arena->chunks = chunk;
	char *memory = (char *)(chunk + 1);
	if (!own) {
		arena->next = memory + rounded;
		arena->end = (char *)chunk + chunk_bytes;
	}
	return memory;
}

char *cor_arena_copy(struct cor_arena *arena, const void *data, size_t bytes)
{
	if (bytes == SIZE_MAX)
		return NULL;
	char *copy = cor_arena_alloc(arena, bytes + 1);
	if (!copy)
		return NULL;
	if (bytes != 0)
		memcpy(copy, data, bytes);
	copy[bytes] = '\0';
	return copy;
}

char *cor_arena_strdup(struct cor_arena *arena, const char *text)
{
	return cor_arena_copy(arena, text, strlen(text));
}

char *cor_arena_vprintf(struct cor_arena *arena, const char *format, va_list args)
{
	va_list again;

	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (len < 0)
		return NULL;
	char *text = cor_arena_alloc(arena, (size_t)len + 1);
	if (text)
		vsnprintf(text, (size_t)len + 1, format, args);
	return text;
}

char *cor_arena_printf(struct cor_arena *arena, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *text = cor_arena_vprintf(arena, format, args);
	va_end(args);
	return text;
}
