/* SPDX-License-Identifier: MIT */
/* The service's upstreams: each has a name of its own, and a URL that can be called. */
#include <string.h>

#include <coracle/credentials.h>

#include "client/upstreams.h"
#include "service/check.h"

static bool is_named_before(const struct cor_upstream *const *all, size_t at)
{
	/* the one at `at` has a name: NOLINTBEGIN(clang-analyzer-core.NonNullParamChecker) */
	for (size_t i = 0; i < at; i++)
		if (all[i]->name && strcmp(all[i]->name, all[at]->name) == 0)
			return true;
	/* NOLINTEND(clang-analyzer-core.NonNullParamChecker) */
	return false;
}

static bool is_among(const struct cor_upstream *const *all, const struct cor_upstream *upstream)
{
	while (*all && *all != upstream)
		all++;
	return *all != NULL;
}

static bool has_cache(const struct cor_service *service, const struct cor_cache *cache)
{
	const struct cor_cache *const *at = service->caches;

	while (at && *at && *at != cache)
		at++;
	return at && *at;
}

static void check_cache(const struct cor_check *check, const struct cor_service *service,
	const struct cor_upstream *upstream)
{
	const char *where = upstream->name;

	if (upstream->caching && !upstream->cache)
		cor_contradict(check, where,
			"the upstream has .caching, but no .cache to keep "
			"answers in");
	if (upstream->cache && !has_cache(service, upstream->cache))
		cor_contradict(check, where,
			"the upstream has a .cache that the service does not list: .caches = "
			"COR_CACHES(&...)");
	if (upstream->cache && upstream->credentials && upstream->credentials->sign)
		cor_contradict(check, where,
			"the upstream has a .cache, and .credentials.sign, of which nobody knows "
			"whom an answer is for: leave one of them out");
}

static void check_upstream(const struct cor_check *check, const struct cor_service *service,
	const struct cor_upstream *const *all, size_t at)
{
	const struct cor_upstream *upstream = all[at];
	const char *where = upstream->name ? upstream->name : "an upstream";
	/* one without a URL may get it by its setting */
	bool has_url = upstream->base_url || (upstream->targets && upstream->targets[0]);
	const char *url = has_url ? NULL : "http://unset";
	const char *fault = cor_upstream_fault(check->arena, upstream, url);

	if (fault)
		cor_contradict(check, where, "the upstream %s", fault);
	else if (is_named_before(all, at))
		cor_contradict(check, where, "two upstreams have that name");
	else if (upstream->credentials && upstream->credentials->token.upstream &&
		 !is_among(all, upstream->credentials->token.upstream))
		cor_contradict(check, where,
			"the upstream gets its token from one that is not in .upstreams");
	else
		check_cache(check, service, upstream);
}

void cor_check_upstreams(const struct cor_check *check, const struct cor_service *service)
{
	const struct cor_upstream *const *all = service->upstreams;
	size_t len = 0;

	while (all && all[len])
		len++;
	if (len > COR_UPSTREAMS_MAX)
		cor_contradict(check, service->name ? service->name : "service",
			"the service has %zu upstreams, more than %d", len, COR_UPSTREAMS_MAX);
	for (size_t i = 0; i < len; i++)
		check_upstream(check, service, all, i);
}
