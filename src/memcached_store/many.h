/* SPDX-License-Identifier: MIT */
/** Several entries: each server is asked once for all of its own, all at the same time. */
#ifndef CORACLE_MEMCACHED_STORE_MANY_H
#define CORACLE_MEMCACHED_STORE_MANY_H

#include <coracle/api.h>

#include "memcached_store/state.h"

ssize_t cor_memcached_get_many(struct cor_store *store, const struct cor_str *keys, size_t len,
	struct cor_arena *arena, struct cor_item *items) COR_CHECKED;
ssize_t cor_memcached_put_many(struct cor_store *store, const struct cor_str *keys,
	const struct cor_item *items, size_t len) COR_CHECKED;
int cor_memcached_clear(struct cor_store *store) COR_CHECKED;

#endif
