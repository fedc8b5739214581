/* SPDX-License-Identifier: MIT */
#include "app/cache_settings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cache_uses.h"
#include "cache/known.h"
#include "store/open.h"

static const struct cor_store_kind *const kinds[] = { &cor_memory_store, &cor_shared_store,
	&cor_file_store, &cor_memcached_store };

/* The rows of each, which gets a copy, with its name and place. */
static const struct cor_field like[] = {
	COR_FIELD(struct cor_cache_settings, store, .presence = COR_OPTIONAL,
		.doc = "where it is kept: memory, shared, file:DIR or memcached:HOST:PORT,..."),
	COR_FIELD(struct cor_cache_settings, ttl_ms, .presence = COR_OPTIONAL, .range = COR_MIN(1),
		.doc = "how long its entries live"),
	COR_FIELD(struct cor_cache_settings, bytes, .presence = COR_OPTIONAL,
		.range = COR_BETWEEN(0, COR_CACHE_BYTES_MAX),
		.doc = "how much it keeps, in memory or in files; 0: as by default"),
	COR_FIELD(struct cor_cache_settings, entries, .presence = COR_OPTIONAL,
		.range = COR_BETWEEN(0, COR_CACHE_ENTRIES_MAX),
		.doc = "how many entries it has at most, in memory or in files; 0: as many as have room"),
	COR_FIELD(struct cor_cache_settings, near_ttl_ms, .presence = COR_OPTIONAL,
		.range = COR_BETWEEN(0, COR_CACHE_NEAR_TTL_MS_MAX),
		.doc = "how long copies of files and of memcached are kept in each process"),
	COR_FIELD(struct cor_cache_settings, near_bytes, .presence = COR_OPTIONAL,
		.range = COR_BETWEEN(0, COR_CACHE_BYTES_MAX),
		.doc = "how much such copies take in each process; 0: as by default"),
};

#define ROWS (sizeof like / sizeof like[0])

static const struct cor_cache *const *caches_of(const struct cor_setup *setup)
{
	return setup->composition.whole->caches;
}

