/* SPDX-License-Identifier: MIT */
/** Numbers that are added to, exactly, whoever else does so. Yields. */
#ifndef CORACLE_MEMCACHED_STORE_NUMBER_H
#define CORACLE_MEMCACHED_STORE_NUMBER_H

#include <coracle/api.h>

#include "memcached_store/state.h"

int cor_memcached_add(struct cor_store *store, struct cor_str key, int64_t by,
	const struct cor_item *first, uint64_t *ret) COR_CHECKED;

#endif
