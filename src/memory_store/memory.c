/* SPDX-License-Identifier: MIT */
/* Caches of a process: a shelf in memory of its own. */
#include "shelf/each.h"
#include "shelf/open.h"

static int open_memory(const struct cor_cache *cache, void *place, struct cor_store **ret)
{
	return cor_shelf_open(cache, place, false, ret);
}

const struct cor_store_kind cor_memory_store = {
	.name = "memory",
	.fault = cor_shelf_fault,
	.open = open_memory,
	.close = cor_shelf_close,
	.get = cor_shelf_get,
	.put = cor_shelf_put,
	.remove = cor_shelf_remove,
	.touch = cor_shelf_touch,
	.add = cor_shelf_add,
	.clear = cor_shelf_clear,
	.each = cor_shelf_each,
	.figures = cor_shelf_figures,
};
