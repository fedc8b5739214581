/* SPDX-License-Identifier: MIT */
/*
 * An answer with another status than the operation's is recorded in ctx, where a problem would be:
 * it takes the way of problems, so that requests without one do nothing for it.
 */
#include <coracle/response.h>

#include <errno.h>
#include <stdarg.h>

#include <coracle/error.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "schema/bind.h"
#include "service/answer.h"
#include "service/answer_check.h"
#include "service/plan.h"

static COR_COLD int refuse_undeclared(
	struct cor_ctx *ctx, const char *who, int status, const struct cor_schema *schema)
{
	int rc = cor_problem(ctx, 500, 0,
		"%s was given %d with %s: list it in the .responses of the operation, or the "
		".problems of its resource or service",
		who, status, schema->symbol);

	ctx->has_defect = true;
	return rc;
}

static bool is_declared(struct cor_ctx *ctx, int status, const struct cor_schema *schema)
{
	const struct cor_response *response = cor_action_response(
		cor_action_of(ctx->request), (uint16_t)status);

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
		if (field->to != COR_TO_BODY)
			rc = cor_answer_put_header(ctx->request, schema, field, value, buffer);
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

static int add_members(struct cor_ctx *ctx, const struct cor_buffer *buffer)
{
	char *text = cor_arena_copy(&ctx->arena, buffer->data ? buffer->data : "", buffer->len);

	return text ? cor_ctx_add_members(ctx, (struct cor_str){ text, buffer->len }) : -ENOMEM;
}

int cor_respond_with(
	struct cor_ctx *ctx, int status, const struct cor_schema *schema, const void *value)
{
	struct cor_buffer buffer = { 0 };

	if (ctx->request && !is_declared(ctx, status, schema))
		return refuse_undeclared(ctx, "cor_respond()", status, schema);
	int rc = set_headers(ctx, schema, value, &buffer);
	if (rc == 0)
		rc = encode(ctx, schema, value, &buffer);
	if (rc == 0)
		rc = record(ctx, status, &buffer);
	cor_buffer_finish(&buffer);
	return rc;
}

static bool has_members(struct cor_ctx *ctx, int status, const struct cor_schema *schema)
{
	const struct cor_response *response = cor_action_response(
		cor_action_of(ctx->request), (uint16_t)status);

	return response && response->members == schema;
}

/* The detail is written first: what computes a member may record problems of its own. */
int cor_problem_with_members(struct cor_ctx *ctx, int status, int cause,
	const struct cor_schema *schema, const void *value, const char *format, ...)
{
	struct cor_buffer buffer = { 0 };
	va_list args;

	if (ctx->request && !has_members(ctx, status, schema))
		return refuse_undeclared(ctx, "cor_problem_with()", status, schema);
	va_start(args, format);
	const char *detail = cor_arena_vprintf(&ctx->arena, format, args);
	va_end(args);
	int rc = set_headers(ctx, schema, value, &buffer);
	if (rc == 0)
		rc = encode(ctx, schema, value, &buffer);
	if (rc == 0)
		rc = cor_problem(ctx, status, cause, "%s", detail ? detail : "");
	if (rc == -COR_EPROBLEM && ctx->problem.status == status)
		rc = add_members(ctx, &buffer);
	cor_buffer_finish(&buffer);
	return rc;
}
