/* SPDX-License-Identifier: MIT */
#include "service/serve.h"

#include <errno.h>

#include <coracle/error.h>

#include "service/answer.h"
#include "service/input.h"

/* A request on its way through the chain. */
struct run {
	struct cor_exchange *x;
	const struct cor_action *action;
	void *out;        /* of a CALL that has been made */
	uint32_t deepest; /* how many middlewares were entered */
	bool is_through;  /* the end of the chain was reached, and went well */
};

/* The way inwards from one middleware; each has its own, so that none can be passed by calling twice. */
struct cor_next {
	struct run *run;
	uint32_t at;
	bool is_taken;
};

static int stream(struct run *run, const void *in)
{
	struct cor_exchange *x = run->x;

	x->reply.status = run->action->status;
	x->reply.content_type = run->action->content_type;
	return run->action->operation->stream(&x->ctx, in, &x->body, &x->reply);
}

static int call(struct run *run)
{
	const struct cor_operation *operation = run->action->operation;
	const void *in;
	int rc = cor_input_bind(run->x, run->action, &in);

	if (rc < 0)
		return rc;
	if (operation->stream)
		return stream(run, in);
	run->out = cor_arena_zalloc(&run->x->ctx.arena, operation->out->size);
	return run->out ? operation->call(&run->x->ctx, in, run->out) : -ENOMEM;
}

static __attribute__((noinline)) int refuse(struct run *run)
{
	const struct cor_action *action = run->action;
	struct cor_ctx *ctx = &run->x->ctx;

	if (action->refusal == 405 && cor_reply_header(ctx, "Allow", action->place->allow) < 0)
		return -ENOMEM;
	return cor_problem(ctx, action->refusal, 0, "%s", action->detail);
}

static int reach(struct run *run)
{
	int rc = 0;

	if (run->action->operation)
		rc = call(run);
	else if (run->action->kind == COR_ACTION_REFUSE)
		rc = refuse(run);
	if (rc > 0)
		rc = 0;
	run->is_through = rc == 0;
	return rc;
}

static int go(struct run *run, uint32_t at)
{
	const struct cor_place *place = run->action->place;

	if (at == place->middleware_len)
		return reach(run);
	struct cor_next next = { .run = run, .at = at + 1 };
	run->deepest = at + 1;
	return place->middleware[at]->around(&run->x->ctx, &next);
}

int cor_next(struct cor_next *next)
{
	if (next->is_taken)
		return -EALREADY;
	next->is_taken = true;
	return go(next->run, next->at);
}

/* A success without an answer is a defect of the service: say whose. */
static __attribute__((noinline, cold)) int blame(struct run *run)
{
	const struct cor_place *place = run->action->place;

	if (run->is_through)
		return cor_problem(
			&run->x->ctx, 500, 0, "the stream handler returned without a reply");
	return cor_problem(&run->x->ctx, 500, 0, "middleware %s returned success without an answer",
		place->middleware[run->deepest - 1]->name);
}

static int answer(struct run *run, struct cor_buffer *scratch)
{
	if (run->x->reply_state != COR_REPLY_NONE)
		return 0;
	if (!run->is_through)
		return blame(run);
	switch (run->action->kind) {
	case COR_ACTION_CALL:
		return cor_answer_output(run->x, run->action, run->out, scratch);
	case COR_ACTION_OPTIONS:
		return cor_answer_options(run->x, run->action);
	default:
		return blame(run);
	}
}

void cor_serve(struct cor_exchange *x, struct cor_buffer *scratch)
{
	struct run run = { .x = x, .action = x->route.target };
	int rc = go(&run, 0);

	if (rc >= 0)
		rc = answer(&run, scratch);
	if (rc < 0)
		cor_answer_problem(x, run.action, rc, scratch);
}
