/* SPDX-License-Identifier: MIT */
/*
 * An answer with another status than the operation's is recorded in ctx, where a problem would be:
 * it takes the way of problems, so that requests without one do nothing for it.
 */
#include <coracle/response.h>

#include <errno.h>

#include <coracle/error.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "schema/bind.h"
#include "service/answer.h"
#include "service/answer_check.h"
#include "service/operation.h"

static COR_COLD int refuse_undeclared(
	struct cor_ctx *ctx, int status, const struct cor_schema *schema)
{
	int rc = cor_problem(ctx, 500, 0,
		"cor_respond() was given %d with %s: list it in the .responses of the operation",
		status, schema->symbol);

	ctx->has_defect = true;
	return rc;
}

static bool is_declared(
	const struct cor_operation *operation, int status, const struct cor_schema *schema)
{
	const struct cor_response *response = cor_operation_response(operation, (uint16_t)status);

	if (!response)
		return false;
	return response->schema ? response->schema == schema : schema->media == COR_MEDIA_NONE;
}

static int set_headers(struct cor_ctx *ctx, const struct cor_schema *schema, const void *value,
	struct cor_buffer *buffer)
{
	struct cor_rows rows;
	int rc = 0;

	if (!ctx->request || schema->media != COR_MEDIA_JSON)
		return 0;
	for (const struct cor_field *field = cor_rows_first(&rows, schema); field && rc == 0;
		field = cor_rows_next(&rows))
		if (field->to == COR_TO_HEADER)
			rc = cor_answer_header(ctx->request, schema, field, value, buffer);
	buffer->len = 0;
	return rc;
}

static int encode(struct cor_ctx *ctx, const struct cor_schema *schema, const void *value,
	struct cor_buffer *buffer)
{
	struct cor_encode_fault fault = { 0 };

	if (schema->media != COR_MEDIA_JSON)
		return 0;
	if (!cor_ctx_codec(ctx))
		return cor_problem(ctx, 500, 0, "cor_respond() needs a ctx with a service");
	int rc = cor_answer_encode(ctx, schema, value, buffer, &fault);
	if (rc == 0 || rc == -ENOMEM)
		return rc;
	return rc == -COR_ETABLE ? cor_ctx_unlisted(ctx, schema->symbol)
				 : cor_problem(ctx, 500, 0, "%s", fault.text);
}

static int record(struct cor_ctx *ctx, int status, const struct cor_buffer *buffer)
{
	char *text = cor_arena_copy(&ctx->arena, buffer->data ? buffer->data : "", buffer->len);

	return text ? cor_ctx_reply(ctx, status, (struct cor_str){ text, buffer->len }) : -ENOMEM;
}

int cor_respond_with(
	struct cor_ctx *ctx, int status, const struct cor_schema *schema, const void *value)
{
	struct cor_buffer buffer = { 0 };

	if (ctx->request && !is_declared(cor_action_of(ctx->request)->operation, status, schema))
		return refuse_undeclared(ctx, status, schema);
	int rc = set_headers(ctx, schema, value, &buffer);
	if (rc == 0)
		rc = encode(ctx, schema, value, &buffer);
	if (rc == 0)
		rc = record(ctx, status, &buffer);
	cor_buffer_finish(&buffer);
	return rc;
}
