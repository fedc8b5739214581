/* SPDX-License-Identifier: MIT */
/**
 * What tells the processes of a machine that an entry has changed: counters in memory that they
 * share, one for each of many keys by their hash. A copy is good while the counter is what it was
 * before the copy was asked for.
 *
 * Counters have no lock and only grow, so a process may die at any instruction. Keys that share a
 * counter cost each other a copy, never more. Nothing here yields or fails; any thread.
 */
#ifndef CORACLE_NEAR_STORE_CHANGES_H
#define CORACLE_NEAR_STORE_CHANGES_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/str.h>

#define COR_NEAR_COUNTERS 8192 /* a power of two; 64 KiB */

struct cor_near_changes {
	uint64_t seed; /* of the hash */
	_Atomic uint64_t counters[COR_NEAR_COUNTERS];
};

/** Prepare zeroed memory, as .init of a region (segment.h). */
int cor_near_changes_init(void *place, size_t bytes);

/** The counter of a key. */
_Atomic uint64_t *cor_near_counter(struct cor_near_changes *changes, struct cor_str key);

/** How often what is behind it has changed. */
static inline uint64_t cor_near_count(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_acquire);
}

/** It has changed, or may have. */
static inline void cor_near_changed(_Atomic uint64_t *counter)
{
	atomic_fetch_add_explicit(counter, 1, memory_order_release);
}

/** Everything has changed. */
void cor_near_all_changed(struct cor_near_changes *changes);

#endif
