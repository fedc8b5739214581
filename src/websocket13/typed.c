/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "base/violation_texts.h"
#include "exchange/problem_json.h"
#include "schema/decode.h"
#include "schema/hooks.h"
#include "service/answer_check.h"
#include "service/error_shape.h"
#include "hooks/hooks.h"
#include "service/language.h"
#include "websocket13/output.h"

/* Deeper than there may be is a rule of its own for decoders; for clients it is one of many. */
static int judge(struct cor_websocket *ws, int rc)
{
	if (rc != -COR_ETOOLARGE)
		return rc;
	if (ws->violations.count == 0)
		cor_violate_by_text(&ws->violations, &ws->memory, "body", COR_SAYS_TOO_DEEP);
	return -COR_EINVALID;
}

/* A message on its way into a struct. */
struct incoming {
	const struct cor_schema *schema;
	void *value;
	struct cor_str text;
	struct cor_violations *violations;
};

static int before_load(struct cor_ctx *ctx, struct incoming *in)
{
	const struct cor_unloaded json = { in->schema, in->text, COR_USE_REQUEST, in->violations,
		&ctx->arena };

	return cor_ctx_before_load(ctx, &json, &in->text);
}

static int after_load(struct cor_ctx *ctx, struct incoming *in)
{
	return cor_ctx_run_hooks(ctx, &(struct cor_hooked){ in->schema, in->value, COR_USE_REQUEST,
					      in->violations, &ctx->arena });
}

/* With a ctx whose memory is the message's: the connection has any number of them. */
static int run_hooks(struct cor_websocket *ws, struct incoming *in,
	int (*hooks)(struct cor_ctx *ctx, struct incoming *in))
{
	struct cor_ctx *own = &ws->x->ctx, ctx;

	cor_ctx_begin_child(&ctx, own);
	ctx.arena = ws->memory;
	int rc = hooks(&ctx, in);
	ws->memory = ctx.arena;
	cor_arena_init_part(&ctx.arena, &own->arena);
	struct cor_ctx_record *record = rc < 0 ? cor_ctx_keep_problem(own, &ctx) : NULL;
	cor_ctx_end_child(&ctx, own);
	if (rc < 0)
		return cor_ctx_take_record(own, record, rc);
	return ws->violations.count != 0 ? -COR_EINVALID : 0;
}

static int decode(struct cor_websocket *ws, struct incoming *in)
{
	const struct cor_decode_options request = { .use = COR_USE_REQUEST,
		.default_from = COR_FROM_BODY };
	struct cor_ctx *ctx = &ws->x->ctx;
	int rc = 0;

	if (ctx->environment->has_before_load)
		rc = run_hooks(ws, in, before_load);
	if (rc < 0)
		return rc;
	rc = cor_decode_text(cor_ctx_codec(ctx), &ws->memory, in->schema, &request, in->value,
		in->text, in->violations);
	if (rc == -COR_ETABLE)
		return cor_ctx_unlisted(ctx, in->schema->symbol);
	bool was_read = rc == 0 || rc == -COR_EINVALID;
	return was_read && cor_codec_has_hooks(cor_ctx_codec(ctx)) ? run_hooks(ws, in, after_load)
								   : rc;
}

int cor_websocket_receive_struct(
	struct cor_websocket *ws, const struct cor_schema *schema, void *ret)
{
	struct cor_websocket_message message;
	int rc = cor_websocket_receive(ws, &message);

	if (rc < 0)
		return rc;
	if (message.kind != COR_WEBSOCKET_TEXT) {
		cor_violate_by_text(&ws->violations, &ws->memory, "body", COR_SAYS_BINARY);
		return -COR_EINVALID;
	}
	memset(ret, 0, schema->size);
	struct incoming in = { schema, ret, message.data, &ws->violations };
	return judge(ws, decode(ws, &in));
}

int cor_websocket_send_struct(
	struct cor_websocket *ws, const struct cor_schema *schema, const void *value)
{
	struct cor_buffer text = { 0 };
	struct cor_ctx *ctx = &ws->x->ctx;
	int rc = cor_message_encode(ctx, schema, value, &text);

	if (rc == 0)
		rc = cor_websocket_send(
			ws, COR_WEBSOCKET_TEXT, (struct cor_str){ text.data, text.len });
	cor_buffer_finish(&text);
	return rc;
}

/* In memory of the message: the connection has any number of them. Nothing here yields. */
static int write_refusal(
	struct cor_websocket *ws, const struct cor_problem_text *text, struct cor_buffer *buffer)
{
	struct cor_arena *arena = &ws->x->ctx.arena, own = *arena;

	*arena = ws->memory;
	(void)cor_error_write(ws->x, text, buffer);
	ws->memory = *arena;
	*arena = own;
	return cor_buffer_error(buffer);
}

int cor_websocket_refuse(struct cor_websocket *ws)
{
	struct cor_problem_text text = {
		.status = cor_error_invalid_status(cor_ctx_mounted(&ws->x->ctx)),
		.instance = cor_exchange_path(ws->x),
		.request_id = cor_request_id(&ws->x->ctx),
		.violations = &ws->violations,
	};
	struct cor_buffer problem = { 0 };

	if (ws->violations.count == 0)
		return -EINVAL;
	cor_language_say(ws->x, &ws->memory, &text);
	int rc = write_refusal(ws, &text, &problem);
	if (rc == 0)
		rc = cor_websocket_send(
			ws, COR_WEBSOCKET_TEXT, (struct cor_str){ problem.data, problem.len });
	cor_buffer_finish(&problem);
	return rc;
}
