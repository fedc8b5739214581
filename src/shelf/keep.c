/* SPDX-License-Identifier: MIT */
#include "shelf/keep.h"

#include <string.h>

#include "segment/counter.h"
#include "shelf/bytes.h"
#include "shelf/index.h"
#include "shelf/order.h"
#include "shelf/rank.h"
#include "shelf/room.h"

#define SWEPT 2 /* entries whose time is over that a put drops at most, but to make room */

static void show(const struct cor_shelf_part *part)
{
	struct cor_shelf_state *state = part->state;

	atomic_store_explicit(&state->entries_now, state->entries, memory_order_relaxed);
	atomic_store_explicit(
		&state->units_now, part->units_len - state->units_free, memory_order_relaxed);
}

void cor_shelf_reset(const struct cor_shelf_part *part, bool is_new)
{
	struct cor_shelf_state *state = part->state;

	if (!is_new) {
		memset((void *)(uintptr_t)part->slots, 0, part->slots_len * sizeof *part->slots);
		memset(part->begins, 0, part->units_len);
	}
	state->entries = 0;
	state->ages_len = 0;
	cor_shelf_order_reset(part);
	cor_shelf_room_reset(part);
	show(part);
}

/* --- when it expires --- */

void cor_shelf_expire_at(const struct cor_shelf_part *part, uint32_t unit, int64_t expires_ns)
{
	struct cor_shelf_entry *entry = cor_shelf_entry(part, unit);
	struct cor_shelf_ranks ages = cor_shelf_ages(part);

	entry->expires_ns = expires_ns;
	if (entry->age_at == COR_SHELF_NONE && expires_ns != COR_FOREVER) {
		cor_shelf_rank_add(&ages, unit, (uint64_t)expires_ns);
	} else if (expires_ns != COR_FOREVER) {
		cor_shelf_rank_move(&ages, unit, (uint64_t)expires_ns);
	} else if (entry->age_at != COR_SHELF_NONE) {
		cor_shelf_rank_drop(&ages, unit);
		entry->age_at = COR_SHELF_NONE;
	}
}

/* Drop one whose time is over. False: there is none. */
static bool drop_expired(const struct cor_shelf_part *part, int64_t now_ns)
{
	if (part->state->ages_len == 0 || (int64_t)part->ages[0].key > now_ns)
		return false;
	cor_shelf_count(part, &part->state->expired, COR_STORE_EXPIRED, 1);
	cor_shelf_drop(part, part->ages[0].unit);
	return true;
}

/* --- in and out --- */

uint32_t cor_shelf_find(
	const struct cor_shelf_part *part, const struct cor_shelf_key *key, int64_t now_ns)
{
	uint32_t unit = cor_shelf_index_find(part, key->tag, key->text);

	if (unit == COR_SHELF_NONE || cor_shelf_entry(part, unit)->expires_ns > now_ns)
		return unit;
	cor_shelf_changing(part, true);
	cor_shelf_count(part, &part->state->expired, COR_STORE_EXPIRED, 1);
	cor_shelf_drop(part, unit);
	cor_shelf_changing(part, false);
	return COR_SHELF_NONE;
}

bool cor_shelf_fits(const struct cor_shelf_part *part, size_t key_bytes, size_t value_bytes)
{
	return cor_shelf_units_of(key_bytes, value_bytes) <= part->units_len;
}

void cor_shelf_drop(const struct cor_shelf_part *part, uint32_t unit)
{
	const struct cor_shelf_entry *entry = cor_shelf_entry(part, unit);
	struct cor_shelf_ranks ages = cor_shelf_ages(part);

	cor_shelf_index_drop(part, entry->tag, unit);
	cor_shelf_order_drop(part, unit);
	if (entry->age_at != COR_SHELF_NONE)
		cor_shelf_rank_drop(&ages, unit);
	cor_shelf_drop_bytes(part, unit);
	part->state->entries--;
	show(part);
}

static void make_room(const struct cor_shelf_part *part, uint32_t units, int64_t now_ns)
{
	const struct cor_shelf_state *state = part->state;

	while (state->entries >= part->entries_max || state->units_free < units) {
		if (drop_expired(part, now_ns))
			continue;
		cor_shelf_count(part, &part->state->evicted, COR_STORE_EVICTED, 1);
		cor_shelf_drop(part, cor_shelf_order_victim(part));
	}
}

static uint32_t keep_new(const struct cor_shelf_part *part, const struct cor_shelf_key *key,
	struct cor_str value, uint32_t standing, int64_t now_ns)
{
	make_room(part, cor_shelf_units_of(key->text.len, value.len), now_ns);
	uint32_t unit = cor_shelf_make_bytes(part, key->text, value);
	struct cor_shelf_entry *entry = cor_shelf_entry(part, unit);

	entry->tag = key->tag;
	entry->age_at = COR_SHELF_NONE;
	cor_shelf_index_add(part, key->tag, unit);
	cor_shelf_order_add(part, unit, standing);
	part->state->entries++;
	return unit;
}

/* Most values are replaced by others of about their length. */
static bool replace(const struct cor_shelf_part *part, uint32_t unit, struct cor_str value)
{
	const struct cor_shelf_entry *entry = cor_shelf_entry(part, unit);

	if (cor_shelf_units_of(entry->key_bytes, value.len) !=
		cor_shelf_units_of(entry->key_bytes, entry->value_bytes))
		return false;
	cor_shelf_write_value(part, unit, value);
	cor_shelf_order_again(part, unit);
	return true;
}

void cor_shelf_keep(const struct cor_shelf_part *part, uint32_t unit,
	const struct cor_shelf_key *key, struct cor_str value, int64_t expires_ns, int64_t now_ns)
{
	uint32_t standing = 0;

	if (unit == COR_SHELF_NONE || !replace(part, unit, value)) {
		if (unit != COR_SHELF_NONE) {
			standing = cor_shelf_order_standing(part, unit);
			cor_shelf_drop(part, unit);
		}
		unit = keep_new(part, key, value, standing, now_ns);
	}
	cor_shelf_entry(part, unit)->version = ++part->state->version;
	cor_shelf_expire_at(part, unit, expires_ns);
	for (int i = 0; i < SWEPT && drop_expired(part, now_ns); i++) {
	}
	show(part);
}

void cor_shelf_empty(const struct cor_shelf_part *part)
{
	if (part->state->entries > part->slots_len / 16) {
		cor_shelf_reset(part, false);
		return;
	}
	while (part->state->entries != 0)
		cor_shelf_drop(part, cor_shelf_order_victim(part));
}
