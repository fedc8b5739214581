/* SPDX-License-Identifier: MIT */
#include "serving/request.h"

#include "base/block.h"

COR_COLD void cor_request_adopt_id(struct cor_request *request)
{
	struct cor_exchange *x = &request->exchange;

	if (cor_exchange_adopt_id(cor_exchange_known(x, COR_KNOWN_X_REQUEST_ID), x->ctx.request_id))
		cor_fiber_serves(request->fiber, x->ctx.request_id);
}

COR_COLD void cor_request_count_slow(struct cor_request *request, const struct cor_serving *serving)
{
	const struct cor_scheduler *scheduler = serving->loop->scheduler;
	struct cor_request_figures *figures = cor_request_figures_of(request, serving);
	int64_t ticks = (int64_t)(scheduler->ticks - request->began_ticks);
	int64_t ns = cor_clock_now(scheduler) - request->began_ns;

	if (ticks < 0) /* the counters of two processors differ */
		ticks = 0;
	if (scheduler->ticks_few != 0)
		ns = cor_clock_of_ticks(scheduler, (uint64_t)ticks);
	cor_figures_slow(figures, ns);
	cor_count(&figures->ticks, cor_ticks_in_1ms() != 0 ? (uint64_t)ticks : (uint64_t)ns);
}

void cor_request_waits(struct cor_request *request, struct cor_serving *serving)
{
	cor_loop_request_waits(serving->loop);
	cor_gauge_move(&cor_request_figures_of(request, serving)->waiting, 1);
}

void cor_request_has_waited(struct cor_request *request, struct cor_serving *serving)
{
	serving->loop->requests_waiting--;
	cor_gauge_move(&cor_request_figures_of(request, serving)->waiting, -1);
}

void cor_request_was_late(struct cor_exchange *x, int64_t ns)
{
	int64_t us = ns / 1000;

	cor_request_of(x)->late_us = us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
}

void cor_request_wake(struct cor_request *request)
{
	struct cor_wait *wait = request->wait;

	request->wait = NULL;
	if (wait)
		cor_wait_signal(wait);
}

static enum cor_progress_state state_of(const struct cor_request *request)
{
	if (request->wait)
		return request->exchange.reply_state == COR_REPLY_NONE ? COR_PROGRESS_READING
								       : COR_PROGRESS_WRITING;
	return request->fiber->state == COR_FIBER_PARKED ? COR_PROGRESS_WAITING
							 : COR_PROGRESS_RUNNING;
}

void cor_request_describe(const struct cor_request *request,
	void (*each)(void *arg, const struct cor_progress *progress), void *arg)
{
	const struct cor_route *route = request->exchange.route;
	struct cor_progress progress = {
		.connection = request->connection,
		.began_ns = request->began_ns,
		.state = state_of(request),
		.figures = route->figures / (uint32_t)sizeof(struct cor_request_figures),
		.handler = route->name,
		.memory_bytes = cor_arena_taken(&request->exchange.ctx.arena),
		.request_id = request->exchange.ctx.request_id,
	};

	if (progress.state == COR_PROGRESS_WAITING)
		progress.waits_in = request->fiber->waits_in;
	each(arg, &progress);
}
