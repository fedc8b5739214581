/* SPDX-License-Identifier: MIT */
#include "cache/known.h"

#include <pthread.h>

/* They come before main() and by dlopen(), on whichever thread, and go by dlclose(). */
static struct {
	pthread_mutex_t mutex;
	struct cor_cached_known *first;
} all = { .mutex = PTHREAD_MUTEX_INITIALIZER };

void cor_cached_know(struct cor_cached_known *known)
{
	pthread_mutex_lock(&all.mutex);
	known->next = all.first;
	all.first = known;
	pthread_mutex_unlock(&all.mutex);
}

void cor_cached_unknow(struct cor_cached_known *known)
{
	pthread_mutex_lock(&all.mutex);
	for (struct cor_cached_known **at = &all.first; *at; at = &(*at)->next)
		if (*at == known) {
			*at = known->next;
			break;
		}
	pthread_mutex_unlock(&all.mutex);
}

static bool is_among(const struct cor_cache *const *caches, const struct cor_cache *cache)
{
	for (; caches && *caches; caches++)
		if (*caches == cache)
			return true;
	return false;
}

void cor_cached_visit(const struct cor_cache *const *caches,
	void (*visit)(void *arg, const struct cor_cached *cached), void *arg)
{
	pthread_mutex_lock(&all.mutex);
	for (const struct cor_cached_known *at = all.first; at; at = at->next)
		if (is_among(caches, at->cached->cache))
			visit(arg, at->cached);
	pthread_mutex_unlock(&all.mutex);
}

const struct cor_cached *cor_cached_astray(const struct cor_cache *const *caches)
{
	const struct cor_cached *found = NULL;

	pthread_mutex_lock(&all.mutex);
	for (const struct cor_cached_known *at = all.first; at && !found; at = at->next)
		if (!is_among(caches, at->cached->cache))
			found = at->cached;
	pthread_mutex_unlock(&all.mutex);
	return found;
}

/* A time below 0 would keep a value that is never found, or none, and say nothing. */
const char *cor_cached_fault(const struct cor_cached *cached)
{
	const struct cor_cached_rules *rules = &cached->rules;

	if (rules->ttl_ms < 0 || rules->stale_ms < 0 || rules->missing_ms < 0)
		return "has a .ttl_ms, .stale_ms or .missing_ms below 0";
	if (rules->stale_ms > COR_CACHE_STALE_MS_MAX)
		return "has a .stale_ms of more than a year (COR_CACHE_STALE_MS_MAX)";
	return NULL;
}
