/* SPDX-License-Identifier: MIT */
#include "near_store/changes.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <coracle/random.h>

int cor_near_changes_init(void *place, size_t bytes)
{
	struct cor_near_changes *changes = place;

	(void)bytes;
	cor_random_fill(&changes->seed, sizeof changes->seed);
	return 0;
}

_Atomic uint64_t *cor_near_counter(struct cor_near_changes *changes, struct cor_str key)
{
	uint64_t hash = XXH3_64bits_withSeed(key.data, key.len, changes->seed);

	return &changes->counters[hash & (COR_NEAR_COUNTERS - 1)];
}

void cor_near_all_changed(struct cor_near_changes *changes)
{
	for (size_t i = 0; i < COR_NEAR_COUNTERS; i++)
		cor_near_changed(&changes->counters[i]);
}
