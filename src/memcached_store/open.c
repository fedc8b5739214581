/* SPDX-License-Identifier: MIT */
#include "memcached_store/state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compress/coding.h"
#include "memcached_store/entry.h"
#include "memcached_store/many.h"
#include "memcached_store/number.h"
#include "memcached_store/tls.h"
#include "resolver/shared.h"

#define ITEM_BYTES_MIN (16 * 1024)

static const struct cor_memcached nothing = { .connect_ms = 0 };

/* --- the declaration --- */

static const struct cor_memcached *options_of(const struct cor_cache *cache)
{
	return cache->memcached ? cache->memcached : &nothing;
}

static bool has_blank(const char *text)
{
	return strpbrk(text, " \r\n") != NULL;
}

static const char *login_fault(const struct cor_memcached *options)
{
	if (!options->user && !options->password)
		return NULL;
	if (!options->user || !options->password)
		return "has a .user or a .password for memcached: both are needed";
	if (!options->user[0] || has_blank(options->user) || has_blank(options->password))
		return "has a .user or .password for memcached with a blank or line end in it";
	return NULL;
}

static const char *compress_fault(struct cor_arena *arena, const struct cor_coding *coding)
{
	if (!coding)
		return NULL;
	if (coding->interface != COR_CODING_INTERFACE)
		return "has a .compress of another version of the library: build both anew";
	if (coding->missing)
		return cor_arena_printf(arena, "has .compress = &%s, which was built without %s",
			coding->symbol, coding->missing);
	return NULL;
}

static size_t count_weights(const uint32_t *weights)
{
	size_t len = 0;

	while (weights[len] != 0 && weights[len] <= COR_MEMCACHED_WEIGHT_MAX &&
		len <= COR_MEMCACHED_SERVERS_MAX)
		len++;
	return len;
}

static const char *weights_fault(
	struct cor_arena *arena, const struct cor_memcached *options, size_t servers)
{
	if (!options->weights)
		return NULL;
	if (options->placement != COR_PLACE_KETAMA_WEIGHTED)
		return "has .weights: say .placement = COR_PLACE_KETAMA_WEIGHTED, too";
	size_t len = count_weights(options->weights);
	if (options->weights[len] > COR_MEMCACHED_WEIGHT_MAX)
		return cor_arena_printf(arena, "has a weight of %u: 1 to %d", options->weights[len],
			COR_MEMCACHED_WEIGHT_MAX);
	if (len != servers)
		return cor_arena_printf(arena, "has %zu .weights for %zu servers", len, servers);
	return NULL;
}

static const char *options_fault(struct cor_arena *arena, const struct cor_memcached *options,
	const struct cor_memcached_servers *servers)
{
	const char *fault = login_fault(options);

	if ((unsigned)options->placement > COR_PLACE_KETAMA_WEIGHTED)
		return "has a .placement that is none of enum cor_placement";
	if (options->item_bytes != 0 && options->item_bytes < ITEM_BYTES_MIN)
		return cor_arena_printf(arena, "has .item_bytes of %u: %d at least",
			options->item_bytes, ITEM_BYTES_MIN);
	if (options->dead_ms > COR_MEMCACHED_DEAD_MS_MAX)
		return cor_arena_printf(arena, "has .dead_ms of %u: %d at most", options->dead_ms,
			COR_MEMCACHED_DEAD_MS_MAX);
	if (!fault)
		fault = compress_fault(arena, options->compress);
	if (!fault)
		fault = cor_memcached_tls_fault(arena, options->tls, servers);
	return fault ? fault : weights_fault(arena, options, servers->len);
}

static const char *near_fault(const struct cor_cache *cache)
{
	return cache->near_ttl_ms != 0 && options_of(cache)->noreply
		       ? "has .near_ttl_ms, and .noreply for memcached: copies of what was there "
			 "before a put could be kept after it; leave one of them out"
		       : NULL;
}

static const char *fault(struct cor_arena *arena, const struct cor_cache *cache)
{
	struct cor_memcached_servers servers;
	const char *wrong = NULL;

	if (!cache->at || !cache->at[0])
		return "has no .at: name the servers of memcached, \"10.0.0.1:11211, 10.0.0.2\"";
	if (cor_memcached_servers_parse(arena, cache->at, &servers, &wrong) == -ENOMEM)
		return "cannot be read: no memory";
	if (!wrong)
		wrong = options_fault(arena, options_of(cache), &servers);
	return wrong ? wrong : near_fault(cache);
}

/* --- open --- */

static uint32_t or_else(uint32_t value, uint32_t usual)
{
	return value ? value : usual;
}

