/* SPDX-License-Identifier: MIT */
#include "shelf/index.h"

#include "shelf/bytes.h"

static inline uint32_t home(const struct cor_shelf_part *part, uint32_t tag)
{
	return (uint32_t)((uint64_t)tag * part->slots_len >> 32);
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
	for (uint32_t at = home(part, tag);; at = next(part, at)) {
		struct cor_shelf_slot slot = part->slots[at];

		if (slot.unit_and_1 == 0)
			return COR_SHELF_NONE;
		if (slot.tag == tag && cor_shelf_has_key(part, slot.unit_and_1 - 1, key))
			return slot.unit_and_1 - 1;
	}
}

void cor_shelf_index_add(const struct cor_shelf_part *part, uint32_t tag, uint32_t unit)
{
	uint32_t at = home(part, tag);

	while (part->slots[at].unit_and_1 != 0)
		at = next(part, at);
	part->slots[at] = (struct cor_shelf_slot){ tag, unit + 1 };
}

/* Those behind the gap move into it, if they are not at home there: no marks of what was. */
static void close_gap(const struct cor_shelf_part *part, uint32_t gap)
{
	for (uint32_t at = next(part, gap); part->slots[at].unit_and_1 != 0; at = next(part, at)) {
		uint32_t from = home(part, part->slots[at].tag);

		if (distance(part, from, at) < distance(part, gap, at))
			continue;
		part->slots[gap] = part->slots[at];
		gap = at;
	}
	part->slots[gap] = (struct cor_shelf_slot){ 0, 0 };
}

void cor_shelf_index_drop(const struct cor_shelf_part *part, uint32_t tag, uint32_t unit)
{
	uint32_t at = home(part, tag);

	while (part->slots[at].unit_and_1 != unit + 1)
		at = next(part, at);
	close_gap(part, at);
}
