/* SPDX-License-Identifier: MIT */
/** What must hold of a shelf whenever nobody is in it. */
#ifndef CORACLE_TESTS_SHELF_SOUND_H
#define CORACLE_TESTS_SHELF_SOUND_H

#include "stores.h"

#include "shelf/bytes.h"
#include "shelf/index.h"
#include "shelf/shelf.h"

static inline uint32_t count_runs(const struct cor_shelf_part *part, uint32_t unit, uint8_t *owned)
{
	const struct cor_shelf_entry *entry = cor_shelf_entry(part, unit);
	uint32_t sum = 0, first = unit, len = entry->run, more = entry->more;

	for (;;) {
		for (uint32_t i = 0; i < len; i++) {
			assert_true(first + i < part->units_len);
			assert_int_equal(owned[first + i]++, 0);
		}
		sum += len;
		if (more == COR_SHELF_NONE)
			break;
		first = more;
		len = part->links[more].after;
		more = part->links[more].before;
	}
	assert_int_equal(sum, cor_shelf_units_of(entry->key_bytes, entry->value_bytes));
	return sum;
}

static inline void check_entries(const struct cor_shelf_part *part, uint8_t *owned)
{
	uint32_t entries = 0, aging = 0, units = 0;

	for (uint32_t i = 0; i < part->slots_len; i++) {
		uint64_t slot = cor_shelf_slot_at(part, i);
		uint32_t unit = cor_shelf_slot_unit(slot);

		if (slot == 0)
			continue;
		const struct cor_shelf_entry *entry = cor_shelf_entry(part, unit);
		assert_int_equal(part->begins[unit], COR_SHELF_ENTRY);
		assert_int_equal(entry->tag, cor_shelf_slot_tag(slot));
		entries++;
		units += count_runs(part, unit, owned);
		assert_int_equal(entry->age_at == COR_SHELF_NONE, entry->expires_ns == COR_FOREVER);
		if (entry->age_at != COR_SHELF_NONE) {
			aging++;
			assert_int_equal(part->ages[entry->age_at].unit, unit);
			assert_int_equal(part->ages[entry->age_at].key, entry->expires_ns);
		}
	}
	assert_int_equal(entries, part->state->entries);
	assert_true(entries <= part->entries_max);
	assert_int_equal(aging, part->state->ages_len);
	assert_int_equal(units + part->state->units_free, part->units_len);
}

static inline void check_free(const struct cor_shelf_part *part, uint8_t *owned)
{
	for (uint32_t order = 0; order < COR_SHELF_ORDERS; order++) {
		uint32_t first = part->state->free[order], before = COR_SHELF_NONE;

		assert_int_equal(first != COR_SHELF_NONE, part->state->orders_free >> order & 1);
		for (; first != COR_SHELF_NONE; first = part->links[first].after) {
			assert_int_equal(part->links[first].before, before);
			assert_int_equal(part->begins[first], COR_SHELF_FREE + order);
			for (uint32_t i = 0; i < UINT32_C(1) << order; i++)
				assert_int_equal(owned[first + i]++, 0);
			before = first;
		}
	}
}

static inline void check_heap(const struct cor_shelf_rank *ranks, uint32_t len)
{
	for (uint32_t i = 1; i < len; i++)
		assert_true(ranks[(i - 1) / 4].key <= ranks[i].key);
}

static inline void check_queues(const struct cor_shelf_part *part)
{
	uint32_t len = 0;

	for (uint8_t i = 0; i < COR_SHELF_QUEUES; i++) {
		uint32_t unit = part->state->queues[i].newest, before = COR_SHELF_NONE, own = 0;

		for (; unit != COR_SHELF_NONE; unit = part->links[unit].after) {
			assert_int_equal(part->links[unit].before, before);
			assert_int_equal(cor_shelf_entry(part, unit)->queue, i);
			before = unit;
			own++;
		}
		assert_int_equal(part->state->queues[i].oldest, before);
		assert_int_equal(part->state->queues[i].len, own);
		len += own;
	}
	assert_int_equal(len, part->state->entries);
}

static inline void check_part(const struct cor_shelf_part *part)
{
	uint8_t *owned = calloc(1, part->units_len);

	assert_non_null(owned);
	check_entries(part, owned);
	check_free(part, owned);
	for (uint32_t i = 0; i < part->units_len; i++)
		assert_int_equal(owned[i], 1);
	check_heap(part->ages, part->state->ages_len);
	if (part->ranks)
		check_heap(part->ranks, part->state->ranks_len);
	else
		check_queues(part);
	assert_int_equal(part->state->is_changing, 0);
	free(owned);
}

static inline void check_shelf(struct cor_store *of)
{
	const struct cor_shelf *shelf = (const struct cor_shelf *)(const void *)of;

	for (uint32_t i = 0; i < shelf->parts_len; i++)
		check_part(&shelf->parts[i]);
}

#endif
