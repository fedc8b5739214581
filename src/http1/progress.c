/* SPDX-License-Identifier: MIT */
#include "http1/progress.h"

#include "base/block.h"
#include "http1/exchange.h"

static enum cor_progress_state state_of(const struct cor_http1_exchange *h)
{
	if (h->wait)
		return h->exchange.reply_state == COR_REPLY_NONE ? COR_PROGRESS_READING
								 : COR_PROGRESS_WRITING;
	return h->fiber->state == COR_FIBER_PARKED ? COR_PROGRESS_WAITING : COR_PROGRESS_RUNNING;
}

void cor_http1_describe(const struct cor_protocol *self, const struct cor_connection *connection,
	struct cor_progress *ret)
{
	const struct cor_http1_exchange *h = connection->session;
	const struct cor_route *route = h->exchange.route;

	(void)self;
	ret->began_ns = h->began_ns;
	ret->state = state_of(h);
	ret->waits_in = ret->state == COR_PROGRESS_WAITING ? h->fiber->waits_in : NULL;
	ret->figures = route->figures / (uint32_t)sizeof(struct cor_request_figures);
	ret->handler = route->name;
	ret->memory_bytes = cor_arena_taken(&h->exchange.ctx.arena);
	ret->request_id = h->exchange.ctx.request_id;
}
