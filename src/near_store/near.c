/* SPDX-License-Identifier: MIT */
#include "near_store/near.h"

#include <errno.h>
#include <stdlib.h>

#include <coracle/error.h>

#include "near_store/copy.h"
#include "segment/counter.h"
#include "store/open.h"

static struct cor_near *near_of(struct cor_store *store)
{
	return (struct cor_near *)(void *)store;
}

/* --- what asks --- */

static int get(
	struct cor_store *store, struct cor_str key, struct cor_arena *arena, struct cor_item *ret)
{
	struct cor_near *near = near_of(store);
	struct cor_near_asking asking;
	int rc = cor_near_find(near, key, arena, ret, &asking);

	if (rc == 0)
		return 0;
	rc = cor_store_get(near->far, key, arena, ret);
	if (rc == 0)
		cor_near_keep(&asking, ret);
	return rc;
}

/* Those of several that have no copy, as the store is asked for them. */
struct absent {
	size_t len;
	struct cor_near_asking *askings;
	struct cor_str *keys;
	struct cor_item *items;
	size_t *places; /* of each in what the caller gave */
};

static bool make_room(struct cor_arena *arena, size_t len, struct absent *ret)
{
	*ret = (struct absent){
		.askings = cor_arena_alloc(arena, len * sizeof *ret->askings),
		.keys = cor_arena_alloc(arena, len * sizeof *ret->keys),
		.items = cor_arena_alloc(arena, len * sizeof *ret->items),
		.places = cor_arena_alloc(arena, len * sizeof *ret->places),
	};
	return ret->askings && ret->keys && ret->items && ret->places;
}

static void take(const struct absent *absent, struct cor_item *items)
{
	for (size_t i = 0; i < absent->len; i++) {
		items[absent->places[i]] = absent->items[i];
		if (absent->items[i].value.data)
			cor_near_keep(&absent->askings[i], &absent->items[i]);
	}
}

static ssize_t get_many(struct cor_store *store, const struct cor_str *keys, size_t len,
	struct cor_arena *arena, struct cor_item *items)
{
	struct cor_near *near = near_of(store);
	struct absent absent;

	if (len == 0)
		return 0;
	if (!make_room(arena, len, &absent))
		return -ENOMEM;
	for (size_t i = 0; i < len; i++) {
		if (cor_near_find(near, keys[i], arena, &items[i], &absent.askings[absent.len]) ==
			0)
			continue;
		absent.keys[absent.len] = keys[i];
		absent.places[absent.len++] = i;
	}
	ssize_t found = (ssize_t)(len - absent.len);
	if (absent.len == 0)
		return found;
	ssize_t more = cor_store_get_many(near->far, absent.keys, absent.len, arena, absent.items);
	if (more < 0)
		return found == 0 ? more : found;
	take(&absent, items);
	return found + more;
}

/* --- what changes: only once it is done, since who asks before that gets what was before --- */

static int changed(struct cor_store *store, struct cor_str key, int rc)
{
	cor_near_changed(cor_near_counter(near_of(store)->changes, key));
	return rc;
}

static int put(
	struct cor_store *store, struct cor_str key, const struct cor_item *item, enum cor_put how)
{
	return changed(store, key, cor_store_put(near_of(store)->far, key, item, how));
}

static int remove_one(struct cor_store *store, struct cor_str key)
{
	return changed(store, key, cor_store_delete(near_of(store)->far, key));
}

static int touch(struct cor_store *store, struct cor_str key, int64_t ttl_ms)
{
	return changed(store, key, cor_store_touch(near_of(store)->far, key, ttl_ms));
}

static int add(struct cor_store *store, struct cor_str key, int64_t by,
	const struct cor_item *first, uint64_t *ret)
{
	return changed(store, key, cor_store_add(near_of(store)->far, key, by, first, ret));
}

