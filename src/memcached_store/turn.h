/* SPDX-License-Identifier: MIT */
/**
 * A request of a store to the server of its key, from the choice of the server to what its answer,
 * or its silence, says of it.
 */
#ifndef CORACLE_MEMCACHED_STORE_TURN_H
#define CORACLE_MEMCACHED_STORE_TURN_H

#include <coracle/api.h>

#include "memcached_store/state.h"

struct cor_memcached_turn {
	struct cor_memcached_state *state;
	struct cor_memcached_link *link;
	size_t node;
	bool is_probe;
	bool was_ready; /* the connection is not new: the server may have closed it */
};

/** The index of the server of a key, with its prefix. */
size_t cor_memcached_node_of(const struct cor_memcached_state *state, struct cor_str key);

/**
 * Begin: it may be asked, and is connected. Yields. Returns 0, and the turn has to end; or, it has
 * ended, -COR_EUNTRIED, -ENOMEM, or as cor_memcached_link_open().
 */
int cor_memcached_turn_begin(
	struct cor_memcached_state *state, size_t node, struct cor_memcached_turn *ret) COR_CHECKED;

/**
 * Ask, within .timeout_ms. Yields. Again over a new connection, if the server has closed the one
 * that was kept. Returns as cor_memcached_link_wait().
 */
int cor_memcached_turn_ask(
	struct cor_memcached_turn *turn, struct cor_memcached_ask *ask) COR_CHECKED;

/** What came of it is told. Returns rc. Never yields. */
int cor_memcached_turn_end(struct cor_memcached_turn *turn, int rc);

#endif
