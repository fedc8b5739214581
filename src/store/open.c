/* SPDX-License-Identifier: MIT */
#include "store/open.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct cor_store_kind *kind_of(const struct cor_cache *cache)
{
	return cache->store ? cache->store : &cor_memory_store;
}

/* Services that share a place must not find each other's entries, sessions least of all. */
static const char *default_prefix(
	struct cor_arena *arena, const struct cor_cache *cache, const char *service)
{
	return cor_arena_printf(
		arena, "%s%s%s:", service ? service : "", service ? ":" : "", cache->name);
}

const struct cor_cache *cor_cache_filled(
	struct cor_arena *arena, const struct cor_cache *cache, const char *service)
{
	struct cor_cache *filled = cor_arena_alloc(arena, sizeof *filled);

	if (!filled)
		return NULL;
	*filled = *cache;
	filled->store = kind_of(cache);
	if (!filled->prefix)
		filled->prefix = default_prefix(arena, cache, service);
	if (filled->bytes == 0)
		filled->bytes = COR_CACHE_BYTES;
	if (filled->value_bytes == 0)
		filled->value_bytes = COR_CACHE_VALUE_BYTES;
	if (filled->ttl_ms == 0)
		filled->ttl_ms = COR_CACHE_TTL_MS;
	if (filled->near_bytes == 0)
		filled->near_bytes = COR_CACHE_NEAR_BYTES;
	return filled->prefix ? filled : NULL;
}

static bool is_name(const char *name)
{
	size_t len = name ? strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") : 0;

	return len != 0 && len < COR_CACHE_NAME_BYTES && name[len] == '\0';
}

static const char *fault_of_limits(struct cor_arena *arena, const struct cor_cache *cache)
{
	if (cache->bytes != 0 &&
		(cache->bytes < COR_CACHE_BYTES_MIN || cache->bytes > COR_CACHE_BYTES_MAX))
		return cor_arena_printf(arena,
			"has .bytes of %" PRIu64 ": say %" PRIu64 " to %" PRIu64, cache->bytes,
			COR_CACHE_BYTES_MIN, COR_CACHE_BYTES_MAX);
	if (cache->entries > COR_CACHE_ENTRIES_MAX)
		return cor_arena_printf(arena, "has .entries of %" PRIu32 ": %" PRIu32 " at most",
			cache->entries, COR_CACHE_ENTRIES_MAX);
	if (cache->value_bytes > COR_CACHE_VALUE_BYTES_MAX)
		return cor_arena_printf(arena, "has .value_bytes of %" PRIu32 ": %d at most",
			cache->value_bytes, COR_CACHE_VALUE_BYTES_MAX);
	if (cache->ttl_ms < 0)
		return "has a .ttl_ms below 0: say milliseconds, or COR_FOREVER";
	if ((unsigned)cache->evicts > COR_EVICT_RANDOM)
		return "has an .evicts that is none of enum cor_eviction";
	if (cache->evicts != COR_EVICT_AS_USUAL && cache->near_ttl_ms == 0 &&
		!cor_store_kind_is_memory(kind_of(cache)))
		return "has an .evicts, which is of memory: leave it out";
	return NULL;
}

static const char *fault_of_near(struct cor_arena *arena, const struct cor_cache *cache)
{
	const struct cor_store_kind *kind = kind_of(cache);

	if (cache->near_ttl_ms == 0)
		return cache->near_bytes == 0 && cache->near_entries == 0
			       ? NULL
			       : "has .near_bytes or .near_entries: say .near_ttl_ms, too";
	if (cor_store_kind_is_memory(kind))
		return "has .near_ttl_ms, but is in memory itself: leave it out, or say another "
		       ".store";
	if (cache->near_ttl_ms < 0 || cache->near_ttl_ms > COR_CACHE_NEAR_TTL_MS_MAX)
		return cor_arena_printf(arena, "has a .near_ttl_ms of %" PRId64 ": say 1 to %d",
			cache->near_ttl_ms, COR_CACHE_NEAR_TTL_MS_MAX);
	if (cache->near_bytes != 0 && (cache->near_bytes < COR_CACHE_BYTES_MIN ||
					      cache->near_bytes > COR_CACHE_BYTES_MAX))
		return cor_arena_printf(arena,
			"has .near_bytes of %" PRIu64 ": say %" PRIu64 " to %" PRIu64,
			cache->near_bytes, COR_CACHE_BYTES_MIN, COR_CACHE_BYTES_MAX);
	if (cache->near_entries > COR_CACHE_ENTRIES_MAX)
		return cor_arena_printf(arena,
			"has .near_entries of %" PRIu32 ": %" PRIu32 " at most",
			cache->near_entries, COR_CACHE_ENTRIES_MAX);
	return NULL;
}

