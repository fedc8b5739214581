/* SPDX-License-Identifier: MIT */
#include "service/serve.h"

#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "coding/answer.h"
#include "files/serve.h"
#include "service/answer.h"
#include "service/answer_cache.h"
#include "service/caching.h"
#include "service/elsewhere.h"
#include "service/idempotency.h"
#include "limit/pass.h"
#include "service/input.h"
#include "service/outskirts.h"
#include "service/principal.h"
#include "service/slashes.h"

/* A request on its way through the chain. */
struct run {
	struct cor_exchange *x;
	const struct cor_action *action;
	void *out;                       /* of a CALL that has been made */
	struct cor_kept_answer *kept;    /* instead, where answers are kept */
	struct cor_keyed_request *keyed; /* or where a request has a key */
	struct cor_limit_stay stay;
	uint32_t deepest; /* how many layers of middleware were entered */
};

/* The way inwards from one middleware. Each has its own, so that a second call can be told. */
struct cor_next {
	struct run *run;
	uint32_t at;
	bool is_taken;
};

static COR_OUT_OF_LINE int stream(
	struct cor_exchange *x, const struct cor_action *action, const void *in)
{
	struct cor_body body = { .exchange = x };
	struct cor_reply reply = {
		.exchange = x,
		.status = action->status,
		.content_type = action->content_type,
		.sends_file = action->operation->sends_file,
	};

	return action->operation->stream(&x->ctx, in, &body, &reply);
}

/*
 * Zeroed in steps of the arena's alignment: for the few bytes that most outputs have, this beats a
 * call.
 */
static inline void *make_output(struct cor_exchange *x, const struct cor_operation *operation)
{
	size_t bytes = operation->out->size;
	char *out = cor_arena_alloc(&x->ctx.arena, bytes);

	for (size_t i = 0; out && i < bytes; i += 16)
		memset(out + i, 0, 16);
	return out;
}

static int call_bound(
	struct cor_exchange *x, const struct cor_action *action, const void *in, void **ret)
{
	const struct cor_operation *operation = action->operation;

	if (operation->stream)
		return stream(x, action, in);
	if (operation->executor)
		return cor_serve_elsewhere(x, operation, in, ret);
	*ret = make_output(x, operation);
	return *ret ? operation->call(&x->ctx, in, *ret) : -ENOMEM;
}

/* Bind the input and call the operation; *ret is the output of a CALL. */
static int call(struct cor_exchange *x, const struct cor_action *action, void **ret)
{
	const void *in;
	int rc = cor_input_bind(x, action, &in);

	return rc < 0 ? rc : call_bound(x, action, in, ret);
}

/* The answer, from the cache or by the handler: it is sent when the chain has ended. */
static COR_OUT_OF_LINE int call_kept(struct run *run)
{
	struct cor_exchange *x = run->x;
	const void *in;
	int rc = cor_input_bind(x, run->action, &in);

	if (rc < 0)
		return rc;
	run->kept = cor_arena_zalloc(&x->ctx.arena, sizeof *run->kept);
	return run->kept ? cor_kept_answer_get(run->kept, x, run->action, in) : -ENOMEM;
}

static COR_OUT_OF_LINE int call_keyed(struct run *run)
{
	struct cor_exchange *x = run->x;
	const void *in;
	int rc = cor_input_bind(x, run->action, &in);

	if (rc < 0)
		return rc;
	struct cor_keyed_request *keyed = cor_arena_zalloc(&x->ctx.arena, sizeof *keyed);
	if (!keyed)
		return -ENOMEM;
	run->keyed = keyed;
	rc = cor_keyed_request_serve(keyed, x, run->action, in);
	if (rc <= 0)
		return rc;
	run->keyed = NULL;
	return call_bound(x, run->action, in, &run->out);
}

static COR_OUT_OF_LINE int refuse(struct run *run)
{
	const struct cor_action *action = run->action;
	const struct cor_outskirts *outskirts = action->place->outskirts;
	struct cor_ctx *ctx = &run->x->ctx;

	if (action->refusal == 404 && outskirts && outskirts->router) {
		int rc = cor_slashes_redirect(run->x, outskirts->router);
		if (rc != 0)
			return rc < 0 ? rc : 0;
	}
	if (action->refusal == 405 && cor_reply_header(ctx, "Allow", action->place->allow) < 0)
		return -ENOMEM;
	return cor_ctx_problem(ctx, action->refusal, 0, action->detail);
}

/* What other limits have left is not what the client has to wait for. */
static COR_COLD int refuse_login(struct run *run, int64_t wait_ns)
{
	const struct cor_service *service = cor_ctx_mounted(&run->x->ctx);

	run->stay.least = NULL;
	return cor_limit_refuse(run->x, run->x->ctx.environment->limits,
		cor_failed_logins_of(service), "failed login", wait_ns);
}

/* Who has failed too often gets no answer to the next try. */
static int admit(struct run *run)
{
	struct cor_exchange *x = run->x;
	const struct cor_gate *gate = &run->action->gate;
	int64_t wait_ns;
	int rc = cor_principal_find(x, gate, &wait_ns);

	if (rc == 0 && wait_ns > 0)
		return refuse_login(run, wait_ns);
	return rc < 0 ? rc : cor_admit(x, gate);
}

