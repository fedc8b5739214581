/* SPDX-License-Identifier: MIT */
/* In whose environment a place runs, and each middleware around it. */
#include <errno.h>

#include "service/composition.h"
#include "service/plan.h"

/* Middleware of an outer service comes before that of an inner one. */
static const struct cor_unit *owner_of(const struct cor_unit *unit, uint32_t middleware)
{
	while (unit->own_middleware > middleware)
		unit = unit->outer;
	return unit;
}

/* The nearest service that says so; a resource or an operation is of its own. */
static const struct cor_unit *guard_of(const struct cor_unit *unit, const struct cor_security *ways)
{
	for (const struct cor_unit *at = unit; at; at = at->outer)
		if (at->written->security == ways || at->written->docs_security == ways)
			return at;
	return unit;
}

static void guard(struct cor_gate *gate, const struct cor_unit *unit, const struct cor_unit *first,
	const struct cor_environment *environments)
{
	if (!gate->ways)
		return;
	const struct cor_unit *owner = guard_of(unit, gate->ways);
	gate->realm = owner->written->name;
	gate->environment = &environments[owner - first];
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
	place->environment = &environments[unit - first];
	for (uint32_t i = 0; i < place->middleware_len; i++)
		place->environments[i] = &environments[owner_of(unit, i) - first];
	for (int method = 0; method < COR_METHOD_COUNT; method++) {
		struct cor_action *action = &place->actions[method];
		guard(&action->gate, unit, first, environments);
		action->is_simple = action->is_plain && unit->outer;
		action->is_plain = action->is_plain && !unit->outer;
	}
	return 0;
}
