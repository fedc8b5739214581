/* SPDX-License-Identifier: MIT */
/* The cached functions of the service's caches: their times. The codec judges their tables. */
#include "cache/known.h"
#include "service/check.h"

static void check_one(void *arg, const struct cor_cached *cached)
{
	const char *fault = cor_cached_fault(cached);

	if (fault)
		cor_contradict(arg, cached->name, "the cached function %s", fault);
}

void cor_check_cached(const struct cor_check *check)
{
	struct cor_check where = *check;

	cor_cached_visit(where.whole->caches, check_one, &where);
}
