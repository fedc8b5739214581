/* SPDX-License-Identifier: MIT */
/** How a service opens the stores of its caches. */
#ifndef CORACLE_STORE_OPEN_H
#define CORACLE_STORE_OPEN_H

#include <coracle/arena.h>

#include "store/kind.h"

/**
 * The declaration with numbers for all defaults, and a prefix; in the arena. `service` is the name
 * of the outermost one; NULL: a program has opened it. Returns NULL if there is no memory.
 */
const struct cor_cache *cor_cache_filled(
	struct cor_arena *arena, const struct cor_cache *cache, const char *service);

/** Whether it keeps entries in the memory of processes, shared or not. */
static inline bool cor_store_kind_is_memory(const struct cor_store_kind *kind)
{
	return !kind->is_common || kind->place_bytes;
}

/** What is wrong with a declaration there, as the end of a message; NULL: nothing. */
const char *cor_cache_fault(
	struct cor_arena *arena, const struct cor_cache *cache, const char *service);

/**
 * As cor_store_open(), for a declaration that is filled and without fault. `place` is the memory
 * that all workers share, of kind->place_bytes(); NULL: there is none.
 */
int cor_store_open_at(
	const struct cor_cache *filled, void *place, struct cor_store **ret) COR_CHECKED;

/** As that, without what .near_ttl_ms puts in front. */
int cor_store_open_behind(const struct cor_cache *filled, struct cor_store **ret) COR_CHECKED;

/**
 * The kind that opens it: filled->store, or what stands in front of that. Its place_bytes() and
 * place_init() are those of the place.
 */
const struct cor_store_kind *cor_cache_kind(const struct cor_cache *filled);

/** The store itself, without copies in front: for what all machines must agree about. */
struct cor_store *cor_store_behind(struct cor_store *store);

/** The next get asks the store itself. Never yields. */
void cor_store_forget_copy(struct cor_store *store, struct cor_str key);

#endif
