/* SPDX-License-Identifier: MIT */
#include "app/cache_uses.h"

#include <coracle/idempotency.h>
#include <coracle/limit.h>
#include <coracle/session.h>

#include "service/verb.h"

static bool keeps_sessions(const struct cor_service *whole, const struct cor_cache *cache)
{
	const struct cor_session *const *at = whole->sessions;

	while (at && *at && (*at)->cache != cache)
		at++;
	return at && *at;
}

static bool counts(const struct cor_limit *const *limits, const struct cor_cache *cache)
{
	while (limits && *limits && (*limits)->cache != cache)
		limits++;
	return limits && *limits;
}

static const char *use_of_operation(
	const struct cor_operation *operation, const struct cor_cache *cache)
{
	if (operation->idempotency && operation->idempotency->cache == cache)
		return "Idempotency-Keys are kept in it";
	return counts(operation->limits, cache) ? "a limit is counted in it" : NULL;
}

static const char *use_of_resource(
	const struct cor_resource *resource, const struct cor_cache *cache)
{
	const char *use = counts(resource->limits, cache) ? "a limit is counted in it" : NULL;

	for (size_t i = 0; i < cor_verbs_len && !use; i++) {
		const struct cor_operation *operation = cor_verb_operation(&cor_verbs[i], resource);
		use = operation ? use_of_operation(operation, cache) : NULL;
	}
	return use;
}

static const char *use_of_service(const struct cor_service *service, const struct cor_cache *cache)
{
	const struct cor_resource *const *at = service->resources;
	const char *use = counts(service->limits, cache) ? "a limit is counted in it" : NULL;

	for (; at && *at && !use; at++)
		use = use_of_resource(*at, cache);
	return use;
}

const char *cor_cache_use(const struct cor_composition *composition, const struct cor_cache *cache)
{
	const char *use = keeps_sessions(composition->whole, cache) ? "sessions are kept in it"
								    : NULL;

	for (size_t i = 0; i < composition->members_len && !use; i++)
		use = use_of_service(composition->members[i], cache);
	return use;
}
