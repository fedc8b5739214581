/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "store/kind.h"

/* --- one entry --- */

static bool is_key(struct cor_str key)
{
	return key.len != 0 && key.len <= COR_CACHE_KEY_BYTES;
}

/* How long it lives; negative: it is no time. */
static int64_t ttl_of(const struct cor_store *store, int64_t ttl_ms)
{
	return ttl_ms == 0 ? store->cache->ttl_ms : ttl_ms;
}

int cor_store_get(struct cor_store *store, struct cor_str key, struct cor_arena *arena,
	struct cor_item *ret_item)
{
	return is_key(key) ? store->kind->get(store, key, arena, ret_item) : -EINVAL;
}

int cor_store_put(
	struct cor_store *store, struct cor_str key, const struct cor_item *item, enum cor_put how)
{
	struct cor_item filled = *item;

	filled.ttl_ms = ttl_of(store, item->ttl_ms);
	if (!is_key(key) || filled.ttl_ms < 0)
		return -EINVAL;
	return store->kind->put(store, key, &filled, how);
}

int cor_store_delete(struct cor_store *store, struct cor_str key)
{
	return is_key(key) ? store->kind->remove(store, key) : -EINVAL;
}

int cor_store_touch(struct cor_store *store, struct cor_str key, int64_t ttl_ms)
{
	int64_t filled = ttl_of(store, ttl_ms);

	return is_key(key) && filled > 0 ? store->kind->touch(store, key, filled) : -EINVAL;
}

int cor_store_add(struct cor_store *store, struct cor_str key, int64_t by,
	const struct cor_item *first, uint64_t *ret_number)
{
	struct cor_item filled = *first;

	filled.ttl_ms = ttl_of(store, first->ttl_ms);
	if (filled.value.len == 0)
		filled.value = COR_STR("0");
	if (!is_key(key) || filled.ttl_ms < 0)
		return -EINVAL;
	return store->kind->add(store, key, by, &filled, ret_number);
}

/* --- several --- */

ssize_t cor_store_get_many(struct cor_store *store, const struct cor_str *keys, size_t len,
	struct cor_arena *arena, struct cor_item *items)
{
	ssize_t found = 0;
	int failed = 0;

	for (size_t i = 0; i < len; i++) {
		items[i] = (struct cor_item){ 0 };
		if (!is_key(keys[i]))
			return -EINVAL;
	}
	if (store->kind->get_many)
		return store->kind->get_many(store, keys, len, arena, items);
	for (size_t i = 0; i < len; i++) {
		int rc = store->kind->get(store, keys[i], arena, &items[i]);

		found += rc == 0;
		failed = rc < 0 && rc != -ENOENT ? rc : failed;
	}
	return found == 0 && failed < 0 ? failed : found;
}

static int check_items(const struct cor_store *store, const struct cor_str *keys,
	const struct cor_item *items, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!is_key(keys[i]) || ttl_of(store, items[i].ttl_ms) < 0)
			return -EINVAL;
	return 0;
}

ssize_t cor_store_put_many(struct cor_store *store, const struct cor_str *keys,
	const struct cor_item *items, size_t len)
{
	int rc = check_items(store, keys, items, len);
	ssize_t kept = 0;

	if (rc < 0)
		return rc;
	if (store->kind->put_many)
		return store->kind->put_many(store, keys, items, len);
	for (size_t i = 0; i < len; i++) {
		int one = cor_store_put(store, keys[i], &items[i], COR_PUT_ALWAYS);

		kept += one == 0;
		rc = one < 0 ? one : rc;
	}
	return kept == 0 && len != 0 ? rc : kept;
}

/* --- all --- */

int cor_store_clear(struct cor_store *store)
{
	return store->kind->clear(store);
}

int cor_store_each(struct cor_store *store,
	bool (*visit)(void *arg, struct cor_str key, const struct cor_item *item), void *arg)
{
	return store->kind->each ? store->kind->each(store, visit, arg) : -ENOTSUP;
}

void cor_store_figures(struct cor_store *store, struct cor_store_figures *ret)
{
	*ret = (struct cor_store_figures){ 0 };
	store->kind->figures(store, ret);
}
