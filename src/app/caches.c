/* SPDX-License-Identifier: MIT */
#include "app/caches.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <coracle/error.h>

#include "cache/caches.h"
#include "observe/logger.h"
#include "store/open.h"

static const struct cor_cache *const *caches_of(const struct cor_setup *setup)
{
	return setup->composition.whole->caches;
}

static const char *name_of(const struct cor_setup *setup)
{
	return setup->composition.whole->name;
}

static size_t place_bytes(const struct cor_cache *cache)
{
	struct cor_arena arena;

	cor_arena_init(&arena, NULL, 0, 0);
	const struct cor_cache *filled = cor_cache_fault(&arena, cache, NULL)
						 ? NULL
						 : cor_cache_filled(&arena, cache, NULL);
	const struct cor_store_kind *kind = filled ? cor_cache_kind(filled) : NULL;
	size_t bytes = kind && kind->place_bytes ? kind->place_bytes(filled) : 0;
	cor_arena_finish(&arena);
	return bytes;
}

size_t cor_caches_shared_bytes(const struct cor_setup *setup)
{
	const struct cor_cache *const *all = caches_of(setup);
	size_t bytes = 0;

	for (size_t i = 0; all && all[i]; i++)
		bytes += place_bytes(&setup->caches[i]);
	return bytes;
}

/* What tells of changes: the same place whatever a reload has changed. */
static int find_place_of_near(
	struct cor_program *program, const struct cor_cache *cache, void **ret)
{
	char name[COR_REGION_NAME_BYTES];
	size_t bytes = place_bytes(cache);

	if (!program->segment.base)
		return 0;
	snprintf(name, sizeof name, "%s near", cache->name);
	return cor_segment_region(&program->segment,
		&(struct cor_region_options){ .name = name,
			.bytes = bytes,
			.fingerprint = bytes,
			.init = cor_cache_kind(cache)->place_init },
		ret);
}

/*
 * Where all workers have it. A reload may have changed its size, or another of its numbers: then it
 * is another place, since workers from before use the old one still.
 */
static int find_place(struct cor_program *program, const struct cor_cache *cache, void **ret)
{
	const struct cor_store_kind *kind = cache->store;
	const uint64_t numbers[] = { cache->bytes, cache->entries, cache->value_bytes,
		(uint64_t)cache->evicts };
	char name[COR_REGION_NAME_BYTES];
	size_t bytes = place_bytes(cache);

	if (bytes == 0 || !program->segment.base)
		return 0;
	snprintf(name, sizeof name, "%s %06x", cache->name,
		(unsigned)(XXH3_64bits(numbers, sizeof numbers) & 0xffffff));
	return cor_segment_region(&program->segment,
		&(struct cor_region_options){ .name = name,
			.bytes = bytes,
			.fingerprint = XXH3_64bits(numbers, sizeof numbers),
			.init = kind->place_init },
		ret);
}

/* What its kind knows of a failure of open(), with what to do; NULL: nothing. */
static const char *refusal_of(struct cor_arena *arena, const struct cor_cache *cache, int rc)
{
	const struct cor_cache *filled = cor_cache_filled(arena, cache, NULL);

	return filled && filled->store->refusal && rc != -ENOMEM
		       ? filled->store->refusal(arena, filled, rc)
		       : NULL;
}

static enum cor_exit refused(
	const struct cor_program *program, const struct cor_cache *cache, int rc)
{
	const struct cor_setup *setup = program->setup;
	enum cor_exit status = COR_EXIT_CONFIG;
	struct cor_arena arena;
	char what[64];

	cor_arena_init(&arena, NULL, 0, 0);
	const char *text = refusal_of(&arena, cache, rc);
	snprintf(what, sizeof what, "opening the cache %s", cache->name);
	if (text)
		cor_setup_say(setup, "the cache %s %s", cache->name, text);
	else if (rc == -ENOSPC)
		cor_setup_say(setup,
			"%s: the shared memory was made for smaller caches, before a reload: "
			"restart",
			what);
	else
		status = cor_setup_refused(setup, what, rc);
	cor_arena_finish(&arena);
	return status;
}