/* One with a wrong name has no settings; the checks of the service tell it. */
static bool is_named(const struct cor_cache *const *all, size_t at)
{
	const char *name = all[at]->name;

	if (!name || !name[0] ||
		name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-")] != '\0')
		return false;
	for (size_t i = 0; i < at; i++)
		if (all[i]->name && strcmp(all[i]->name, name) == 0)
			return false;
	return true;
}

/* What is wrong with a declaration by itself is told by them, too, and not as a setting's fault. */
static bool is_sound(
	const struct cor_setup *setup, struct cor_arena *arena, const struct cor_cache *cache)
{
	return !cor_cache_fault(arena, cache, setup->composition.whole->name);
}

static const char *key_of(struct cor_arena *arena, const struct cor_cache *cache, const char *what)
{
	char *key = cor_arena_printf(arena, "cache_%s_%s", cache->name, what);

	for (char *c = key; c && *c; c++)
		if (*c == '-')
			*c = '_';
	return key;
}

/* --- what is declared, as a fallback of its row --- */

static const char *store_text(struct cor_arena *arena, const struct cor_cache *cache)
{
	if (!cache->store || (cache->at && strpbrk(cache->at, "\"\\")))
		return NULL;
	return cor_arena_printf(arena, "\"%s%s%s\"", cache->store->name, cache->at ? ":" : "",
		cache->at ? cache->at : "");
}

static bool is_far(const struct cor_cache *cache)
{
	return cache->store == &cor_memcached_store;
}

/* "prices, What books cost: where it is kept": the settings of several stand among each other. */
static const char *doc_of(struct cor_arena *arena, const struct cor_cache *cache, size_t row)
{
	bool is_first = row == 0 && cache->doc && cache->doc[0];

	return cor_arena_printf(arena, "%s%s%s: %s", cache->name, is_first ? ", " : "",
		is_first ? cache->doc : "", like[row].doc);
}

/* NULL: the row has none, as it means nothing for the store that is declared. */
static const char *fallback_of(struct cor_arena *arena, const struct cor_cache *cache, size_t row)
{
	bool is_of_store = like[row].offset == offsetof(struct cor_cache_settings, bytes) ||
			   like[row].offset == offsetof(struct cor_cache_settings, entries);

	if (is_of_store && is_far(cache))
		return NULL;
	switch (like[row].offset) {
	case offsetof(struct cor_cache_settings, store):
		return store_text(arena, cache);
	case offsetof(struct cor_cache_settings, ttl_ms):
		return cor_arena_printf(
			arena, "%" PRId64, cache->ttl_ms ? cache->ttl_ms : COR_CACHE_TTL_MS);
	case offsetof(struct cor_cache_settings, bytes):
		return cor_arena_printf(
			arena, "%" PRIu64, cache->bytes ? cache->bytes : COR_CACHE_BYTES);
	case offsetof(struct cor_cache_settings, near_ttl_ms):
		return cor_arena_printf(arena, "%" PRId64, cache->near_ttl_ms);
	case offsetof(struct cor_cache_settings, near_bytes):
		return cor_arena_printf(arena, "%" PRIu64,
			cache->near_bytes ? cache->near_bytes : COR_CACHE_NEAR_BYTES);
	default:
		return cor_arena_printf(arena, "%" PRIu32, cache->entries);
	}
}

static int make_row(const struct cor_setup *setup, struct cor_arena *arena,
	const struct cor_cache *cache, size_t i, size_t row, struct cor_field *ret)
{
	*ret = like[row];
	ret->key = ret->member = key_of(arena, cache, like[row].member);
	if (is_sound(setup, arena, cache))
		ret->fallback = fallback_of(arena, cache, row);
	else
		ret->range = (struct cor_range){ 0 };
	ret->doc = doc_of(arena, cache, row);
	ret->presence = ret->fallback ? 0 : COR_OPTIONAL;
	ret->offset += (uint32_t)(i * sizeof(struct cor_cache_settings));
	return ret->key && ret->doc ? 0 : -ENOMEM;
}

static int make_rows(struct cor_setup *setup, struct cor_field *fields, size_t *len)
{
	const struct cor_cache *const *all = caches_of(setup);
	int rc = 0;

	for (size_t i = 0; all[i] && rc == 0; i++)
		for (size_t row = 0; row < ROWS && rc == 0 && is_named(all, i); row++)
			rc = make_row(setup, &setup->arena, all[i], i, row, &fields[(*len)++]);
	return rc;
}

int cor_cache_settings_offer(struct cor_setup *setup, struct cor_config_group *ret)
{
	const struct cor_cache *const *all = caches_of(setup);
	struct cor_arena *arena = &setup->arena;
	size_t len = 0, rows = 0;

	while (all && all[len])
		len++;
	if (len == 0)
		return 0;
	size_t bytes = (len + 1) * sizeof(struct cor_cache_settings);
	struct cor_field *fields = cor_arena_zalloc(arena, ROWS * len * sizeof *fields);
	struct cor_schema *schema = cor_arena_zalloc(arena, sizeof *schema);
	setup->cache_settings = cor_arena_zalloc(arena, bytes);
	if (!fields || !schema || !setup->cache_settings || make_rows(setup, fields, &rows) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < rows; i++)
		fields[i].owner_size = (uint32_t)bytes;
	*schema = (struct cor_schema){
		.fields = fields,
		.len = rows,
		.size = bytes,
		.symbol = "cache_schema",
		.c_type = like[0].owner,
	};
	if (rows != 0)
		*ret = (struct cor_config_group){
			.schema = schema, .settings = setup->cache_settings, .heading = "Caches"
		};
	return 0;
}

int cor_cache_settings_words(struct cor_setup *setup, struct cor_config_options *options)
{
	const struct cor_cache *const *all = caches_of(setup);
	struct cor_arena *arena = &setup->arena;
	size_t len = options->words_len, room = len;

	for (size_t i = 0; all && all[i]; i++)
		room++;
	struct cor_config_word *words = cor_arena_alloc(arena, room * sizeof *words);
	const char *forever = cor_arena_printf(arena, "%" PRId64, COR_FOREVER);
	if (!words || !forever)
		return -ENOMEM;
	memcpy(words, options->words, len * sizeof *words);
	for (size_t i = 0; all && all[i]; i++) {
		if (!is_named(all, i))
			continue;
		const char *key = key_of(arena, all[i], "ttl_ms");
		if (!key)
			return -ENOMEM;
		words[len++] = (struct cor_config_word){ key, "forever", forever };
	}
	options->words = words;
	options->words_len = len;
	return 0;
}

/* --- what they come to --- */

/* "file:/var/cache": the kind, and what is behind the colon. NULL: it is none. */
static const struct cor_store_kind *read_store(const char *text, const char **ret_at)
{
	size_t len = strcspn(text, ":");

	*ret_at = text[len] == ':' ? text + len + 1 : NULL;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strlen(kinds[i]->name) == len && memcmp(kinds[i]->name, text, len) == 0)
			return kinds[i];
	return NULL;
}

