/* SPDX-License-Identifier: MIT */
/** Shelves are made and given up. */
#ifndef CORACLE_SHELF_OPEN_H
#define CORACLE_SHELF_OPEN_H

#include "shelf/shelf.h"

/** What .fault says of a cache in memory. */
const char *cor_shelf_fault(struct cor_arena *arena, const struct cor_cache *cache);

/** How much memory it takes: .bytes. */
size_t cor_shelf_place_bytes(const struct cor_cache *cache);

/** Prepare zeroed memory that processes share. */
int cor_shelf_place_init(void *place, size_t bytes);

/**
 * Open it in a place of cor_shelf_place_bytes(), which is zeroed, or one that another has opened
 * with the same limits. NULL: make one; `is_shared`: which children of fork() share.
 * Returns 0, -ENOMEM, or -EEXIST: another has opened it with other limits.
 */
int cor_shelf_open(const struct cor_cache *cache, void *place, bool is_shared,
	struct cor_store **ret) COR_CHECKED;
void cor_shelf_close(struct cor_store *store);

#endif
