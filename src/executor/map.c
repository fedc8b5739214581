/* SPDX-License-Identifier: MIT */
/* One function for each item of an array. */
#include <coracle/executor.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

#include "executor/future.h"
#include "executor/pool.h"

/* What a job works on: this header, the results, and copies of the items. */
struct chunk {
	cor_call *fn;
	size_t bytes; /* of an item */
	size_t len;
	size_t items_at; /* from here */
	int results[];
};

struct map {
	struct cor_pool *pool;
	char *items;
	size_t len; /* of items */
	size_t chunk_len;
	size_t chunks_len;
	int *results;
	struct chunk *draft;
	size_t draft_bytes;
	struct cor_future **futures;
};

static char *items_of(const struct chunk *chunk)
{
	return (char *)(uintptr_t)chunk + chunk->items_at;
}

static int work(struct cor_ctx *ctx, void *call)
{
	struct chunk *chunk = call;
	int rc = 0;

	for (size_t i = 0; i < chunk->len && rc >= 0; i++)
		rc = chunk->results[i] = chunk->fn(ctx, items_of(chunk) + i * chunk->bytes);
	return rc;
}

static int make(struct map *map, cor_call *fn, size_t bytes)
{
	size_t items_at = sizeof *map->draft + map->chunk_len * sizeof map->draft->results[0];

	items_at = (items_at + 15) & ~(size_t)15;
	map->draft_bytes = items_at + map->chunk_len * bytes;
	map->draft = calloc(1, map->draft_bytes);
	map->futures = calloc(map->chunks_len, sizeof(struct cor_future *));
	if (!map->draft || !map->futures)
		return -ENOMEM;
	map->draft->fn = fn;
	map->draft->bytes = bytes;
	map->draft->items_at = items_at;
	for (size_t i = 0; i < map->chunk_len; i++)
		map->draft->results[i] = -ECANCELED;
	return 0;
}

static int submit(struct map *map, size_t at)
{
	struct chunk *draft = map->draft;
	size_t from = at * map->chunk_len;

	draft->len = map->len - from < map->chunk_len ? map->len - from : map->chunk_len;
	memcpy(items_of(draft), map->items + from * draft->bytes, draft->len * draft->bytes);
	return cor_pool_submit_call(map->pool, work, draft, map->draft_bytes, &map->futures[at]);
}

static void cancel_from(struct map *map, size_t at)
{
	for (; at < map->chunks_len; at++)
		if (map->futures[at])
			(void)cor_future_cancel(map->futures[at]);
}

/* Returns the failure of its first item that has one. Others cancel it only by a shutdown. */
static int collect(struct map *map, size_t at)
{
	const struct cor_future *future = map->futures[at];
	const struct chunk *chunk = (const struct chunk *)(const void *)future->call;
	size_t from = at * map->chunk_len;

	if (cor_future_state(future) != COR_FUTURE_ENDED)
		return -COR_ECLOSED;
	memcpy(map->items + from * chunk->bytes, items_of(chunk), chunk->len * chunk->bytes);
	if (map->results)
		memcpy(map->results + from, chunk->results, chunk->len * sizeof *map->results);
	return future->result < 0 ? future->result : 0;
}

static int wait_for_all(struct map *map)
{
	int first = 0;

	for (size_t i = 0; i < map->chunks_len; i++) {
		if (!map->futures[i])
			continue;
		int rc = cor_future_wait(map->futures[i]);
		if (rc < 0) {
			cancel_from(map, i);
			return rc;
		}
		rc = collect(map, i);
		if (rc < 0 && first == 0)
			cancel_from(map, i + 1);
		first = first < 0 ? first : rc;
	}
	return first;
}

static int run(struct map *map)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < map->chunks_len; i++)
		rc = submit(map, i);
	if (rc < 0)
		cancel_from(map, 0);
	int first = wait_for_all(map);
	return rc < 0 ? rc : first;
}

static void finish(struct map *map)
{
	for (size_t i = 0; map->futures && i < map->chunks_len; i++)
		cor_future_drop(map->futures[i]);
	free(map->futures);
	free(map->draft);
}

int cor_pool_map_items(struct cor_pool *pool, cor_call *fn, void *items, size_t bytes, size_t len,
	const struct cor_pool_map_options *options)
{
	size_t chunk = options && options->chunk ? options->chunk : 1;
	struct map map = {
		.pool = pool,
		.items = items,
		.len = len,
		.chunk_len = chunk < len ? chunk : len,
		.results = options ? options->results : NULL,
	};

	if (len == 0)
		return 0;
	map.chunks_len = (len - 1) / map.chunk_len + 1;
	for (size_t i = 0; map.results && i < len; i++)
		map.results[i] = -ECANCELED;
	int rc = make(&map, fn, bytes);
	if (rc == 0)
		rc = run(&map);
	finish(&map);
	return rc;
}
