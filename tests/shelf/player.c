/* SPDX-License-Identifier: MIT */
/*
 * Plays calls of a store, for test_cachetools.py: reads a line for each, prints what it said and
 * what is there afterwards. Time is that of `time`.
 *
 *     open lru|lfu|fifo ENTRIES TTL_MS    a new store
 *     put KEY VALUE TTL_MS                0: as the store says
 *     get KEY
 *     delete KEY
 *     time MS                             passes
 */
#include "stores.h"

#include <string.h>

static void open_one(const char *evicts, uint32_t entries, int64_t ttl_ms)
{
	struct cor_cache cache = { .name = "player", .entries = entries, .ttl_ms = ttl_ms };

	cache.evicts = strcmp(evicts, "lru") == 0   ? COR_EVICT_LRU
		       : strcmp(evicts, "lfu") == 0 ? COR_EVICT_LFU
						    : COR_EVICT_FIFO;
	if (store)
		close_store();
	if (cor_store_open(&cache, &store, NULL) < 0)
		abort();
}

static bool show(void *arg, struct cor_str key, const struct cor_item *item)
{
	(void)arg;
	printf(" %.*s=%.*s", (int)key.len, key.data, (int)item->value.len, item->value.data);
	return true;
}

static void play(const char *line)
{
	char first[32] = "", second[32] = "";
	long long number = 0;
	const char *found = "-";

	if (sscanf(line, "open %31s %31s %lld", first, second, &number) == 3)
		open_one(first, (uint32_t)strtoul(second, NULL, 10), number);
	else if (sscanf(line, "put %31s %31s %lld", first, second, &number) == 3)
		found = put_for(first, second, number) == 0 ? "kept" : "-";
	else if (sscanf(line, "get %31s", first) == 1)
		found = get(first);
	else if (sscanf(line, "delete %31s", first) == 1)
		found = cor_store_delete(store, cor_str(first)) == 0 ? "gone" : "-";
	else if (sscanf(line, "time %lld", &number) == 1)
		now_ns += number * MS;
	else
		abort();
	printf("%s", found ? found : "-");
	if (cor_store_each(store, show, NULL) < 0)
		abort();
	printf("\n");
}

int main(void)
{
	char line[128];

	enter_clock();
	while (fgets(line, sizeof line, stdin))
		play(line);
	if (store)
		close_store();
	leave_clock();
	return 0;
}
