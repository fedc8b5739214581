/* SPDX-License-Identifier: MIT */
#include "shelf/index.h"

#include "shelf/bytes.h"

static inline void set(const struct cor_shelf_part *part, uint32_t at, uint64_t slot)
{
	atomic_store_explicit(&part->slots[at], slot, memory_order_relaxed);
}

static inline uint32_t next(const struct cor_shelf_part *part, uint32_t at)
{
	return at + 1 == part->slots_len ? 0 : at + 1;
}

/* How far it is from one to the other, forward. */
static uint32_t distance(const struct cor_shelf_part *part, uint32_t from, uint32_t to)
{
	return to >= from ? to - from : to + part->slots_len - from;
}

uint32_t cor_shelf_index_find(const struct cor_shelf_part *part, uint32_t tag, struct cor_str key)
{
	for (uint32_t at = cor_shelf_home(part, tag);; at = next(part, at)) {
		uint64_t slot = cor_shelf_slot_at(part, at);
		uint32_t unit = cor_shelf_slot_unit(slot);

		if (slot == 0)
			return COR_SHELF_NONE;
		if (cor_shelf_slot_tag(slot) == tag && cor_shelf_has_key(part, unit, key))
			return unit;
	}
}

void cor_shelf_index_add(const struct cor_shelf_part *part, uint32_t tag, uint32_t unit)
{
	uint32_t at = cor_shelf_home(part, tag);

	while (cor_shelf_slot_at(part, at) != 0)
		at = next(part, at);
	set(part, at, (uint64_t)tag << 32 | (unit + 1));
}

/* Those behind the gap move into it, if they are not at home there: no marks of what was. */
static void close_gap(const struct cor_shelf_part *part, uint32_t gap)
{
	uint32_t at = gap;

	for (;;) {
		at = next(part, at);
		uint64_t slot = cor_shelf_slot_at(part, at);
		uint32_t from = cor_shelf_home(part, cor_shelf_slot_tag(slot));

		if (slot == 0)
			break;
		if (distance(part, from, at) < distance(part, gap, at))
			continue;
		set(part, gap, slot);
		gap = at;
	}
	set(part, gap, 0);
}

void cor_shelf_index_drop(const struct cor_shelf_part *part, uint32_t tag, uint32_t unit)
{
	uint32_t at = cor_shelf_home(part, tag);

	while (cor_shelf_slot_unit(cor_shelf_slot_at(part, at)) != unit)
		at = next(part, at);
	close_gap(part, at);
}
