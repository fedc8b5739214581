/* SPDX-License-Identifier: MIT */
/** Copies that are kept in front of a store: found while they count, and kept. */
#ifndef CORACLE_NEAR_STORE_COPY_H
#define CORACLE_NEAR_STORE_COPY_H

#include "near_store/near.h"

/** When a store is asked: what the copy of its answer will be judged by. */
struct cor_near_asking {
	struct cor_near *near;
	struct cor_str key;
	uint64_t count;
	int64_t asked_ns;
};

/**
 * Find a copy that counts. Never yields. Returns 0; or a code: there is none, and *ret_asking is
 * filled in, for the store to be asked now.
 */
int cor_near_find(struct cor_near *near, struct cor_str key, struct cor_arena *arena,
	struct cor_item *ret, struct cor_near_asking *ret_asking) COR_CHECKED;

/**
 * Keep a copy of what the store has said, as long as it may live: counted from when it was asked
 * for. What cannot be kept is not. Never yields.
 */
void cor_near_keep(const struct cor_near_asking *asking, const struct cor_item *item);

#endif