static enum cor_exit refuse(const struct cor_setup *setup, struct cor_arena *arena,
	const struct cor_cache *cache, const char *text, const char *fault)
{
	return cor_setup_refuse(setup, key_of(arena, cache, "store"), text, fault);
}

static enum cor_exit refuse_number(const struct cor_setup *setup, struct cor_arena *arena,
	const struct cor_cache *cache, const char *what, uint64_t number, const char *fault)
{
	return cor_setup_refuse(setup, key_of(arena, cache, what),
		cor_arena_printf(arena, "%" PRIu64, number), fault);
}

/* A number that has a setting of its own is that one's fault, not the store's. */
static enum cor_exit check_bytes(const struct cor_setup *setup, struct cor_arena *arena,
	const struct cor_cache *cache, const char *what, uint64_t bytes)
{
	if (bytes == 0 || bytes >= COR_CACHE_BYTES_MIN)
		return COR_EXIT_OK;
	return refuse_number(setup, arena, cache, what, bytes,
		cor_arena_printf(arena, "must be 0 or at least %" PRIu64, COR_CACHE_BYTES_MIN));
}

/* What is kept in memory has nothing near, if only the declaration says so. */
static void apply_near(const struct cor_cache_settings *said, struct cor_cache *cache)
{
	bool is_in_memory = said->store && cor_store_kind_is_memory(cache->store);
	bool is_off = said->near_ttl_ms == 0 ||
		      (is_in_memory && said->near_ttl_ms == cache->near_ttl_ms);

	cache->near_ttl_ms = is_off ? 0 : said->near_ttl_ms;
	cache->near_bytes = is_off ? 0 : said->near_bytes;
	cache->near_entries = is_off ? 0 : cache->near_entries;
	if (is_off && said->store && !cor_store_kind_is_memory(cache->store))
		cache->evicts = COR_EVICT_AS_USUAL; /* of memory, which it is not in now */
}

/* Who says how much memcached keeps would be heard by nobody. */
static enum cor_exit check_room(const struct cor_setup *setup, struct cor_arena *arena,
	const struct cor_cache_settings *said, const struct cor_cache *cache)
{
	static const char fault[] =
		"is of memory and files: memcached has limits of its own (memcached -m)";
	uint64_t bytes = cache->bytes ? cache->bytes : COR_CACHE_BYTES;

	if (said->bytes != 0 && said->bytes != bytes)
		return refuse_number(setup, arena, cache, "bytes", said->bytes, fault);
	if (said->entries != 0 && said->entries != cache->entries)
		return refuse_number(setup, arena, cache, "entries", said->entries, fault);
	return COR_EXIT_OK;
}

