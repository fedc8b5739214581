/* SPDX-License-Identifier: MIT */
/* Caches of a process, and those that all workers share: shelves in memory of either kind. */
#include "shelf/each.h"
#include "shelf/open.h"

static int open_memory(const struct cor_cache *cache, void *place, struct cor_store **ret)
{
	return cor_shelf_open(cache, place, false, ret);
}

static int open_shared(const struct cor_cache *cache, void *place, struct cor_store **ret)
{
	return cor_shelf_open(cache, place, true, ret);
}

#define CALLS                                                                                      \
	.fault = cor_shelf_fault, .close = cor_shelf_close, .get = cor_shelf_get,                  \
	.put = cor_shelf_put, .remove = cor_shelf_remove, .touch = cor_shelf_touch,                \
	.add = cor_shelf_add, .clear = cor_shelf_clear, .each = cor_shelf_each,                    \
	.figures = cor_shelf_figures

const struct cor_store_kind cor_memory_store = {
	.name = "memory",
	.open = open_memory,
	CALLS,
};

const struct cor_store_kind cor_shared_store = {
	.name = "shared",
	.is_common = true,
	.place_bytes = cor_shelf_place_bytes,
	.place_init = cor_shelf_place_init,
	.open = open_shared,
	CALLS,
};