static int pass_limits(struct run *run, bool early)
{
	const struct cor_limit_counter *counter = run->x->ctx.environment->limits;

	if (!run->action->limits || !counter)
		return 0;
	return cor_limits_pass(run->x, counter, run->action->limits,
		&run->action->place->limit_owners, early, &run->stay);
}

/* Limits that need no name come first: who floods shall not have credentials checked, too. */
static int enter(struct run *run)
{
	int rc = pass_limits(run, true);

	if (rc == 0 && run->action->gate.ways)
		rc = admit(run);
	if (rc == 0)
		rc = pass_limits(run, false);
	if (rc == 0 && run->action->caching)
		rc = cor_caching_require(run->x, run->action);
	if (!run->stay.least)
		return rc;
	int said = cor_limits_say(run->x, run->action->limits, &run->stay);
	return rc < 0 ? rc : said;
}

static int reach(struct run *run)
{
	const struct cor_action *action = run->action;
	bool has_door = action->limits || action->gate.ways || action->caching;
	int rc = has_door ? enter(run) : 0;

	if (rc == 0 && action->kept)
		rc = call_kept(run);
	else if (rc == 0 && action->operation && action->operation->idempotency)
		rc = call_keyed(run);
	else if (rc == 0 && action->operation)
		rc = call(run->x, action, &run->out);
	else if (rc == 0 && action->kind == COR_ACTION_REFUSE)
		rc = refuse(run);
	else if (rc == 0 && action->kind == COR_ACTION_FILES)
		rc = cor_file_server_serve(action->place->files, run->x);
	if (rc > 0)
		rc = cor_ctx_positive(&run->x->ctx, "", rc);
	if (rc < 0 && action->operation)
		cor_answer_judge(run->x, action, rc);
	run->x->is_through = rc == 0;
	return rc;
}

static COR_COLD int blame_middleware(
	struct run *run, const struct cor_middleware *middleware, int rc)
{
	const char *who = cor_printf(&run->x->ctx, "middleware %s ", middleware->name);

	return cor_ctx_positive(&run->x->ctx, who ? who : "middleware ", rc);
}

/* Where services are mounted, code finds the state and the settings of its own. */
static inline void enter_service(struct run *run, const struct cor_environment *environment)
{
	run->x->ctx.environment = environment;
}

static int go(struct run *run, uint32_t at)
{
	const struct cor_place *place = run->action->place;

	if (place->environment)
		enter_service(run,
			at == place->middleware_len ? place->environment : place->environments[at]);
	if (at == place->middleware_len)
		return reach(run);
	struct cor_next next = { .run = run, .at = at + 1 };
	run->deepest = at + 1;
	int rc = place->middleware[at]->around(&run->x->ctx, &next);
	return rc > 0 ? blame_middleware(run, place->middleware[at], rc) : rc;
}

int cor_next(struct cor_next *next)
{
	if (next->is_taken)
		return -EALREADY;
	next->is_taken = true;
	int rc = go(next->run, next->at);
	const struct cor_place *place = next->run->action->place;
	if (place->environment)
		enter_service(next->run, place->environments[next->at - 1]);
	return rc;
}

/* The status of a success that is not written yet. A stream that has not begun is a defect. */
static int status_of_success(const struct cor_exchange *x)
{
	const struct cor_action *action = cor_action_of(x);

	if (!x->is_through)
		return 500;
	if (action->kind == COR_ACTION_CALL)
		return x->status ? x->status : action->status;
	return action->kind == COR_ACTION_OPTIONS ? 204 : 500;
}

int cor_reply_status(struct cor_ctx *ctx, int rc)
{
	struct cor_exchange *x = cor_exchange_of(ctx);

	if (x && x->reply_state != COR_REPLY_NONE)
		return x->status;
	if (rc != 0)
		return x ? cor_status_answered(x, rc) : cor_ctx_status(ctx, rc);
	return x ? status_of_success(x) : 200;
}

/* A success without an answer is a defect of the service: name the culprit. */
static COR_COLD int blame(struct run *run)
{
	const struct cor_place *place = run->action->place;

	if (run->x->is_through)
		return cor_ctx_problem(
			&run->x->ctx, 500, 0, "the stream handler returned without a reply");
	return cor_problem(&run->x->ctx, 500, 0, "middleware %s returned success without an answer",
		place->middleware[run->deepest - 1]->name);
}

int cor_reply_status_set(struct cor_ctx *ctx, int status)
{
	struct cor_exchange *x = cor_exchange_of(ctx);
	const struct cor_operation *operation = x ? cor_action_of(x)->operation : NULL;

	if (!x)
		return 0;
	if (operation && operation->call && cor_operation_may_answer(operation, status)) {
		x->status = (uint16_t)status;
		return 0;
	}
	int rc = cor_problem(ctx, 500, 0,
		"cor_reply_status_set() was given %d: list it in the .also of the operation",
		status);
	ctx->has_defect = true;
	return rc;
}

