/* SPDX-License-Identifier: MIT */
#include "service/elsewhere.h"

#include <errno.h>

#include <coracle/error.h>
#include <coracle/response.h>

#include "schema/read_back.h"
#include "service/plan.h"
#include "service/parcel.h"

/*
 * On a thread the handler has an exchange of its own: when the client has got its 504, the real
 * one goes on, and the handler must not touch it. The request itself is read only, and there as
 * long as the handler runs.
 */
struct elsewhere {
	struct cor_exchange x;
	const struct cor_operation *operation;
	const void *in;
	void *out;
	const char *peer;
	struct cor_caller caller;
	const struct cor_ctx_value *values;
};

static const char *peer_of(struct cor_exchange *x)
{
	return cor_container_of(x, struct elsewhere, x)->peer;
}

static int caller_of(struct cor_exchange *x, struct cor_caller *ret)
{
	*ret = cor_container_of(x, struct elsewhere, x)->caller;
	return 0;
}

static const struct cor_exchange_ops ops = { .peer = peer_of, .caller = caller_of };

static int run(struct elsewhere *here)
{
	struct cor_ctx *ctx = &here->x.ctx;

	here->out = cor_alloc(ctx, here->operation->out->size);
	return here->out ? here->operation->call(ctx, here->in, here->out) : -ENOMEM;
}

/* The ctx of the job moves into the exchange of the handler, and back. */
static int run_as_job(struct cor_ctx *ctx, struct elsewhere *here)
{
	here->x.ctx = *ctx;
	here->x.ctx.request = &here->x;
	here->x.ctx.values = here->values;
	int rc = run(here);
	*ctx = here->x.ctx;
	ctx->request = NULL;
	ctx->values = NULL;
	return rc;
}

/* As if the handler had added it to the request's own reply. */
static int take_header(struct cor_exchange *x, const char *name, const char *value, int rc)
{
	int added = cor_reply_header(&x->ctx, name, value);

	return rc == 0 && added == -ENOMEM ? -ENOMEM : rc;
}

static int serve_on_thread(
	struct cor_exchange *x, const struct cor_operation *operation, const void *in, void **ret)
{
	struct elsewhere there = { .x = *x, .operation = operation, .in = in };

	there.peer = x->ops->peer(x);
	there.caller = cor_exchange_caller(x);
	there.values = x->ctx.values;
	there.x.ops = &ops;
	there.x.fields_out = there.x.fields_out_last = NULL;
	int rc = cor_offload(&x->ctx, operation->executor, run_as_job, &there);
	for (const struct cor_reply_field *at = there.x.fields_out; at; at = at->next)
		rc = take_header(x, at->name.data, at->value.data, rc);
	x->status = there.x.status;
	*ret = there.out;
	return rc == 0 && !there.out ? -ENOMEM : rc;
}

/* By its table: a process may have written anything. That it breaks rules was seen there. */
static bool is_reply(struct cor_exchange *x, const struct cor_parcel_call *call)
{
	const struct cor_response *response = NULL;
	struct cor_encode_fault fault;

	if (call->reply_status <= UINT16_MAX)
		response = cor_action_response(cor_action_of(x), (uint16_t)call->reply_status);
	const struct cor_schema *schema = !response            ? NULL
					  : call->adds_members ? response->members
							       : response->schema;
	if (!schema) {
		bool is_unchanged = call->reply_status == 304 && cor_action_of(x)->caching;
		return (response || is_unchanged) && call->reply.len == 0;
	}
	int rc = cor_read_back(cor_ctx_codec(&x->ctx), schema, false, call->reply, &fault);
	return rc == 0 || rc == -COR_EINVALID;
}

static int leave_nothing(struct cor_exchange *x)
{
	return cor_ctx_fail(&x->ctx, 502, -COR_EDIED, "the process has left no answer");
}

static int serve_in_process(
	struct cor_exchange *x, const struct cor_operation *operation, const void *in, void **ret)
{
	struct cor_parcel_call call = { .x = x,
		.operation = operation,
		.in = in,
		.peer = x->ops->peer(x),
		.caller = cor_exchange_caller(x),
		.values = x->ctx.values,
		.admission = cor_admission_of(&x->ctx),
		.of_trusted = x->of_trusted };
	int rc = cor_offload(&x->ctx, operation->executor, cor_parcel_job, &call);

	for (size_t i = 0; i < call.headers_len; i++)
		rc = take_header(x, call.headers[i].name, call.headers[i].value, rc);
	*ret = call.out;
	if (rc == 0 && !call.out)
		return leave_nothing(x);
	if (rc == 0 && cor_operation_may_answer(operation, (int)call.reply_status))
		x->status = (uint16_t)call.reply_status;
	if (rc != -COR_EPROBLEM || call.reply_status == 0)
		return rc;
	if (!is_reply(x, &call))
		return leave_nothing(x);
	if (call.adds_members) /* to the problem that has come back */
		return cor_ctx_add_members(&x->ctx, call.reply);
	return cor_ctx_reply(&x->ctx, (int)call.reply_status, call.reply);
}

int cor_serve_elsewhere(
	struct cor_exchange *x, const struct cor_operation *operation, const void *in, void **ret)
{
	if (operation->executor->kind == COR_PROCESSES)
		return serve_in_process(x, operation, in, ret);
	return serve_on_thread(x, operation, in, ret);
}
