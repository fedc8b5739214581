/* SPDX-License-Identifier: MIT */
/*
 * What a get of a store in memory costs: of 100,000 keys that are text, with values of 64 bytes,
 * chosen by Zipf's law (0.99), all of them there.
 *
 *     bench-caches memory|shared|near usual|lru|lfu|fifo|random get|put 1|2
 *
 * (near: copies in memory in front of files; each key was got once)
 *
 * prints the nanoseconds of wall time for each call, over all threads, the median of several runs.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/arena.h>
#include <coracle/store.h>

#include "peers/keys.h"

static struct cor_store *store;
static bool is_put;
static struct keys keys;

static void get(const char *key, size_t len, struct cor_arena *arena)
{
	struct cor_item item;
	int rc = cor_store_get(store, (struct cor_str){ key, len }, arena, &item);

	if (rc < 0 && rc != -EBUSY) /* who has the lock may have lost its processor for a while */
		abort();
}

static void put(const char *key, size_t len)
{
	static const char value[KEYS_VALUE_BYTES];
	const struct cor_item item = { .value = { value, sizeof value } };

	int rc = cor_store_put(store, (struct cor_str){ key, len }, &item, COR_PUT_ALWAYS);

	if (rc < 0 && rc != -EBUSY)
		abort();
}

static void run(int thread, int calls)
{
	char first[16 * 1024];
	struct cor_arena arena;
	const uint32_t *order = keys.order[thread];

	cor_arena_init(&arena, first, sizeof first, 0);
	for (int i = 0; i < calls; i++) {
		const struct key *key = &keys.items[order[i]];

		if (is_put)
			put(key->text, key->len);
		else
			get(key->text, key->len, &arena);
		if (i % 128 == 0)
			cor_arena_reset(&arena);
	}
	cor_arena_finish(&arena);
}

static int index_of(const char *word, const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (word && strcmp(word, words[i]) == 0)
			return i;
	fprintf(stderr,
		"usage: bench-caches memory|shared|near usual|lru|lfu|fifo|random get|put 1|2\n");
	exit(2);
}

int main(int argc, char **argv)
{
	static const char *const kinds[] = { "memory", "shared", "near", NULL };
	static const char *const orders[] = { "usual", "lru", "lfu", "fifo", "random", NULL };
	static const char *const calls[] = { "get", "put", NULL };
	static const struct cor_store_kind *const stores[] = { &cor_memory_store, &cor_shared_store,
		&cor_file_store };
	char at[] = "/dev/shm/bench-caches-XXXXXX", remove[64];
	int kind = index_of(argv[1], kinds);
	bool is_near = kind == 2;
	const struct cor_cache cache = {
		.name = "bench",
		.store = stores[kind],
		.at = is_near ? mkdtemp(at) : NULL,
		.near_ttl_ms = is_near ? COR_CACHE_NEAR_TTL_MS_MAX : 0,
		.near_bytes = is_near ? COR_CACHE_BYTES : 0,
		.bytes = is_near ? COR_CACHE_BYTES_MAX : 0,
		.ttl_ms = COR_CACHE_NEAR_TTL_MS_MAX,
		.evicts = (enum cor_eviction)index_of(argc > 2 ? argv[2] : NULL, orders),
		.entries = KEYS_LEN + KEYS_LEN / 8, /* no part has more keys than its share */
		.value_bytes = 4096,
	};

	is_put = index_of(argc > 3 ? argv[3] : NULL, calls) == 1;
	if (cor_store_open(&cache, &store, NULL) < 0)
		return 1;
	keys_make(&keys);
	for (int i = 0; i < KEYS_LEN; i++)
		put(keys.items[i].text, keys.items[i].len);
	for (int i = 0; i < KEYS_LEN && is_near; i++) {
		struct cor_arena arena = { 0 };

		get(keys.items[i].text, keys.items[i].len, &arena);
		cor_arena_finish(&arena);
	}
	printf("%.1f\n", keys_measure(run, argc > 4 && argv[4][0] == '2' ? 2 : 1));
	cor_store_close(store);
	snprintf(remove, sizeof remove, "rm -rf %s", at);
	return is_near && system(remove) != 0;
}
