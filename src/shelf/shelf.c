/* SPDX-License-Identifier: MIT */
#include "shelf/shelf.h"

#include <errno.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <coracle/error.h>

#include "base/number.h"
#include "runtime/ahead.h"
#include "runtime/clock.h"
#include "segment/counter.h"
#include "shelf/bytes.h"
#include "shelf/enter.h"
#include "shelf/index.h"
#include "shelf/order.h"

/* --- where --- */

/* What a call is about: a key, and in which part it is. */
struct spot {
	const struct cor_shelf_part *part;
	struct cor_shelf_key key;
	int64_t now_ns;
};

static struct cor_shelf *shelf_of(struct cor_store *store)
{
	return (struct cor_shelf *)(void *)store;
}

/* `now_ns` may take its time: the slot of the key comes meanwhile. */
static inline int enter_at(
	struct cor_store *store, struct cor_str key, int64_t (*now_ns)(void), struct spot *ret)
{
	const struct cor_shelf *shelf = shelf_of(store);
	uint64_t hash = XXH3_64bits_withSeed(key.data, key.len, shelf->seed);

	ret->part = &shelf->parts[hash & (shelf->parts_len - 1)];
	ret->key = (struct cor_shelf_key){ key, (uint32_t)(hash >> 32) };
	cor_shelf_index_fetch(ret->part, ret->key.tag);
	ret->now_ns = now_ns();
	cor_shelf_index_fetch_entry(ret->part, ret->key.tag);
	return cor_shelf_enter(ret->part);
}

static int enter(struct cor_store *store, struct cor_str key, struct spot *ret)
{
	return enter_at(store, key, cor_monotonic_ns, ret);
}

static inline uint32_t find(const struct spot *spot)
{
	return cor_shelf_find(spot->part, &spot->key, spot->now_ns);
}

/* --- get --- */

/* By a time that is ahead: the clock is asked about what seems to be over. */
static inline uint32_t find_ahead(struct spot *spot)
{
	uint32_t unit = cor_shelf_index_find(spot->part, spot->key.tag, spot->key.text);

	if (unit == COR_SHELF_NONE || cor_shelf_entry(spot->part, unit)->expires_ns > spot->now_ns)
		return unit;
	spot->now_ns = cor_monotonic_ns();
	return find(spot);
}

static int64_t left_ms(int64_t expires_ns, int64_t now_ns)
{
	return expires_ns == COR_FOREVER ? COR_FOREVER
					 : (expires_ns - now_ns - 1) / COR_NS_PER_MS + 1;
}

static int copy_out(
	const struct spot *spot, uint32_t unit, struct cor_arena *arena, struct cor_item *ret)
{
	const struct cor_shelf_entry *entry = cor_shelf_entry(spot->part, unit);
	char *value = cor_arena_alloc(arena, entry->value_bytes);

	if (!value)
		return -ENOMEM;
	cor_shelf_copy_value(spot->part, unit, value);
	*ret = (struct cor_item){
		.value = { value, entry->value_bytes },
		.ttl_ms = left_ms(entry->expires_ns, spot->now_ns),
		.version = entry->version,
	};
	return 0;
}

int cor_shelf_get(
	struct cor_store *store, struct cor_str key, struct cor_arena *arena, struct cor_item *ret)
{
	struct spot spot;
	int rc = enter_at(store, key, cor_monotonic_ahead_ns, &spot);

	if (rc < 0)
		return rc;
	uint32_t unit = find_ahead(&spot);
	rc = unit == COR_SHELF_NONE ? -ENOENT : copy_out(&spot, unit, arena, ret);
	if (rc == 0) {
		cor_shelf_order_use(spot.part, unit);
		cor_count(&spot.part->state->hits, 1);
	} else if (rc == -ENOENT) {
		cor_count(&spot.part->state->misses, 1);
	}
	cor_shelf_leave(spot.part);
	return rc;
}

/* --- put --- */

static int check_how(
	const struct spot *spot, uint32_t unit, const struct cor_item *item, enum cor_put how)
{
	bool is_there = unit != COR_SHELF_NONE;

	if (how == COR_PUT_NEW && is_there)
		return -EEXIST;
	if ((how == COR_PUT_OVER || how == COR_PUT_UNCHANGED) && !is_there)
		return -ENOENT;
	if (how == COR_PUT_UNCHANGED && cor_shelf_entry(spot->part, unit)->version != item->version)
		return -ESTALE;
	return 0;
}

static int keep(const struct cor_shelf *shelf, const struct spot *spot, uint32_t unit,
	struct cor_str value, int64_t expires_ns)
{
	const struct cor_shelf_part *part = spot->part;

	if (value.len > shelf->value_bytes ||
		!cor_shelf_fits(part, spot->key.text.len, value.len)) {
		cor_shelf_count(part, &part->state->too_large, COR_STORE_TOO_LARGE, 1);
		if (unit != COR_SHELF_NONE)
			cor_shelf_drop(part, unit);
		return -COR_ETOOLARGE;
	}
	cor_count(&part->state->puts, 1);
	cor_shelf_keep(part, unit, &spot->key, value, expires_ns, spot->now_ns);
	return 0;
}

int cor_shelf_put(
	struct cor_store *store, struct cor_str key, const struct cor_item *item, enum cor_put how)
{
	struct spot spot;
	int rc = enter(store, key, &spot);

	if (rc < 0)
		return rc;
	uint32_t unit = find(&spot);
	rc = check_how(&spot, unit, item, how);
	if (rc == 0) {
		cor_shelf_changing(spot.part, true);
		rc = keep(shelf_of(store), &spot, unit, item->value,
			cor_clock_after_ms(spot.now_ns, item->ttl_ms));
		cor_shelf_changing(spot.part, false);
	}
	cor_shelf_leave(spot.part);
	return rc;
}

