/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <coracle/clock.h>
#include <coracle/error.h>

#include "runtime/clock.h"
#include "store/kind.h"

#define ENTRIES 64

struct entry {
	char *key, *value;
	size_t key_len, len;
	int64_t until_ns; /* monotonic */
	uint64_t version;
};

static struct {
	pthread_mutex_t mutex;
	struct entry entries[ENTRIES];
	uint64_t versions;
	int code, puts_code, lost_code;
	unsigned gets, puts;
} all = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static void drop(struct entry *entry)
{
	free(entry->key);
	free(entry->value);
	*entry = (struct entry){ 0 };
}

static struct entry *find(struct cor_str key)
{
	for (size_t i = 0; i < ENTRIES; i++) {
		struct entry *entry = &all.entries[i];
		if (!entry->key || entry->key_len != key.len ||
			memcmp(entry->key, key.data, key.len) != 0)
			continue;
		if (entry->until_ns > cor_monotonic_ns())
			return entry;
		drop(entry);
	}
	return NULL;
}

static char *copy(struct cor_str text)
{
	char *bytes = malloc(text.len + 1);

	if (!bytes)
		abort();
	if (text.len != 0)
		memcpy(bytes, text.data, text.len);
	bytes[text.len] = '\0'; /* numbers are read as text */
	return bytes;
}

static void set(struct cor_str key, struct cor_str value, int64_t ttl_ms)
{
	struct entry *entry = find(key);

	for (size_t i = 0; !entry && i < ENTRIES; i++)
		if (!all.entries[i].key)
			entry = &all.entries[i];
	if (!entry)
		abort();
	drop(entry);
	*entry = (struct entry){ copy(key), copy(value), key.len, value.len,
		cor_clock_after_ms(cor_monotonic_ns(), ttl_ms), ++all.versions };
}

/* --- the table --- */

static const char *fault(struct cor_arena *arena, const struct cor_cache *cache)
{
	(void)arena;
	return cache->at ? "has an .at" : NULL;
}

static int open_fake(const struct cor_cache *cache, void *place, struct cor_store **ret)
{
	(void)cache;
	(void)place;
	*ret = calloc(1, sizeof **ret);
	return *ret ? 0 : -ENOMEM;
}

static void close_fake(struct cor_store *store)
{
	free(store);
}

static int get(
	struct cor_store *store, struct cor_str key, struct cor_arena *arena, struct cor_item *ret)
{
	int rc = all.code;

	(void)store;
	pthread_mutex_lock(&all.mutex);
	all.gets++;
	struct entry *entry = rc ? NULL : find(key);
	if (!rc && !entry)
		rc = -ENOENT;
	if (entry) {
		int64_t left_ns = entry->until_ns - cor_monotonic_ns();
		ret->value = (struct cor_str){ cor_arena_copy(arena, entry->value, entry->len),
			entry->len };
		ret->ttl_ms = entry->until_ns == COR_FOREVER ? COR_FOREVER
							     : (left_ns + 999999) / COR_NS_PER_MS;
		ret->version = entry->version;
		ret->is_near = false;
	}
	pthread_mutex_unlock(&all.mutex);
	return rc;
}

static int put_locked(struct cor_str key, const struct cor_item *item, enum cor_put how)
{
	const struct entry *entry = find(key);

	if (how == COR_PUT_NEW && entry)
		return -EEXIST;
	if ((how == COR_PUT_OVER || how == COR_PUT_UNCHANGED) && !entry)
		return -ENOENT;
	if (how == COR_PUT_UNCHANGED && entry->version != item->version)
		return -ESTALE;
	set(key, item->value, item->ttl_ms);
	return 0;
}

static int put(
	struct cor_store *store, struct cor_str key, const struct cor_item *item, enum cor_put how)
{
	int rc = all.code ? all.code : all.puts_code;

	if (rc == 0 && item->value.len > store->cache->value_bytes)
		rc = -COR_ETOOLARGE;
	pthread_mutex_lock(&all.mutex);
	all.puts++;
	if (rc == 0)
		rc = put_locked(key, item, how);
	if (rc == 0)
		rc = all.lost_code;
	pthread_mutex_unlock(&all.mutex);
	return rc;
}

static int take_out(struct cor_store *store, struct cor_str key)
{
	int rc = all.code;

	(void)store;
	pthread_mutex_lock(&all.mutex);
	struct entry *entry = rc ? NULL : find(key);
	if (!rc && !entry)
		rc = -ENOENT;
	if (entry)
		drop(entry);
	pthread_mutex_unlock(&all.mutex);
	return rc;
}

static int touch(struct cor_store *store, struct cor_str key, int64_t ttl_ms)
{
	struct entry *entry = all.code ? NULL : find(key);

	(void)store;
	if (!entry)
		return all.code ? all.code : -ENOENT;
	entry->until_ns = cor_clock_after_ms(cor_monotonic_ns(), ttl_ms);
	return 0;
}

static int add(struct cor_store *store, struct cor_str key, int64_t by,
	const struct cor_item *first, uint64_t *ret)
{
	struct entry *entry = find(key);
	char text[24];

	(void)store;
	*ret = entry ? strtoull(entry->value, NULL, 10) + (uint64_t)by
		     : strtoull(first->value.data, NULL, 10);
	snprintf(text, sizeof text, "%llu", (unsigned long long)*ret);
	set(key, cor_str(text), first->ttl_ms);
	return 0;
}

static int clear(struct cor_store *store)
{
	(void)store;
	for (size_t i = 0; i < ENTRIES; i++)
		drop(&all.entries[i]);
	return all.code;
}

static void figures(struct cor_store *store, struct cor_store_figures *ret)
{
	(void)store;
	ret->entries = fake_len();
}

#define FAKE                                                                                       \
	.name = "fake", .fault = fault, .open = open_fake, .close = close_fake, .get = get,        \
	.put = put, .remove = take_out, .touch = touch, .add = add, .clear = clear,                \
	.figures = figures

const struct cor_store_kind fake_store = { FAKE };
const struct cor_store_kind fake_common_store = { FAKE, .is_common = true };

/* --- what tests do --- */

void fake_reset(void)
{
	for (size_t i = 0; i < ENTRIES; i++)
		drop(&all.entries[i]);
	all.code = all.puts_code = all.lost_code = 0;
	all.gets = all.puts = 0;
}

void fake_fail(int code)
{
	all.code = code;
}

void fake_fail_puts(int code)
{
	all.puts_code = code;
}

void fake_lose_answers(int code)
{
	all.lost_code = code;
}

unsigned fake_gets(void)
{
	return all.gets;
}

unsigned fake_puts(void)
{
	return all.puts;
}

struct cor_str fake_at(const char *key)
{
	const struct entry *entry = find(cor_str(key));

	return entry ? (struct cor_str){ entry->value, entry->len } : (struct cor_str){ 0 };
}

void fake_set(const char *key, struct cor_str value)
{
	set(cor_str(key), value, 60000);
}

size_t fake_len(void)
{
	size_t len = 0;

	for (size_t i = 0; i < ENTRIES; i++)
		len += all.entries[i].key != NULL;
	return len;
}

const char *fake_key(size_t i)
{
	for (size_t at = 0; at < ENTRIES; at++)
		if (all.entries[at].key && i-- == 0)
			return all.entries[at].key;
	return NULL;
}
