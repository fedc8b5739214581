/* SPDX-License-Identifier: MIT */
#include "client/reach.h"

#include <errno.h>
#include <inttypes.h>

#include <coracle/clock.h>
#include <coracle/error.h>
#include <coracle/fiber.h>

#include "client/upstreams.h"
#include "context/context.h"
#include "runtime/clock.h"

static int64_t now_ms(void)
{
	return cor_monotonic_ns() / COR_NS_PER_MS;
}

uint32_t cor_upstream_reach_ms(const struct cor_upstream *upstream)
{
	return upstream->connect_timeout_ms ? upstream->connect_timeout_ms : COR_CONNECT_TIMEOUT_MS;
}

/* One whose time is over gets the next call: it may be good again. */
static bool gets_calls(const struct cor_upstream_here *here, size_t at)
{
	const struct cor_target_state *target = &here->balancer.targets[at];

	return here->balancer.len < 2 || !target->is_out || now_ms() >= target->due_ms;
}

static int connect_once(const struct cor_carrier *carrier, void *state,
	const struct cor_carrier_request *request, int64_t limit_ms, const char **ret_why)
{
	struct cor_arena *arena = request->arena;
	struct cor_wire *wire;
	struct cor_scope scope;
	int rc = carrier->begin(state, request, &wire);

	if (rc < 0)
		return rc;
	cor_scope_enter(&scope, limit_ms);
	rc = wire->carrier->connect(wire);
	cor_scope_leave(&scope);
	if (rc < 0)
		*ret_why = wire->fault.kind ? cor_arena_printf(arena, "%s", wire->fault.text)
			   : rc == -ETIMEDOUT
				   ? cor_arena_printf(
					     arena, "no connection within %" PRId64 " ms", limit_ms)
				   : NULL;
	wire->carrier->end(wire);
	return rc;
}

static int reach_target(struct cor_ctx *ctx, struct cor_upstream_here *here, size_t at,
	int64_t limit_ms, const char **ret_why)
{
	const struct cor_url *url = &here->targets[at];
	struct cor_destination destination = here->destination;
	void *state;

	destination.host = url->host;
	destination.port = url->port;
	destination.unix_path = url->unix_path;
	destination.proxy = cor_upstream_proxy(here, url);
	const struct cor_carrier *carrier = cor_upstream_carrier(here, &destination, &state);
	const struct cor_carrier_request request = {
		.destination = &destination,
		.arena = &ctx->arena,
		.method = COR_STR(
			"HEAD"), /* nothing of it is sent, but by curl, perhaps, its head */
		.authority = url->authority,
		.path = COR_STR("/"),
		.body_bytes = COR_BODY_ABSENT,
	};
	return carrier ? connect_once(carrier, state, &request, limit_ms, ret_why) : -EINVAL;
}

/* Each has its share of the time: one that does not answer is no reason not to ask the next. */
static int reach_any(struct cor_ctx *ctx, struct cor_upstream_here *here)
{
	const char *why = "all of its targets are out";
	int64_t asked = 0;
	int rc = -EHOSTUNREACH;

	for (size_t i = 0; i < here->balancer.len; i++)
		asked += gets_calls(here, i);
	for (size_t i = 0; rc < 0 && i < here->balancer.len; i++)
		if (gets_calls(here, i)) {
			why = NULL;
			rc = reach_target(ctx, here, i,
				cor_upstream_reach_ms(here->upstream) / (asked ? asked : 1), &why);
			if (rc == -ECANCELED)
				return rc;
		}
	return rc < 0 ? cor_problem(ctx, 503, why ? 0 : rc, "%s", why ? why : "no connection") : 0;
}

int cor_upstream_reach(struct cor_ctx *ctx, const struct cor_upstream *upstream)
{
	struct cor_upstreams *upstreams = NULL;
	int rc = cor_upstreams_here(ctx->environment->upstreams, &upstreams);
	struct cor_upstream_here *here = cor_upstreams_find(upstreams, upstream);

	if (!here)
		return rc < 0 ? rc : -COR_ETABLE;
	if (here->breaker && cor_breaker_phase_at(here->breaker, now_ms()) == COR_BREAKER_OPEN)
		return cor_problem(ctx, 503, 0, "its breaker is open for %" PRId64 " ms more",
			here->breaker->until_ms - now_ms());
	return reach_any(ctx, here);
}
