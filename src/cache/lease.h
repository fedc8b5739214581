/* SPDX-License-Identifier: MIT */
/**
 * Who of several processes loads: whoever has put the lease into the store. It ends by itself, so
 * that one who has died keeps nobody for long.
 */
#ifndef CORACLE_CACHE_LEASE_H
#define CORACLE_CACHE_LEASE_H

#include "cache/caches.h"
#include "cache/key.h"

struct cor_lease {
	struct cor_ctx *ctx;
	struct cor_cache_here *here;
	struct cor_cache_key key; /* of the lease */
	char token[8];            /* what is put there: whose it is */
	bool is_put;              /* into the store, by us */
	bool is_unsure;           /* whether it is: the answer was lost */
	int64_t until_ns;         /* from then on it may be another's */
};

/**
 * Ask for it. Yields as the store does. Returns 0; or -EEXIST: another process loads. A cache that
 * no other process uses, one that fails and a key that is too long have no lease: everybody has it.
 */
int cor_lease_take(struct cor_lease *lease, struct cor_ctx *ctx, struct cor_cache_here *here,
	struct cor_str key) COR_CHECKED;

/**
 * Wait until nobody has it, or what is loaded is there. Yields. Returns 0, or what the scope has
 * come to.
 */
int cor_lease_await(struct cor_lease *lease) COR_CHECKED;

/** Give it back. Yields as the store does, deaf to scopes for a short time. */
void cor_lease_give(struct cor_lease *lease);

#endif