static void tell(void *arg, const struct cor_store *store, bool is_bad, const char *text)
{
	cor_logger_log(cor_program_logger(arg), is_bad ? COR_LOG_WARNING : COR_LOG_INFO, NULL,
		"the cache %s: %s", store->cache->name, text);
}

static void listen_to(struct cor_program *program)
{
	program->cache_news = (struct cor_store_news){ tell, program };
	for (size_t i = 0; i < program->caches->len; i++)
		cor_store_behind(program->caches->items[i].store)->news = &program->cache_news;
}

static int check_cache(const struct cor_cache *filled)
{
	struct cor_store *store = NULL;
	int rc = filled->store->check ? filled->store->check(filled)
				      : cor_store_open_at(filled, NULL, &store);

	if (rc == 0 && !filled->store->check)
		cor_store_close(store);
	return rc;
}

static enum cor_exit check_caches(struct cor_program *program)
{
	const struct cor_cache *const *all = caches_of(program->setup);
	struct cor_arena arena;
	int rc = 0;

	cor_arena_init(&arena, NULL, 0, 0);
	for (size_t i = 0; all && all[i]; i++) {
		const struct cor_cache *settled = &program->setup->caches[i];
		const struct cor_cache *filled = cor_cache_filled(
			&arena, settled, name_of(program->setup));
		rc = filled ? check_cache(filled) : -ENOMEM;
		if (rc < 0) {
			cor_arena_finish(&arena);
			return refused(program, settled, rc);
		}
	}
	cor_arena_finish(&arena);
	return COR_EXIT_OK;
}

enum cor_exit cor_program_open_caches(struct cor_program *program)
{
	if (program->changes_nothing)
		return check_caches(program);
	void *places[COR_CACHES_MAX + 1] = { 0 };
	const struct cor_caches_options options = {
		.caches = caches_of(program->setup),
		.service = name_of(program->setup),
		.settled = program->setup->caches,
		.places = places,
	};
	const struct cor_cache *failed = NULL;
	int rc = 0;

	if (!options.caches || !options.caches[0])
		return COR_EXIT_OK;
	for (size_t i = 0; rc == 0 && options.caches[i]; i++) {
		failed = options.caches[i];
		rc = options.settled[i].near_ttl_ms
			     ? find_place_of_near(program, &options.settled[i], &places[i])
			     : find_place(program, &options.settled[i], &places[i]);
	}
	if (rc == 0)
		rc = cor_caches_create(&options, &program->caches, &failed);
	for (size_t i = 0; rc < 0 && options.caches[i]; i++)
		if (options.caches[i] == failed)
			return refused(program, &options.settled[i], rc);
	listen_to(program);
	return COR_EXIT_OK;
}

/* A sandbox may have closed what was opened before it: then no file can be made there. */
static bool is_denied(const struct cor_cache_here *here)
{
	const struct cor_str key = COR_STR("\1try");
	const struct cor_item item = { .value = COR_STR("1"), .ttl_ms = 1000 };

	if (here->filled->store != &cor_file_store)
		return false;
	int rc = cor_store_put(here->store, key, &item, COR_PUT_ALWAYS);
	if (rc == 0)
		cor_ignore(cor_store_delete(here->store, key));
	return rc == -EACCES;
}

enum cor_exit cor_program_try_caches(const struct cor_program *program)
{
	enum cor_exit status = COR_EXIT_OK;

	for (size_t i = 0; program->caches && i < program->caches->len; i++) {
		const struct cor_cache_here *here = &program->caches->items[i];
		if (!is_denied(here))
			continue;
		cor_setup_say(program->setup,
			"the cache %s: files in %s may not be read and written: let the user that "
			"serves do it; with --sandbox-paths it is one of them",
			here->cache->name, here->filled->at);
		status = COR_EXIT_CONFIG;
	}
	return status;
}

void cor_program_drop_caches(struct cor_program *program)
{
	cor_caches_destroy(program->caches);
	program->caches = NULL;
}
