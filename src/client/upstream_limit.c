/* SPDX-License-Identifier: MIT */
#include "client/upstream_limit.h"

#include <errno.h>
#include <inttypes.h>

#define TOLERANCE_MAX   1000
#define MEASURED_MS_MIN 2000 /* it takes 0.6 s */

static uint32_t or_default(uint32_t value, uint32_t usual)
{
	return value ? value : usual;
}

/* What of it may be set elsewhere. */
static struct cor_adaptive_limit limit_of(
	const struct cor_upstream *upstream, const struct cor_upstream_settings *said)
{
	const struct cor_adaptive_limit usual = { 0 };
	struct cor_adaptive_limit limit = upstream->adaptive_limit ? *upstream->adaptive_limit
								   : usual;

	if (said && said->in_flight)
		limit.min = said->in_flight_min;
	return limit;
}

struct cor_upstream_limit cor_upstream_limit_of(
	const struct cor_upstream *upstream, const struct cor_upstream_settings *said)
{
	const struct cor_upstream_settings *set = said && said->in_flight ? said : NULL;
	const struct cor_adaptive_limit limit = limit_of(upstream, said);
	struct cor_upstream_limit ret = {
		.in_flight = set ? set->in_flight : or_default(upstream->in_flight, COR_IN_FLIGHT),
		.adapts = set ? set->adapts : upstream->adaptive_limit != NULL,
		.wait_ms = or_default(limit.wait_ms,
			or_default(upstream->connect_timeout_ms, COR_CONNECT_TIMEOUT_MS)),
	};

	ret.rules = cor_adaptive_rules(&limit, ret.in_flight);
	return ret;
}

const char *cor_upstream_limit_fault(struct cor_arena *arena, const struct cor_upstream *upstream)
{
	const struct cor_adaptive_limit limit = limit_of(upstream, NULL);
	const struct cor_upstream_limit whole = cor_upstream_limit_of(upstream, NULL);

	if (!whole.adapts)
		return NULL;
	if (limit.min > whole.in_flight)
		return cor_arena_printf(arena,
			"has an .adaptive_limit with a .min of %" PRIu32
			", which is more than its .in_flight of %" PRIu32,
			limit.min, whole.in_flight);
	if (limit.start && (limit.start < whole.rules.min || limit.start > whole.in_flight))
		return cor_arena_printf(arena,
			"has an .adaptive_limit with a .start of %" PRIu32
			", which is not between its .min of %" PRIu32
			" and its .in_flight of %" PRIu32,
			limit.start, whole.rules.min, whole.in_flight);
	if (limit.tolerance_percent > TOLERANCE_MAX)
		return cor_arena_printf(arena,
			"has an .adaptive_limit with a .tolerance_percent of %" PRIu32
			", which is %d at most",
			limit.tolerance_percent, TOLERANCE_MAX);
	if (limit.measured_ms && limit.measured_ms < MEASURED_MS_MIN)
		return cor_arena_printf(arena,
			"has an .adaptive_limit with a .measured_ms of %" PRIu32
			", which is %d at least",
			limit.measured_ms, MEASURED_MS_MIN);
	return NULL;
}

/* One that finds no room in the table is its thread's own: better than none. */
int cor_upstream_limit_prepare(
	struct cor_upstream_here *here, const struct cor_upstream_settings *said)
{
	const struct cor_upstream_limit limit = cor_upstream_limit_of(here->upstream, said);
	struct cor_adaptive_table *table = here->all->options->adaptive_limits;
	struct cor_slots *slots = &here->slots;

	here->in_flight = limit.in_flight;
	cor_semaphore_init(&here->places, limit.in_flight);
	if (!limit.adapts)
		return 0;
	here->slot_wait_ms = limit.wait_ms;
	slots->rules = limit.rules;
	slots->state = table ? cor_adaptive_hold(table, here->upstream->name, &slots->rules) : NULL;
	if (slots->state) {
		cor_slots_share(slots, table);
		return 0;
	}
	slots->state = cor_arena_zalloc(&here->all->arena, sizeof *slots->state);
	return slots->state ? cor_adaptive_init(slots->state, &slots->rules) : -ENOMEM;
}
