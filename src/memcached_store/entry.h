/* SPDX-License-Identifier: MIT */
/** One entry: what struct cor_store_kind asks of it. All of it yields. */
#ifndef CORACLE_MEMCACHED_STORE_ENTRY_H
#define CORACLE_MEMCACHED_STORE_ENTRY_H

#include <coracle/api.h>

#include "memcached_store/turn.h"
#include "memcached_store/value.h"

/** A key with its prefix: as long as the longest of both. */
struct cor_memcached_whole {
	size_t len;
	char text[COR_CACHE_PREFIX_BYTES + COR_CACHE_KEY_BYTES];
};

static inline struct cor_str cor_memcached_whole_str(const struct cor_memcached_whole *whole)
{
	return (struct cor_str){ whole->text, whole->len };
}

void cor_memcached_whole_make(const struct cor_memcached_state *state, struct cor_str key,
	struct cor_memcached_whole *ret);

/** The form that it has for the server at the other end of a link. */
void cor_memcached_key_for(
	const struct cor_memcached_link *link, struct cor_str whole, struct cor_memcached_key *ret);

/** Fill in a put of an item, which is not cut: `out` has its flags, head and body. */
void cor_memcached_fill_put(const struct cor_memcached_link *link,
	const struct cor_memcached_outgoing *out, int64_t ttl_ms,
	struct cor_memcached_request *ret);

/**
 * The item in what has come of a get, loading its pieces if it was cut. Yields then. Returns 0,
 * -ENOENT, or a code; and counts it.
 */
int cor_memcached_take_item(struct cor_memcached_turn *turn, struct cor_str whole,
	struct cor_memcached_ask *ask, struct cor_item *ret) COR_CHECKED;

/** What came of a put that was answered: 0, what enum cor_put says, -COR_ETOOLARGE ... */
int cor_memcached_put_result(const struct cor_memcached_ask *ask);

int cor_memcached_get(struct cor_store *store, struct cor_str key, struct cor_arena *arena,
	struct cor_item *ret) COR_CHECKED;
int cor_memcached_put(struct cor_store *store, struct cor_str key, const struct cor_item *item,
	enum cor_put how) COR_CHECKED;
int cor_memcached_remove(struct cor_store *store, struct cor_str key) COR_CHECKED;
int cor_memcached_touch(struct cor_store *store, struct cor_str key, int64_t ttl_ms) COR_CHECKED;

#endif
