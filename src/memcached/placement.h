/* SPDX-License-Identifier: MIT */
/**
 * On which server a key is: the same one as other clients of memcached choose.
 *
 * Rendezvous is that of pymemcache's HashClient (murmur3 of "server-key"); ketama, plain and
 * weighted, that of libmemcached (MD5).
 */
#ifndef CORACLE_MEMCACHED_PLACEMENT_H
#define CORACLE_MEMCACHED_PLACEMENT_H

#include <stdbool.h>

#include <coracle/memcached.h>

#include "memcached/servers.h"

struct cor_memcached_point {
	uint32_t value;
	uint32_t server;
};

struct cor_memcached_placement {
	enum cor_placement how;
	const struct cor_memcached_servers *servers;
	struct cor_memcached_point *points; /* of ketama, by their value */
	size_t len;
};

/** In the arena; the servers are borrowed. Returns 0 or -ENOMEM. */
int cor_memcached_place(struct cor_arena *arena, enum cor_placement how,
	const struct cor_memcached_servers *servers,
	struct cor_memcached_placement *ret) COR_CHECKED;

/**
 * The index of the server of a key. Those that `is_out` names (NULL: none) are passed over, unless
 * all are out.
 */
size_t cor_memcached_find(
	const struct cor_memcached_placement *placement, struct cor_str key, const bool *is_out);

/** MurmurHash3, 32 bits, of the two texts with a '-' between them. */
uint32_t cor_memcached_murmur(struct cor_str name, struct cor_str key);

#endif