static const char *fault_of_prefix(
	struct cor_arena *arena, const struct cor_cache *cache, const char *service)
{
	const struct cor_store_kind *kind = kind_of(cache);

	if (cache->prefix && strlen(cache->prefix) >= COR_CACHE_PREFIX_BYTES)
		return cor_arena_printf(arena, "has a .prefix of %zu bytes: %d at most",
			strlen(cache->prefix), COR_CACHE_PREFIX_BYTES - 1);
	if (cache->prefix || cor_store_kind_is_memory(kind))
		return NULL;
	const char *prefix = default_prefix(arena, cache, service);
	return !prefix || strlen(prefix) < COR_CACHE_PREFIX_BYTES
		       ? NULL
		       : cor_arena_printf(arena,
				 "has keys that begin with \"%s\", which is too long: say a "
				 ".prefix of %d bytes at most",
				 prefix, COR_CACHE_PREFIX_BYTES - 1);
}

const char *cor_cache_fault(
	struct cor_arena *arena, const struct cor_cache *cache, const char *service)
{
	const char *fault;

	if (!is_name(cache->name))
		return "has no .name of 1 to 32 small letters, digits, '_' and '-'";
	fault = fault_of_prefix(arena, cache, service);
	if (fault)
		return fault;
	fault = fault_of_limits(arena, cache);
	if (!fault)
		fault = fault_of_near(arena, cache);
	return fault ? fault : kind_of(cache)->fault(arena, cache);
}

/* --- open and close --- */

static const char *kept_fault(const char *fault)
{
	static _Thread_local char text[240];

	snprintf(text, sizeof text, "%s", fault);
	return text;
}

const struct cor_store_kind *cor_cache_kind(const struct cor_cache *filled)
{
	return filled->near_ttl_ms ? &cor_near_store : filled->store;
}

static int open_as(const struct cor_store_kind *kind, const struct cor_cache *filled, void *place,
	struct cor_store **ret)
{
	struct cor_store *store;
	int rc = kind->open(filled, place, &store);

	if (rc < 0)
		return rc;
	store->kind = kind;
	store->cache = filled;
	*ret = store;
	return 0;
}

int cor_store_open_at(const struct cor_cache *filled, void *place, struct cor_store **ret)
{
	return open_as(cor_cache_kind(filled), filled, place, ret);
}

int cor_store_open_behind(const struct cor_cache *filled, struct cor_store **ret)
{
	return open_as(filled->store, filled, NULL, ret);
}

struct cor_store *cor_store_behind(struct cor_store *store)
{
	return store->kind->behind ? store->kind->behind(store) : store;
}

void cor_store_forget_copy(struct cor_store *store, struct cor_str key)
{
	if (store->kind->forget)
		store->kind->forget(store, key);
}

static int open_in(struct cor_arena *arena, const struct cor_cache *cache, struct cor_store **ret,
	const char **ret_fault)
{
	const char *fault = cor_cache_fault(arena, cache, NULL);
	const struct cor_cache *filled = fault ? NULL : cor_cache_filled(arena, cache, NULL);
	int rc = -EINVAL;

	if (!fault)
		rc = filled ? cor_store_open_at(filled, NULL, ret) : -ENOMEM;
	if (!fault && rc < 0 && rc != -ENOMEM && filled->store->refusal)
		fault = filled->store->refusal(arena, filled, rc);
	if (fault && ret_fault)
		*ret_fault = kept_fault(fault);
	return rc;
}

int cor_store_open(
	const struct cor_cache *cache, struct cor_store **ret_store, const char **ret_fault)
{
	struct cor_arena *arena = malloc(sizeof *arena);
	int rc;

	if (!arena)
		return -ENOMEM;
	cor_arena_init(arena, NULL, 0, 0);
	rc = open_in(arena, cache, ret_store, ret_fault);
	if (rc == 0) {
		(*ret_store)->own = arena;
		return 0;
	}
	cor_arena_finish(arena);
	free(arena);
	return rc;
}

void cor_store_close(struct cor_store *store)
{
	struct cor_arena *own = store ? store->own : NULL;

	if (store)
		store->kind->close(store);
	if (own)
		cor_arena_finish(own);
	free(own);
}
