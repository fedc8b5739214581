/* SPDX-License-Identifier: MIT */
/* The limits of service, resource and operation, in one list. */
#include <errno.h>

#include <coracle/limit.h>

#include "service/plan.h"

static size_t count(const struct cor_limit *const *list)
{
	size_t len = 0;

	while (list && list[len])
		len++;
	return len;
}

static size_t join(const struct cor_limit **ret, size_t len, const struct cor_limit *const *list)
{
	for (; list && *list; list++)
		ret[len++] = *list;
	return len;
}

static int plan_action(
	struct cor_action *action, const struct cor_service *service, struct cor_arena *arena)
{
	const struct cor_resource *resource = action->place->resource;
	const struct cor_limit *const *of_resource = resource ? resource->limits : NULL;
	const struct cor_limit *const *own = action->operation ? action->operation->limits : NULL;
	size_t len = count(service->limits) + count(of_resource) + count(own);

	if (len == 0 || action->kind == COR_ACTION_OPTIONS)
		return 0;
	const struct cor_limit **all = cor_arena_zalloc(arena, (len + 1) * sizeof *all);
	if (!all)
		return -ENOMEM;
	len = join(all, 0, service->limits);
	len = join(all, len, of_resource);
	join(all, len, own);
	action->limits = all;
	action->is_plain = false;
	return 0;
}

int cor_place_plan_limits(
	struct cor_place *place, const struct cor_service *service, struct cor_arena *arena)
{
	int rc = 0;

	for (int method = 0; method < COR_METHOD_COUNT && rc == 0; method++)
		rc = plan_action(&place->actions[method], service, arena);
	return rc;
}