/* --- what is there --- */

int cor_shelf_remove(struct cor_store *store, struct cor_str key)
{
	struct spot spot;
	int rc = enter(store, key, &spot);

	if (rc < 0)
		return rc;
	uint32_t unit = find(&spot);
	if (unit != COR_SHELF_NONE) {
		cor_shelf_changing(spot.part, true);
		cor_shelf_drop(spot.part, unit);
		cor_shelf_changing(spot.part, false);
		cor_count(&spot.part->state->deletes, 1);
	}
	cor_shelf_leave(spot.part);
	return unit == COR_SHELF_NONE ? -ENOENT : 0;
}

int cor_shelf_touch(struct cor_store *store, struct cor_str key, int64_t ttl_ms)
{
	struct spot spot;
	int rc = enter(store, key, &spot);

	if (rc < 0)
		return rc;
	uint32_t unit = find(&spot);
	if (unit != COR_SHELF_NONE) {
		cor_shelf_changing(spot.part, true);
		cor_shelf_expire_at(spot.part, unit, cor_clock_after_ms(spot.now_ns, ttl_ms));
		cor_shelf_order_use(spot.part, unit);
		cor_shelf_changing(spot.part, false);
	}
	cor_shelf_leave(spot.part);
	return unit == COR_SHELF_NONE ? -ENOENT : 0;
}

/* --- numbers --- */

static int read_number(const struct spot *spot, uint32_t unit, uint64_t *ret)
{
	const struct cor_shelf_entry *entry = cor_shelf_entry(spot->part, unit);
	char text[COR_NUMBER_BYTES];

	if (entry->value_bytes > sizeof text)
		return -EBADMSG;
	cor_shelf_copy_value(spot->part, unit, text);
	return cor_number_parse_uint64((struct cor_str){ text, entry->value_bytes }, ret) < 0
		       ? -EBADMSG
		       : 0;
}

static int add_up(uint64_t *number, int64_t by)
{
	if (by >= 0)
		return __builtin_add_overflow(*number, (uint64_t)by, number) ? -ERANGE : 0;
	uint64_t less = 0 - (uint64_t)by;
	*number = less < *number ? *number - less : 0;
	return 0;
}

static int add_to(const struct cor_shelf *shelf, const struct spot *spot, uint32_t unit, int64_t by,
	uint64_t *ret)
{
	int64_t expires_ns = cor_shelf_entry(spot->part, unit)->expires_ns;
	char text[COR_NUMBER_BYTES];
	uint64_t number;
	int rc = read_number(spot, unit, &number);

	if (rc == 0)
		rc = add_up(&number, by);
	if (rc < 0)
		return rc;
	rc = keep(shelf, spot, unit,
		(struct cor_str){ text, cor_number_print_uint64(number, text) }, expires_ns);
	if (rc == 0)
		*ret = number;
	return rc;
}

static int add_first(const struct cor_shelf *shelf, const struct spot *spot,
	const struct cor_item *first, uint64_t *ret)
{
	uint64_t number;
	int rc;

	if (cor_number_parse_uint64(first->value, &number) < 0)
		return -EINVAL;
	rc = keep(shelf, spot, COR_SHELF_NONE, first->value,
		cor_clock_after_ms(spot->now_ns, first->ttl_ms));
	if (rc == 0)
		*ret = number;
	return rc;
}

int cor_shelf_add(struct cor_store *store, struct cor_str key, int64_t by,
	const struct cor_item *first, uint64_t *ret)
{
	struct spot spot;
	int rc = enter(store, key, &spot);

	if (rc < 0)
		return rc;
	uint32_t unit = find(&spot);
	cor_shelf_changing(spot.part, true);
	rc = unit == COR_SHELF_NONE ? add_first(shelf_of(store), &spot, first, ret)
				    : add_to(shelf_of(store), &spot, unit, by, ret);
	cor_shelf_changing(spot.part, false);
	cor_shelf_leave(spot.part);
	return rc;
}

/* --- all --- */

int cor_shelf_clear(struct cor_store *store)
{
	const struct cor_shelf *shelf = shelf_of(store);
	int failed = 0;

	for (uint32_t i = 0; i < shelf->parts_len; i++) {
		const struct cor_shelf_part *part = &shelf->parts[i];
		int rc = cor_shelf_enter(part);

		if (rc < 0) {
			failed = rc;
			continue;
		}
		cor_shelf_changing(part, true);
		cor_shelf_empty(part);
		cor_shelf_changing(part, false);
		cor_shelf_leave(part);
	}
	return failed;
}

void cor_shelf_figures(struct cor_store *store, struct cor_store_figures *ret)
{
	const struct cor_shelf *shelf = shelf_of(store);

	for (uint32_t i = 0; i < shelf->parts_len; i++) {
		const struct cor_shelf_state *state = shelf->parts[i].state;

		ret->hits += cor_counter_read(&state->hits);
		ret->misses += cor_counter_read(&state->misses);
		ret->puts += cor_counter_read(&state->puts);
		ret->deletes += cor_counter_read(&state->deletes);
		ret->evicted += cor_counter_read(&state->evicted);
		ret->expired += cor_counter_read(&state->expired);
		ret->too_large += cor_counter_read(&state->too_large);
		ret->lost += cor_counter_read(&state->lost);
		ret->errors += cor_counter_read(&state->errors);
		ret->entries += cor_counter_read(&state->entries_now);
		ret->bytes += cor_counter_read(&state->units_now) * shelf->unit_cost;
	}
}