/* With the status that the handler has chosen, if it has. */
static int answer_call(struct run *run, struct cor_buffer *scratch)
{
	const struct cor_action *action = run->action;
	struct cor_action chosen;

	if (run->kept)
		return cor_kept_answer_send(run->kept);
	if (run->keyed)
		return cor_keyed_request_send(run->keyed);
	if (COR_UNLIKELY(run->x->status)) {
		chosen = *action;
		chosen.status = run->x->status;
		action = &chosen;
	}
	if (action->caching)
		return cor_answer_cached(run->x, action, run->out, scratch);
	return cor_answer_output(run->x, action, run->out, scratch);
}

static int answer(struct run *run, struct cor_buffer *scratch)
{
	if (run->x->reply_state != COR_REPLY_NONE)
		return 0;
	if (!run->x->is_through)
		return blame(run);
	switch (run->action->kind) {
	case COR_ACTION_CALL:
		return answer_call(run, scratch);
	case COR_ACTION_OPTIONS:
		return cor_answer_options(run->x, run->action);
	default:
		return blame(run);
	}
}

/* A preflight asks before the page's own request: neither middleware nor gate sees it. */
static int run_all(struct run *run, struct cor_buffer *scratch)
{
	const struct cor_cors_policy *cors = run->action->place->cors;
	int rc = 0;

	if (cors && cor_cors_is_preflight(run->x))
		return cor_cors_answer(run->x, cors);
	if (cors)
		rc = cor_cors_mark(run->x, cors);
	if (rc == 0)
		rc = go(run, 0);
	if (run->action->place->environment)
		enter_service(run, run->action->place->environment);
	return rc < 0 ? rc : answer(run, scratch);
}

/* The keys of a stay are not there yet: to zero them would cost each request that has a chain. */
static void begin(struct run *run, struct cor_exchange *x, const struct cor_action *action)
{
	run->x = x;
	run->action = action;
	run->out = NULL;
	run->kept = NULL;
	run->keyed = NULL;
	run->deepest = 0;
	run->stay.len = 0;
	run->stay.least = NULL;
}

static void serve_run(
	struct cor_exchange *x, const struct cor_action *action, struct cor_buffer *scratch)
{
	struct run run;
	begin(&run, x, action);
	int rc = run_all(&run, scratch);

	if (rc != 0)
		cor_answer_problem(x, action, rc, scratch);
	if (run.kept)
		cor_kept_answer_finish(run.kept);
	if (run.keyed)
		cor_keyed_request_finish(run.keyed);
	if (run.stay.len != 0)
		cor_limits_leave(x->ctx.environment->limits, &run.stay);
}

/* Its answers may be encoded, whatever they are, and its body decoded. */
static COR_OUT_OF_LINE void serve_coded(
	struct cor_exchange *x, const struct cor_action *action, struct cor_buffer *scratch)
{
	struct cor_coded_exchange coded;

	cor_coded_begin(&coded, x, action->coding);
	serve_run(x, action, scratch);
	cor_coded_end(&coded);
}

/* A CALL without middleware, which most operations are. */
static inline int serve_plain(struct cor_exchange *x, const struct cor_action *action,
	const void *in, struct cor_buffer *scratch)
{
	const struct cor_operation *operation = action->operation;
	void *out = make_output(x, operation);
	int rc = out ? operation->call(&x->ctx, in, out) : -ENOMEM;

	if (rc != 0 || x->reply_state != COR_REPLY_NONE)
		return rc;
	return cor_answer_output(x, action, out, scratch);
}

static COR_OUT_OF_LINE int serve_input(
	struct cor_exchange *x, const struct cor_action *action, struct cor_buffer *scratch)
{
	const void *in;
	int rc = cor_input_bind(x, action, &in);

	return rc < 0 ? rc : serve_plain(x, action, in, scratch);
}

static COR_OUT_OF_LINE void serve_simple(
	struct cor_exchange *x, const struct cor_action *action, struct cor_buffer *scratch)
{
	int rc = serve_input(x, action, scratch);

	if (rc != 0)
		cor_answer_problem(x, action, rc, scratch);
}

/* Out of line: most operations have no middleware and need no chain. */
static COR_OUT_OF_LINE void serve_chain(
	struct cor_exchange *x, const struct cor_action *action, struct cor_buffer *scratch)
{
	if (action->place->environment)
		x->ctx.environment = action->place->environment;
	if (action->is_simple)
		serve_simple(x, action, scratch);
	else if (action->coding)
		serve_coded(x, action, scratch);
	else
		serve_run(x, action, scratch);
}

void cor_serve(struct cor_exchange *x, struct cor_buffer *scratch)
{
	static const struct cor_none nothing = { 0 };
	const struct cor_action *action = cor_action_of(x);
	int rc;

	if (COR_UNLIKELY(!action->is_plain)) {
		serve_chain(x, action, scratch);
		return;
	}
	if (COR_LIKELY(cor_input_is_none(x, action)))
		rc = serve_plain(x, action, &nothing, scratch);
	else
		rc = serve_input(x, action, scratch);
	if (rc != 0)
		cor_answer_problem(x, action, rc, scratch);
}
