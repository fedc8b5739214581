/* SPDX-License-Identifier: MIT */
#include "cache/caches.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "context/context.h"
#include "segment/counter.h"

static int open_one(struct cor_caches *caches, const struct cor_caches_options *options, size_t i)
{
	struct cor_cache_here *here = &caches->items[i];
	const struct cor_cache *settled = options->settled ? &options->settled[i]
							   : options->caches[i];

	here->cache = options->caches[i];
	here->all = caches;
	here->number = (uint32_t)i;
	here->filled = cor_cache_filled(&caches->arena, settled, options->service);
	if (!here->filled)
		return -ENOMEM;
	int rc = cor_store_open_at(
		here->filled, options->places ? options->places[i] : NULL, &here->store);
	if (rc == 0)
		pthread_mutex_init(&here->mutex, NULL);
	return rc;
}

int cor_caches_create(const struct cor_caches_options *options, struct cor_caches **ret,
	const struct cor_cache **ret_failed)
{
	size_t len = 0;
	int rc = 0;

	while (options->caches[len])
		len++;
	struct cor_caches *caches = calloc(1, sizeof *caches + len * sizeof caches->items[0]);
	if (!caches)
		return -ENOMEM;
	cor_arena_init(&caches->arena, NULL, 0, 0);
	pthread_mutex_init(&caches->fingerprints.mutex, NULL);
	while (rc == 0 && caches->len < len) {
		rc = open_one(caches, options, caches->len);
		*ret_failed = options->caches[caches->len];
		caches->len += rc == 0;
	}
	if (rc < 0)
		cor_caches_destroy(caches);
	else
		*ret = caches;
	return rc;
}

void cor_caches_destroy(struct cor_caches *caches)
{
	if (!caches)
		return;
	for (size_t i = 0; i < caches->len; i++) {
		cor_store_close(caches->items[i].store);
		pthread_mutex_destroy(&caches->items[i].mutex);
	}
	cor_fingerprints_finish(&caches->fingerprints);
	pthread_mutex_destroy(&caches->fingerprints.mutex);
	cor_arena_finish(&caches->arena);
	free(caches);
}

struct cor_cache_here *cor_caches_find(struct cor_caches *caches, const struct cor_cache *cache)
{
	for (size_t i = 0; caches && i < caches->len; i++)
		if (caches->items[i].cache == cache)
			return &caches->items[i];
	return NULL;
}

struct cor_cache_here *cor_cache_of(struct cor_ctx *ctx, const struct cor_cache *cache)
{
	struct cor_caches *caches = ctx->environment ? ctx->environment->caches : NULL;
	struct cor_cache_here *here = cor_caches_find(caches, cache);

	if (!here)
		cor_cache_misused(ctx, -EINVAL,
			caches ? "the service does not list the cache \"%s\" in .caches"
			       : "the cache \"%s\" is not here: either the service does not list it "
				 "in .caches, or this is a job in a process, which has no caches",
			cache->name ? cache->name : "");
	return here;
}

int cor_cache_misused(struct cor_ctx *ctx, int rc, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	const char *text = cor_arena_vprintf(&ctx->arena, format, args);
	va_end(args);
	return cor_ctx_fail(ctx, 500, rc, text);
}

void cor_cache_count(struct cor_ctx *ctx, const struct cor_cache_here *here,
	enum cor_cache_count what, uint64_t n)
{
	const struct cor_cache_tally *tally = ctx->environment->cache_tally;

	if (tally && tally->is_shared)
		cor_count_shared(&tally->counts[what][here->number], n);
	else if (tally)
		cor_count(&tally->counts[what][here->number], n);
}
