/* SPDX-License-Identifier: MIT */
/* Caches that all workers share: a shelf in memory that processes share. */
#include "shelf/each.h"
#include "shelf/open.h"

static int open_shared(const struct cor_cache *cache, void *place, struct cor_store **ret)
{
	return cor_shelf_open(cache, place, true, ret);
}

const struct cor_store_kind cor_shared_store = {
	.name = "shared",
	.is_common = true,
	.fault = cor_shelf_fault,
	.place_bytes = cor_shelf_place_bytes,
	.place_init = cor_shelf_place_init,
	.open = open_shared,
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
