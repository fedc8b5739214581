/* SPDX-License-Identifier: MIT */
#include "service/answer_check.h"

#include <errno.h>

#include <coracle/error.h>
#include <coracle/log.h>

#include "base/compiler.h"
#include "exchange/exchange.h"
#include "figures/requests.h"

static void count(const struct cor_exchange *x)
{
	if (!x || !x->handler || !x->handler->figures)
		return;
	cor_count(&cor_request_figures_at(x->handler->figures, x->route->figures)->wrong, 1);
}

static const char *name_of(const struct cor_exchange *x)
{
	return x && x->route && x->route->name ? x->route->name : "outside of an operation";
}

int cor_answer_read_back(
	struct cor_ctx *ctx, const struct cor_written *written, struct cor_encode_fault *ret_fault)
{
	const enum cor_answer_checks checks = ctx->environment->answer_checks;
	struct cor_codec *codec = cor_ctx_codec(ctx);

	int rc = cor_read_back(codec, written->schema, written->is_part, written->text, ret_fault);

	if (rc == 0 || rc == -ENOMEM)
		return rc;
	count(ctx->request);
	if (checks == COR_ANSWERS_REFUSED)
		return -COR_EINVALID;
	cor_log_warning(ctx, "%s: %s", name_of(ctx->request), ret_fault->text);
	return 0;
}

static void refuse_message(struct cor_ctx *ctx, const struct cor_encode_fault *fault)
{
	cor_log_error(ctx, "%s: a message is not sent: %s", name_of(ctx->request), fault->text);
}

int cor_answer_encode(struct cor_ctx *ctx, const struct cor_schema *schema, const void *value,
	struct cor_buffer *buffer, struct cor_encode_fault *ret_fault)
{
	size_t before = buffer->len;
	/* Not cor_encode_answer(), which is a part of its one caller. */
	int rc = cor_encode_masked(cor_ctx_codec(ctx), schema, ctx, NULL, value, buffer, ret_fault);

	if (rc < 0)
		return rc;
	const struct cor_written written = { schema,
		{ buffer->data + before, buffer->len - before }, false };
	rc = cor_answer_check(ctx, &written, ret_fault);
	if (rc < 0)
		buffer->len = before;
	return rc;
}

int cor_message_check(struct cor_ctx *ctx, const struct cor_schema *schema, struct cor_str text)
{
	struct cor_encode_fault fault = { 0 };
	int rc = cor_answer_check(ctx, &(struct cor_written){ schema, text, false }, &fault);

	if (rc == -COR_EINVALID)
		refuse_message(ctx, &fault);
	return rc;
}

int cor_message_encode(struct cor_ctx *ctx, const struct cor_schema *schema, const void *value,
	struct cor_buffer *buffer)
{
	struct cor_encode_fault fault = { 0 };
	int rc = cor_answer_encode(ctx, schema, value, buffer, &fault);

	if (rc == -COR_ETABLE)
		return cor_ctx_unlisted(ctx, schema->symbol);
	if (rc == -COR_EINVALID)
		refuse_message(ctx, &fault);
	return rc;
}
