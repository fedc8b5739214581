/* SPDX-License-Identifier: MIT */
/* .idempotency: of a change with a typed answer, with a cache that is there. */
#include <coracle/idempotency.h>
#include <coracle/memcached.h>
#include <coracle/store.h>

#include "service/check.h"
#include "service/operation.h"

static bool has_cache(const struct cor_service *service, const struct cor_cache *cache)
{
	const struct cor_cache *const *at = service->caches;

	while (at && *at && *at != cache)
		at++;
	return at && *at;
}

void cor_check_idempotency(const struct cor_check *check, const struct cor_verb *verb,
	const struct cor_operation *operation, const char *where)
{
	const struct cor_idempotency *options = operation->idempotency;

	if (!options)
		return;
	if (operation->stream)
		cor_contradict(check, where,
			".idempotency is of typed answers: a stream cannot be sent again");
	if (verb->method != COR_METHOD_POST && verb->method != COR_METHOD_PATCH)
		cor_contradict(check, where,
			".idempotency is of POST and PATCH: a %s may be sent again anyway",
			verb->name);
	if (cor_operation_body(operation, verb->method).kind == COR_TAKES_FORM)
		cor_contradict(check, where,
			".idempotency cannot tell files of a form apart: take them by another operation, and their names here");
	if (!options->cache)
		cor_contradict(check, where, ".idempotency has no .cache: say which of .caches");
	else if (!has_cache(check->service, options->cache))
		cor_contradict(check, where,
			"the service does not list the cache \"%s\" in .caches",
			options->cache->name ? options->cache->name : "");
	if (options->cache && options->cache->memcached && options->cache->memcached->moves)
		cor_contradict(check, where,
			".idempotency: the .memcached of the cache %s says .moves: what was done would be done again by a key that has moved: leave it out",
			options->cache->name ? options->cache->name : "");
	if (options->keep_ms < 0 || options->lease_ms < 0)
		cor_contradict(check, where, ".idempotency has a .keep_ms or .lease_ms below 0");
	int64_t lease_ms = options->lease_ms ? options->lease_ms : COR_IDEMPOTENCY_LEASE_MS;
	if (operation->timeout_ms > lease_ms)
		cor_contradict(check, where,
			".idempotency: a second request could begin beside the first: let .lease_ms be .timeout_ms (%u) or more",
			operation->timeout_ms);
}
