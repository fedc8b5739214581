/* SPDX-License-Identifier: MIT */
#include "service/elsewhere.h"

#include <errno.h>

/*
 * The handler has an exchange of its own: when the client has got its 504, the real one goes on,
 * and the handler must not touch it. The request itself is read only, and there as long as the
 * handler runs.
 */
struct elsewhere {
	struct cor_exchange x;
	const struct cor_operation *operation;
	const void *in;
	void *out;
	const char *peer;
};

static const char *peer_of(struct cor_exchange *x)
{
	return cor_container_of(x, struct elsewhere, x)->peer;
}

static const struct cor_exchange_ops ops = { .peer = peer_of };

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
	int rc = run(here);
	*ctx = here->x.ctx;
	ctx->request = NULL;
	return rc;
}

static void take_fields(
	struct cor_exchange *x, struct cor_reply_field *first, struct cor_reply_field *last)
{
	if (!first)
		return;
	if (x->fields_out_last)
		x->fields_out_last->next = first;
	else
		x->fields_out = first;
	x->fields_out_last = last;
}

int cor_serve_elsewhere(
	struct cor_exchange *x, const struct cor_operation *operation, const void *in, void **ret)
{
	struct elsewhere there = { .x = *x, .operation = operation, .in = in };

	there.peer = x->ops->peer(x);
	there.x.ops = &ops;
	there.x.fields_out = there.x.fields_out_last = NULL;
	int rc = cor_offload(&x->ctx, operation->executor, run_as_job, &there);
	take_fields(x, there.x.fields_out, there.x.fields_out_last);
	*ret = there.out;
	return rc == 0 && !there.out ? -ENOMEM : rc;
}
