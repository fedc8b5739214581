/* SPDX-License-Identifier: MIT */
/** How a service opens the stores of its caches. */
#ifndef CORACLE_STORE_OPEN_H
#define CORACLE_STORE_OPEN_H

#include <coracle/arena.h>

#include "store/kind.h"

/** The declaration with numbers for all defaults, and a prefix; in the arena. NULL: no memory. */
const struct cor_cache *cor_cache_filled(struct cor_arena *arena, const struct cor_cache *cache);

/** What is wrong with a declaration, as the end of a message; NULL: nothing. */
const char *cor_cache_fault(struct cor_arena *arena, const struct cor_cache *cache);

/**
 * As cor_store_open(), for a declaration that is filled and without fault. `place` is the memory
 * that all workers share, of kind->place_bytes(); NULL: there is none.
 */
int cor_store_open_at(
	const struct cor_cache *filled, void *place, struct cor_store **ret) COR_CHECKED;

#endif