/* What the settings come to is wrong where the declaration was not: because of one of them. */
static enum cor_exit check_whole(const struct cor_setup *setup, struct cor_arena *arena,
	const struct cor_cache_settings *said, const struct cor_cache *cache)
{
	const char *fault = cor_cache_fault(arena, cache, setup->composition.whole->name);
	struct cor_cache bare = *cache;

	if (!fault)
		return COR_EXIT_OK;
	bare.near_ttl_ms = 0;
	bare.near_bytes = bare.near_entries = 0;
	bare.evicts = COR_EVICT_AS_USUAL;
	if (!is_sound(setup, arena, &bare))
		return refuse(setup, arena, cache, said->store, fault);
	if (!cache->store || cor_store_kind_is_memory(cache->store))
		fault = "the cache is in memory itself, and needs no copies near: leave it out, or "
			"keep the cache elsewhere";
	return refuse_number(
		setup, arena, cache, "near_ttl_ms", (uint64_t)cache->near_ttl_ms, fault);
}

static enum cor_exit apply(struct cor_setup *setup, struct cor_arena *arena,
	const struct cor_cache_settings *said, struct cor_cache *cache)
{
	enum cor_exit status;

	cache->ttl_ms = said->ttl_ms ? said->ttl_ms : cache->ttl_ms;
	status = check_bytes(setup, arena, cache, "bytes", said->bytes);
	if (status == COR_EXIT_OK)
		status = check_bytes(setup, arena, cache, "near_bytes", said->near_bytes);
	if (status != COR_EXIT_OK)
		return status;
	if (said->store)
		cache->store = read_store(said->store, &cache->at);
	if (said->store && !cache->store)
		return refuse(setup, arena, cache, said->store,
			"is no store: say memory, shared, file:DIR or memcached:HOST:PORT,...");
	if (cache->store != &cor_memcached_store && said->store)
		cache->memcached = NULL; /* of what is declared, and is not there now */
	if (is_far(cache))
		status = check_room(setup, arena, said, cache);
	if (status != COR_EXIT_OK)
		return status;
	cache->bytes = said->bytes;
	cache->entries = said->entries;
	apply_near(said, cache);
	return check_whole(setup, arena, said, cache);
}

/* A client whose next request another process gets would be nobody there, or new. */
static enum cor_exit check_use(const struct cor_setup *setup, struct cor_arena *arena,
	const struct cor_cache *declared, const struct cor_cache *cache)
{
	const struct cor_store_kind *kind = cache->store ? cache->store : &cor_memory_store;

	if (kind->is_common || (setup->processes <= 1 && setup->processes_max <= 1))
		return COR_EXIT_OK;
	const char *use = cor_cache_use(&setup->composition, declared);
	if (!use)
		return COR_EXIT_OK;
	return refuse(setup, arena, cache, kind->name,
		cor_arena_printf(arena,
			"%s, and each process would have its own: say shared, file:DIR or "
			"memcached:HOST:PORT,..., or --processes 1",
			use));
}

enum cor_exit cor_cache_settings_apply(struct cor_setup *setup)
{
	const struct cor_cache *const *all = caches_of(setup);
	enum cor_exit status = COR_EXIT_OK;
	struct cor_arena arena;
	size_t len = 0;

	while (all && all[len])
		len++;
	if (len == 0)
		return COR_EXIT_OK;
	setup->caches = cor_arena_zalloc(&setup->arena, len * sizeof *setup->caches);
	if (!setup->caches)
		return cor_setup_refused(setup, "reading the settings of caches", -ENOMEM);
	cor_arena_init(&arena, NULL, 0, 0);
	for (size_t i = 0; i < len; i++) {
		setup->caches[i] = *all[i];
		if (!is_named(all, i) || !is_sound(setup, &arena, all[i]))
			continue;
		enum cor_exit found = apply(
			setup, &arena, &setup->cache_settings[i], &setup->caches[i]);
		if (found == COR_EXIT_OK)
			found = check_use(setup, &arena, all[i], &setup->caches[i]);
		status = found == COR_EXIT_OK ? status : found;
	}
	cor_arena_finish(&arena);
	return status;
}

bool cor_cache_settings_warn(const struct cor_setup *setup, char *ret, size_t room)
{
	const struct cor_cached *astray = cor_cached_astray(caches_of(setup));

	if (astray)
		snprintf(ret, room,
			"%s keeps its results in the cache \"%s\", which the service does not list "
			"in .caches: its calls would fail",
			astray->name, astray->cache->name ? astray->cache->name : "");
	return astray;
}
