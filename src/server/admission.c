/* SPDX-License-Identifier: MIT */
#include "server/admission.h"

#include <inttypes.h>

#include "exchange/problem_json.h"
#include "serving/request.h"
#include "observe/logger.h"

/* In the place of the operation's: what it says of the answer is that of a refusal. */
static const struct cor_route refusals[COR_REFUSALS] = {
	[COR_REFUSED_MEMORY] = { .name = "503",
		.body_limit_bytes = -1,
		.refusal = "memory is short" },
	[COR_REFUSED_QUEUE] = { .name = "503",
		.body_limit_bytes = -1,
		.refusal = "more requests wait than can be served in time" },
	[COR_REFUSED_DEADLINE] = { .name = "503",
		.body_limit_bytes = -1,
		.refusal = "the time for the request was up before its turn came" },
};

static struct cor_scheduler *scheduler_of(const struct cor_admission *admission)
{
	return admission->serving->loop->scheduler;
}

static bool is_overdue(const struct cor_admission *admission, const struct cor_route *route)
{
	int64_t timeout_ns = route->timeout_ms ? route->timeout_ms * (int64_t)COR_NS_PER_MS
					       : admission->timeout_ns;

	return cor_lag_waited_ns(scheduler_of(admission)) >= timeout_ns;
}

/* COR_REFUSALS: it is not refused. */
static enum cor_refusal judge(const struct cor_admission *admission, const struct cor_route *route)
{
	if (is_overdue(admission, route))
		return COR_REFUSED_DEADLINE;
	if (admission->is_short && admission->serving->loop->requests_waiting > COR_LAG_FEW)
		return COR_REFUSED_MEMORY;
	return cor_lag_stands(scheduler_of(admission)) ? COR_REFUSED_QUEUE : COR_REFUSALS;
}

static const struct cor_route *route(const struct cor_handler *self, const struct cor_head *head,
	const char *bytes, struct cor_route_parameters *ret_parameters)
{
	const struct cor_admission *admission = cor_container_of(
		self, const struct cor_admission, handler);
	const struct cor_handler *real = admission->real;
	const struct cor_route *its = real->route(real, head, bytes, ret_parameters);
	enum cor_refusal refusal = judge(admission, its);

	if (refusal != COR_REFUSALS) {
		cor_count(&admission->serving->loop->counts->refused[refusal], 1);
		ret_parameters->len = 0;
		return &refusals[refusal];
	}
	if (!admission->is_short && cor_lag_is_over(scheduler_of(admission)))
		cor_serving_put_before(admission->serving, NULL);
	return its;
}

static void refuse(struct cor_exchange *x)
{
	struct cor_buffer body = { 0 };
	struct cor_problem_text problem = {
		.status = 503,
		.detail = x->route->refusal,
		.instance = cor_exchange_path(x),
		.request_id = cor_request_id(&x->ctx),
	};

	cor_problem_write_json(&body, &problem);
	if (cor_buffer_error(&body) < 0)
		cor_buffer_clear(&body, 0); /* the status says it */
	x->broken = cor_exchange_respond(x, 503, COR_PROBLEM_MEDIA_TYPE,
			    (struct cor_str){ body.data, body.len }) < 0;
	cor_buffer_finish(&body);
}

static void serve(const struct cor_handler *self, struct cor_exchange *x)
{
	const struct cor_admission *admission = cor_container_of(
		self, const struct cor_admission, handler);

	cor_request_was_late(x, cor_lag_behind_ns(scheduler_of(admission)));
	if (x->route->refusal) {
		refuse(x);
		return;
	}
	x->handler = admission->real;
	x->handler->serve(x->handler, x);
}

static void stand_before(void *arg)
{
	struct cor_admission *admission = arg;

	cor_serving_put_before(admission->serving, &admission->handler);
}

static void complain(const struct cor_admission *admission, uint64_t used_bytes)
{
	const struct cor_loop *loop = admission->serving->loop;

	if (cor_loops_may_complain(loop->group, cor_clock_now(loop->scheduler)))
		cor_logger_log(loop->logger, COR_LOG_WARNING, NULL,
			"memory is short, and new requests are refused while others wait: %" PRIu64
			" of %" PRIu64 " bytes of the control group are in use",
			used_bytes, admission->memory->limit_bytes);
}

static void look_at_memory(struct cor_timer *timer)
{
	struct cor_admission *admission = cor_container_of(timer, struct cor_admission, look);
	const struct cor_memory *memory = admission->memory;
	const struct cor_loop *loop = admission->serving->loop;

	admission->is_short = false;
	if (loop->requests_waiting == 0)
		return;
	uint64_t used_bytes = memory->used(memory);
	if (used_bytes >= memory->limit_bytes - memory->limit_bytes / 10) {
		admission->is_short = true;
		stand_before(admission);
		complain(admission, used_bytes);
	}
	cor_timer_arm(loop->scheduler, timer,
		cor_clock_after(cor_clock_now(loop->scheduler), COR_WHILE_WAITING_MS));
}

void cor_admission_init(struct cor_admission *admission, struct cor_serving *serving,
	const struct cor_server_settings *settings, const struct cor_memory *memory)
{
	const struct cor_handler *real = serving->handler;
	struct cor_scheduler *scheduler = serving->loop->scheduler;

	*admission = (struct cor_admission){
		.handler = *real,
		.real = real,
		.serving = serving,
		.memory = memory,
		.look = { .due_ns = COR_FOREVER, .fire = look_at_memory },
		.timeout_ns = settings->requests.request_timeout_ms * (int64_t)COR_NS_PER_MS,
	};
	admission->handler.route = route;
	admission->handler.serve = serve;
	scheduler->lag.notice = stand_before;
	scheduler->lag.arg = admission;
	if (memory)
		serving->loop->while_waiting = &admission->look;
	cor_lag_watch(scheduler, settings->queue_target_ms * (int64_t)COR_NS_PER_MS);
}