static ssize_t put_many(struct cor_store *store, const struct cor_str *keys,
	const struct cor_item *items, size_t len)
{
	ssize_t kept = cor_store_put_many(near_of(store)->far, keys, items, len);

	for (size_t i = 0; i < len; i++)
		changed(store, keys[i], 0);
	return kept;
}

static int clear(struct cor_store *store)
{
	struct cor_near *near = near_of(store);
	int rc = cor_store_clear(near->far);

	cor_near_all_changed(near->changes);
	cor_ignore(cor_store_clear(near->copies));
	return rc;
}

/* --- the rest --- */

static int each(struct cor_store *store,
	bool (*visit)(void *arg, struct cor_str key, const struct cor_item *item), void *arg)
{
	return cor_store_each(near_of(store)->far, visit, arg);
}

static void figures(struct cor_store *store, struct cor_store_figures *ret)
{
	struct cor_near *near = near_of(store);
	uint64_t refused = cor_counter_read(&near->refused);
	struct cor_store_figures copies;

	cor_store_figures(near->far, ret);
	cor_store_figures(near->copies, &copies);
	ret->near_hits = copies.hits > refused ? copies.hits - refused : 0;
	ret->near_entries = copies.entries;
	ret->near_bytes = copies.bytes;
	ret->hits += ret->near_hits;
}

static struct cor_store *behind(struct cor_store *store)
{
	return near_of(store)->far;
}

static void forget(struct cor_store *store, struct cor_str key)
{
	cor_ignore(cor_store_delete(near_of(store)->copies, key));
}

/* --- open and close --- */

static size_t place_bytes(const struct cor_cache *cache)
{
	(void)cache;
	return sizeof(struct cor_near_changes);
}

/* In a program there is no place that others have, too. */
static int find_changes(struct cor_near *near, void *place)
{
	near->changes = place;
	if (place)
		return 0;
	near->own = place = calloc(1, sizeof *near->changes);
	if (!place)
		return -ENOMEM;
	near->changes = place;
	return cor_near_changes_init(place, sizeof *near->changes);
}

static int open_copies(struct cor_near *near, const struct cor_cache *cache)
{
	near->copies_cache = (struct cor_cache){
		.name = cache->name,
		.store = &cor_memory_store,
		.prefix = "",
		.entries = cache->near_entries,
		.bytes = cache->near_bytes,
		.value_bytes = cache->value_bytes + (uint32_t)sizeof(struct cor_near_head),
		.ttl_ms = cache->near_ttl_ms,
		.evicts = cache->evicts,
	};
	return cor_store_open_at(&near->copies_cache, NULL, &near->copies);
}

static void close_near(struct cor_store *store)
{
	struct cor_near *near = near_of(store);

	cor_store_close(near->far);
	cor_store_close(near->copies);
	free(near->own);
	free(near);
} /* NOLINT(analyzer-malloc-leak): it is the same near */

static int open_near(const struct cor_cache *cache, void *place, struct cor_store **ret)
{
	struct cor_near *near = calloc(1, sizeof *near);
	int rc;

	if (!near)
		return -ENOMEM;
	rc = find_changes(near, place);
	if (rc == 0)
		rc = open_copies(near, cache);
	if (rc == 0)
		rc = cor_store_open_behind(cache, &near->far);
	if (rc < 0)
		close_near(&near->store);
	else
		*ret = &near->store; /* NOLINT(analyzer-malloc-leak): a part of it */
	return rc;
}

const struct cor_store_kind cor_near_store = {
	.name = "near",
	.is_common = true,
	.place_bytes = place_bytes,
	.place_init = cor_near_changes_init,
	.open = open_near,
	.close = close_near,
	.get = get,
	.put = put,
	.remove = remove_one,
	.touch = touch,
	.add = add,
	.get_many = get_many,
	.put_many = put_many,
	.clear = clear,
	.each = each,
	.figures = figures,
	.behind = behind,
	.forget = forget,
};
