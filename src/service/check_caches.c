/* SPDX-License-Identifier: MIT */
/* The service's caches: each has a name of its own, and says what can be. */
#include <string.h>

#include "service/check.h"
#include "store/open.h"

static bool is_named_before(const struct cor_cache *const *all, size_t at)
{
	/* the one at `at` has a name: NOLINTBEGIN(clang-analyzer-core.NonNullParamChecker) */
	for (size_t i = 0; i < at; i++)
		if (all[i]->name && strcmp(all[i]->name, all[at]->name) == 0)
			return true;
	/* NOLINTEND(clang-analyzer-core.NonNullParamChecker) */
	return false;
}

void cor_check_caches(const struct cor_check *check, const struct cor_service *service)
{
	const struct cor_cache *const *all = service->caches;
	size_t len = 0;

	while (all && all[len])
		len++;
	if (len > COR_CACHES_MAX)
		cor_contradict(check, service->name ? service->name : "service",
			"the service has %zu caches, more than %d", len, COR_CACHES_MAX);
	for (size_t i = 0; i < len; i++) {
		const char *where = all[i]->name ? all[i]->name : "a cache";
		const char *fault = cor_cache_fault(check->arena, all[i], service->name);
		if (fault)
			cor_contradict(check, where, "the cache %s", fault);
		else if (is_named_before(all, i))
			cor_contradict(check, where, "two caches have that name");
	}
}
