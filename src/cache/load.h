/* SPDX-License-Identifier: MIT */
/** A result from the cache, or else from the function that makes it. */
#ifndef CORACLE_CACHE_LOAD_H
#define CORACLE_CACHE_LOAD_H

#include <coracle/cached.h>

#include "cache/caches.h"
#include "cache/key.h"

/** The marker of who loads, of workers and machines: behind the key of what is loaded. */
#define COR_LEASE_MARK COR_STR("\1lease")
/** For so long at most the others wait for one who may be dead. */
#define COR_LEASE_MS 10000

/** As cor_cache_load_struct() says, for a key that is there. */
int cor_load(struct cor_ctx *ctx, struct cor_cache_here *here, const struct cor_cached *cached,
	const struct cor_cache_key *key, const void *arg, void *ret) COR_CHECKED;

/** The same without the cache, because the result can have no key. */
int cor_load_unkept(struct cor_ctx *ctx, struct cor_cache_here *here,
	const struct cor_cached *cached, const void *arg, void *ret) COR_CHECKED;

#endif