static void fill_options(struct cor_memcached_state *state)
{
	struct cor_memcached *options = &state->options;

	*options = *options_of(state->cache);
	options->connect_ms = or_else(options->connect_ms, COR_MEMCACHED_CONNECT_MS);
	options->timeout_ms = or_else(options->timeout_ms, COR_MEMCACHED_TIMEOUT_MS);
	options->compress_bytes = or_else(options->compress_bytes, COR_MEMCACHED_COMPRESS_BYTES);
	options->item_bytes = or_else(options->item_bytes, COR_MEMCACHED_ITEM_BYTES);
	state->rules.fails = or_else(options->fails, COR_MEMCACHED_FAILS);
	state->rules.dead_ms = or_else(options->dead_ms, COR_MEMCACHED_DEAD_MS);
}

static int fill_servers(struct cor_memcached_state *state)
{
	const uint32_t *weights = state->options.weights;
	const char *wrong;
	int rc = cor_memcached_servers_parse(
		&state->arena, state->cache->at, &state->servers, &wrong);

	for (size_t i = 0; rc == 0 && weights && i < state->servers.len; i++)
		state->servers.list[i].weight = weights[i];
	if (rc == 0)
		rc = cor_memcached_place(&state->arena, state->options.placement, &state->servers,
			&state->placement);
	if (rc == 0)
		state->nodes = cor_arena_zalloc(
			&state->arena, state->servers.len * sizeof *state->nodes);
	return rc == 0 && !state->nodes ? -ENOMEM : rc;
}

static int fill_login(struct cor_memcached_state *state)
{
	const char *text;

	if (!state->options.user)
		return 0;
	text = cor_arena_printf(
		&state->arena, "%s %s", state->options.user, state->options.password);
	state->login = cor_str(text);
	return text ? 0 : -ENOMEM;
}

static int open_tls(struct cor_memcached_state *state)
{
	const struct cor_memcached_tls *tls = state->options.tls;
	struct cor_start_failure failure;

	return tls ? cor_memcached_tls_open(tls, &state->tls, &failure) : 0;
}

/* It is tried once more for its words. */
static const char *refusal(struct cor_arena *arena, const struct cor_cache *cache, int rc)
{
	const struct cor_memcached_tls *tls = options_of(cache)->tls;
	struct cor_start_failure failure = { "" };
	struct cor_filter_source *source = NULL;

	if (!tls || rc != -EINVAL)
		return NULL;
	if (cor_memcached_tls_open(tls, &source, &failure) == 0)
		tls->library->close_client(source);
	return failure.text[0]
		       ? cor_arena_printf(arena, "has .tls that cannot be used: %s", failure.text)
		       : NULL;
}

static int open_store(const struct cor_cache *cache, void *place, struct cor_store **ret)
{
	struct cor_memcached_state *state = calloc(1, sizeof *state);
	int rc;

	(void)place;
	if (!state)
		return -ENOMEM;
	state->cache = cache;
	fill_options(state);
	rc = fill_servers(state);
	if (rc == 0)
		rc = fill_login(state);
	if (rc == 0)
		rc = open_tls(state);
	if (rc == 0)
		rc = cor_resolver_take(&state->resolver);
	if (rc == 0) {
		*ret = &state->store;
		return 0;
	}
	if (state->tls)
		state->options.tls->library->close_client(state->tls);
	cor_arena_finish(&state->arena);
	free(state);
	return rc;
}

static void close_store(struct cor_store *store)
{
	struct cor_memcached_state *state = cor_memcached_state_of(store);

	cor_memcached_links_close(&state->links);
	if (state->tls)
		state->options.tls->library->close_client(state->tls);
	cor_resolver_give();
	cor_arena_finish(&state->arena);
	free(state);
}

static void get_figures(struct cor_store *store, struct cor_store_figures *ret)
{
	const struct cor_memcached_counts *counts = &cor_memcached_state_of(store)->counts;

	ret->hits = atomic_load(&counts->hits);
	ret->misses = atomic_load(&counts->misses);
	ret->puts = atomic_load(&counts->puts);
	ret->deletes = atomic_load(&counts->deletes);
	ret->expired = atomic_load(&counts->causes[COR_STORE_EXPIRED]);
	ret->too_large = atomic_load(&counts->causes[COR_STORE_TOO_LARGE]);
	ret->lost = atomic_load(&counts->causes[COR_STORE_LOST]);
	ret->errors = atomic_load(&counts->errors);
}

const struct cor_store_kind cor_memcached_store = {
	.name = "memcached",
	.is_common = true,
	.has_no_size = true,
	.fault = fault,
	.refusal = refusal,
	.open = open_store,
	.close = close_store,
	.get = cor_memcached_get,
	.put = cor_memcached_put,
	.remove = cor_memcached_remove,
	.touch = cor_memcached_touch,
	.add = cor_memcached_add,
	.get_many = cor_memcached_get_many,
	.put_many = cor_memcached_put_many,
	.clear = cor_memcached_clear,
	.figures = get_figures,
};
