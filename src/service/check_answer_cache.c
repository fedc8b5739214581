/* SPDX-License-Identifier: MIT */
/* .cache: answers that can be kept, in a cache that is there, and for whom. */
#include <string.h>

#include <coracle/answer_cache.h>
#include <coracle/caching.h>

#include "service/answer_cache.h"
#include "service/check.h"
#include "service/operation.h"

struct subject {
	const struct cor_check *check;
	const struct cor_operation *operation;
	const char *where;
};

static bool has_cache(const struct cor_service *service, const struct cor_cache *cache)
{
	const struct cor_cache *const *at = service->caches;

	while (at && *at && *at != cache)
		at++;
	return at && *at;
}

static void check_place(const struct subject *s, const struct cor_verb *verb)
{
	const struct cor_operation *operation = s->operation;
	const char *name = operation->cache->name ? operation->cache->name : "";

	if (operation->stream)
		cor_contradict(s->check, s->where,
			".cache is of typed answers: let the handler of a stream keep what it reads, by cor_cache_load() or COR_CACHED()");
	else if (verb->method != COR_METHOD_GET)
		cor_contradict(s->check, s->where,
			".cache is of a GET: what a %s calls can be kept by COR_CACHED()",
			verb->name);
	if (operation->executor)
		cor_contradict(s->check, s->where,
			".cache and .executor: leave out .executor, and let the handler cor_offload() what blocks");
	if (!has_cache(s->check->service, operation->cache))
		cor_contradict(s->check, s->where,
			"the service does not list the cache \"%s\" in .caches", name);
}

static void check_answer(const struct subject *s, bool is_secured)
{
	const struct cor_caching *caching = s->operation->caching;

	if (cor_check_sets_cookie(s->operation->out))
		cor_contradict(s->check, s->where,
			".cache: the output sets a cookie, which would be everybody's: leave the row out, or .cache");
	if (caching && caching->control && strstr(caching->control, "no-store"))
		cor_contradict(s->check, s->where,
			".cache keeps the answer, and .caching.control says no-store: to keep it here alone say \"no-cache\"");
	else if (is_secured && caching && caching->control && !cor_is_for_one(caching->control))
		cor_contradict(s->check, s->where,
			".cache with .security, and .caching.control says neither private nor no-cache: other caches would give the answer to whom nobody has let in");
}

static void check_rules(
	const struct subject *s, const struct cor_answer_rules *rules, bool is_secured)
{
	enum cor_answers_for whom = rules ? rules->answers_for : COR_FOR_EVERYBODY;

	if (rules && (rules->ttl_ms < 0 || rules->stale_ms < 0 || rules->missing_ms < 0))
		cor_contradict(s->check, s->where,
			".cache_rules has a .ttl_ms, .stale_ms or .missing_ms below 0");
	if (rules && rules->stale_ms > COR_CACHE_STALE_MS_MAX)
		cor_contradict(s->check, s->where,
			".cache_rules has a .stale_ms of more than a year (COR_CACHE_STALE_MS_MAX)");
	if (is_secured && whom == COR_FOR_EVERYBODY)
		cor_contradict(s->check, s->where,
			".cache of an operation with .security: say in .cache_rules whom an answer is for, .answers_for = COR_FOR_EACH_PRINCIPAL or COR_FOR_ALL_LET_IN");
	if (!is_secured && whom != COR_FOR_EVERYBODY)
		cor_contradict(s->check, s->where,
			".cache_rules has .answers_for, and no .security lets anybody in: leave it out");
}

void cor_check_answer_cache(const struct cor_check *check, const struct cor_resource *resource,
	const struct cor_verb *verb, const char *where)
{
	const struct cor_operation *operation = cor_verb_operation(verb, resource);
	const struct subject s = { check, operation, where };

	if (operation->cache_rules && !operation->cache)
		cor_contradict(check, where, ".cache_rules without .cache: say which of .caches");
	if (!operation->cache)
		return;
	bool is_secured = cor_security_of(check->service, resource, operation) != NULL;
	check_place(&s, verb);
	check_answer(&s, is_secured);
	check_rules(&s, operation->cache_rules, is_secured);
}
