/* SPDX-License-Identifier: MIT */
/* In whose environment a place runs, and each middleware around it. */
#include <errno.h>

#include "service/composition.h"
#include "service/outskirts.h"
#include "service/plan.h"

/* Middleware and limits of an outer service come before those of an inner one. */
static const struct cor_unit *middleware_owner(const struct cor_unit *unit, uint32_t at)
{
	while (unit->own_middleware > at)
		unit = unit->outer;
	return unit;
}

static const struct cor_unit *limit_owner(const struct cor_unit *unit, uint32_t at)
{
	while (unit->own_limits > at)
		unit = unit->outer;
	return unit;
}

static int own_limits(struct cor_place *place, const struct cor_unit *unit,
	const struct cor_unit *first, const struct cor_environment *environments,
	struct cor_arena *arena)
{
	const struct cor_limit *const *limits = unit->service->limits;
	uint32_t len = 0;

	while (limits && limits[len])
		len++;
	const struct cor_environment **owners = cor_arena_alloc(arena, (len + 1) * sizeof *owners);
	if (!owners)
		return -ENOMEM;
	for (uint32_t i = 0; i < len; i++)
		owners[i] = &environments[limit_owner(unit, i) - first];
	place->limit_owners = (struct cor_limit_owners){ owners, len };
	return 0;
}

/* The nearest service that says so; a resource or an operation is of its own. */
static const struct cor_unit *guard_of(const struct cor_unit *unit, const struct cor_security *ways)
{
	for (const struct cor_unit *at = unit; at; at = at->outer)
		if (at->written->security == ways || at->written->docs_security == ways)
			return at;
	return unit;
}

int cor_place_belong(struct cor_place *place, const struct cor_composition *composition,
	const struct cor_unit *unit, const struct cor_environment *environments,
	struct cor_arena *arena)
{
	const struct cor_unit *first = composition->units;

	place->environments = cor_arena_alloc(
		arena, (place->middleware_len + 1) * sizeof *place->environments);
	if (!place->environments)
		return -ENOMEM;
	const struct cor_outskirts *outskirts = place->outskirts - (unit - first);
	place->environment = place->guard.environment = &environments[unit - first];
	for (uint32_t i = 0; i < place->middleware_len; i++)
		place->environments[i] = &environments[middleware_owner(unit, i) - first];
	for (int method = 0; method < COR_METHOD_COUNT; method++) {
		struct cor_action *action = &place->actions[method];
		const struct cor_unit *guard = guard_of(unit, action->gate.ways);
		if (action->gate.ways && guard != unit)
			action->gate.guard = &outskirts[guard - first].nowhere.guard;
		action->is_simple = action->is_plain && unit->outer;
		action->is_plain = action->is_plain && !unit->outer;
	}
	return own_limits(place, unit, first, environments, arena);
}
