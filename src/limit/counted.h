/* SPDX-License-Identifier: MIT */
/**
 * What is used of a rate, in a store that several machines have, or that outlives the service: the
 * same number as in the table (when all would be there again), by the clocks of the machines.
 */
#ifndef CORACLE_LIMIT_COUNTED_H
#define CORACLE_LIMIT_COUNTED_H

#include <coracle/store.h>

#include "limit/table.h"

/** What the store was asked for. */
struct cor_limit_asked {
	uint32_t hits;
	uint32_t misses;
	uint32_t puts; /* that were kept */
};

/**
 * Take one, if there is one. Of several that do so at the same time each is counted: who has been
 * overtaken tries again, until its scope is over. A clock that is ahead of this one has nobody
 * refused for longer than the rate takes to come back. Yields as the store does. Returns 0 and
 * *ret, which may say that none is taken, or a code as cor_store_put(). *ret_asked is for the
 * metrics, whatever is returned.
 */
int cor_limit_count(struct cor_store *store, struct cor_str key, const struct cor_rate *rate,
	struct cor_rate_state *ret, struct cor_limit_asked *ret_asked) COR_CHECKED;

#endif
