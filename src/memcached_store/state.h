/* SPDX-License-Identifier: MIT */
/** An open store of memcached: its servers, and what it has counted. */
#ifndef CORACLE_MEMCACHED_STORE_STATE_H
#define CORACLE_MEMCACHED_STORE_STATE_H

#include <stdatomic.h>

#include <coracle/memcached.h>

#include "memcached/placement.h"
#include "memcached_store/links.h"
#include "memcached_store/node.h"
#include "store/kind.h"

struct cor_memcached_counts {
	_Atomic uint64_t hits, misses, puts, deletes, errors;
	_Atomic uint64_t causes[COR_STORE_CAUSES];
};

struct cor_memcached_state {
	struct cor_store store; /* first: this is one */
	struct cor_arena arena;
	const struct cor_cache *cache;
	struct cor_memcached options; /* with numbers for all defaults */
	struct cor_memcached_servers servers;
	struct cor_memcached_placement placement;
	struct cor_memcached_node *nodes; /* in the order of the servers */
	struct cor_memcached_node_rules rules;
	struct cor_resolver *resolver;
	struct cor_str login;
	struct cor_filter_source *tls;     /* NULL: none */
	struct cor_memcached_links *links; /* of all threads */
	struct cor_memcached_counts counts;
};

static inline struct cor_memcached_state *cor_memcached_state_of(struct cor_store *store)
{
	return (struct cor_memcached_state *)store;
}

static inline void cor_memcached_count(_Atomic uint64_t *count)
{
	atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
}

static inline void cor_memcached_count_cause(
	struct cor_memcached_state *state, enum cor_store_cause cause)
{
	cor_memcached_count(&state->counts.causes[cause]);
	cor_store_tell(&state->store, cause, 1);
}

#endif
