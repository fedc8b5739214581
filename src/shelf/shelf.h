/* SPDX-License-Identifier: MIT */
/**
 * A store in a fixed piece of memory, of one process or of several: what cor_memory_store and
 * cor_shared_store have in common. Its functions, and those of open.h and each.h, are of struct
 * cor_store_kind.
 *
 * It has 1 to 64 parts, by the hash of the key, each with a lock of its own. In memory that
 * processes share the lock survives its owner: who dies in the middle of a change leaves a part
 * that the next owner empties (counted as lost), who dies while reading leaves it as it is. Who is
 * stopped there is waited for once, for 50 ms in
 * which nobody else has the lock; until the lock is free again, calls
 * that meet it fail with -EBUSY, and are counted as errors.
 */
#ifndef CORACLE_SHELF_SHELF_H
#define CORACLE_SHELF_SHELF_H

#include "shelf/keep.h"
#include "store/kind.h"

struct cor_shelf {
	struct cor_store store;
	void *place;
	size_t bytes;
	bool is_mapped; /* `place` is its own */
	bool is_shared;
	uint64_t seed;
	uint32_t value_bytes;
	uint32_t unit_cost; /* of a unit, in bytes of the cache */
	uint32_t parts_len; /* a power of two */
	struct cor_shelf_part parts[];
};

int cor_shelf_get(
	struct cor_store *store, struct cor_str key, struct cor_arena *arena, struct cor_item *ret);
int cor_shelf_put(
	struct cor_store *store, struct cor_str key, const struct cor_item *item, enum cor_put how);
int cor_shelf_remove(struct cor_store *store, struct cor_str key);
int cor_shelf_touch(struct cor_store *store, struct cor_str key, int64_t ttl_ms);
int cor_shelf_add(struct cor_store *store, struct cor_str key, int64_t by,
	const struct cor_item *first, uint64_t *ret);
int cor_shelf_clear(struct cor_store *store);
void cor_shelf_figures(struct cor_store *store, struct cor_store_figures *ret);

#endif
