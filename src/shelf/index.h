/* SPDX-License-Identifier: MIT */
/**
 * Entries by their keys: open addressing, linear probing. A slot has the tag of a key in its upper
 * half, and the unit of its entry and 1 in the lower; 0: nothing.
 */
#ifndef CORACLE_SHELF_INDEX_H
#define CORACLE_SHELF_INDEX_H

#include "shelf/part.h"

static inline uint32_t cor_shelf_slot_tag(uint64_t slot)
{
	return (uint32_t)(slot >> 32);
}

static inline uint32_t cor_shelf_slot_unit(uint64_t slot)
{
	return (uint32_t)slot - 1;
}

static inline uint64_t cor_shelf_slot_at(const struct cor_shelf_part *part, uint32_t at)
{
	return atomic_load_explicit(&part->slots[at], memory_order_relaxed);
}

/** Where the search for a tag begins. */
static inline uint32_t cor_shelf_home(const struct cor_shelf_part *part, uint32_t tag)
{
	return (uint32_t)((uint64_t)tag * part->slots_len >> 32);
}

/** The only two that need no lock: fetch what will be read of the index, then of the entry. */
static inline void cor_shelf_index_fetch(const struct cor_shelf_part *part, uint32_t tag)
{
	__builtin_prefetch((const void *)(uintptr_t)&part->slots[cor_shelf_home(part, tag)]);
}

static inline void cor_shelf_index_fetch_entry(const struct cor_shelf_part *part, uint32_t tag)
{
	uint64_t slot = cor_shelf_slot_at(part, cor_shelf_home(part, tag));
	uint32_t unit = cor_shelf_slot_unit(slot);

	if (slot == 0 || cor_shelf_slot_tag(slot) != tag)
		return;
	__builtin_prefetch(part->units + (size_t)unit * COR_SHELF_UNIT);
	__builtin_prefetch(part->units + (size_t)unit * COR_SHELF_UNIT + COR_SHELF_UNIT);
}

/** The entry of a key, or COR_SHELF_NONE. */
uint32_t cor_shelf_index_find(const struct cor_shelf_part *part, uint32_t tag, struct cor_str key);

/** It is not there yet, and there are fewer than .entries_max. */
void cor_shelf_index_add(const struct cor_shelf_part *part, uint32_t tag, uint32_t unit);

/** It is there. */
void cor_shelf_index_drop(const struct cor_shelf_part *part, uint32_t tag, uint32_t unit);

#endif
