/* SPDX-License-Identifier: MIT */
/* Checks that a handler runs, and where a row is that one has refused. */
#include <stdarg.h>

#include <coracle/check.h>
#include <coracle/error.h>

#include "base/compiler.h"
#include "context/context.h"
#include "hooks/hooks.h"
#include "schema/bind.h"
#include "schema/path.h"
#include "schema/walk.h"
#include "service/input.h"

#define WHERE_BYTES 1024 /* of the pointer to a member */

/* Calls of cor_invalid() and cor_check() add up. */
static int refuse(struct cor_ctx *ctx, struct cor_violations *found)
{
	struct cor_violations *before = ctx->problem.status == 422 ? ctx->problem.violations : NULL;

	if (!before)
		return cor_ctx_refuse(ctx, found);
	for (const struct cor_violation *v = found->first; v; v = v->next)
		cor_violate(before, &ctx->arena, v->in, v->where, "%s", v->detail);
	return cor_ctx_refuse(ctx, before);
}

int cor_check_struct(struct cor_ctx *ctx, const struct cor_schema *schema, const void *value)
{
	struct cor_violations *found = cor_arena_zalloc(&ctx->arena, sizeof *found);
	/* without .after_load nothing is written */
	union {
		const void *in;
		void *out;
	} cast = { value };

	if (!found)
		return cor_ctx_no_memory(ctx, false);
	if (!cor_ctx_codec(ctx))
		return cor_ctx_unlisted(ctx, schema->symbol);
	int rc = cor_ctx_run_checks(
		ctx, &(struct cor_hooked){ schema, cast.out, COR_USE_WHOLE, found, &ctx->arena });
	if (rc == -COR_ETABLE)
		return cor_ctx_unlisted(ctx, schema->symbol);
	return rc < 0 || found->count == 0 ? rc : refuse(ctx, found);
}

/* --- where a row is --- */

/* Of what ctx has recorded: those of another server's answer, or of a request. */
static bool is_of_answer(const struct cor_ctx *ctx)
{
	return ctx->problem.status && ctx->problem.violations && ctx->problem.violations->of_answer;
}

static const struct cor_field *row_at(
	struct cor_ctx *ctx, const struct cor_schema *schema, size_t offset)
{
	enum cor_access absent = is_of_answer(ctx) ? COR_WRITE_ONLY : COR_READ_ONLY;
	struct cor_rows rows;
	const struct cor_field *field = cor_rows_first(&rows, schema);

	while (field && (field->access == absent || !cor_row_is_at(field, offset)))
		field = cor_rows_next(&rows);
	return field;
}

static bool is_part_of(const struct cor_schema *schema, const struct cor_schema *outer)
{
	if (schema == outer)
		return true;
	for (size_t i = 0; i < outer->len; i++)
		if (outer->fields[i].type.kind == COR_KIND_EMBED &&
			is_part_of(schema, outer->fields[i].type.schema))
			return true;
	return false;
}

/* Rows of the input itself may come from anywhere; those of what it holds from the body. */
static const char *place_of(
	const struct cor_ctx *ctx, const struct cor_schema *schema, const struct cor_field *field)
{
	static const char *const places[] = {
		[COR_FROM_BODY] = "body",
		[COR_FROM_PATH] = "path",
		[COR_FROM_QUERY] = "query",
		[COR_FROM_HEADER] = "header",
		[COR_FROM_COOKIE] = "cookie",
	};
	const struct cor_exchange *x = ctx->request;
	const struct cor_violations *violations = ctx->problem.status ? ctx->problem.violations
								      : NULL;
	const char *under = violations ? violations->under : NULL;
	const struct cor_action *action = x ? cor_action_of(x) : NULL;

	if (is_of_answer(ctx) || (under && under[0]) || !action || !action->operation ||
		!is_part_of(schema, cor_operation_written(action->operation)->in))
		return "body";
	enum cor_from from = cor_row_source(field, action->default_from);
	return from == COR_FROM_BODY && cor_input_came_as_form(x, action) ? "form" : places[from];
}

/* RFC 6901 section 3. */
static const char *pointer_to(struct cor_ctx *ctx, const struct cor_field *field)
{
	const struct cor_step step = { .key = cor_str(cor_row_key(field)) };
	char where[WHERE_BYTES];

	if (field->bare)
		return "";
	cor_step_print(&step, false, where, sizeof where);
	return cor_printf(ctx, "%s", where);
}

static int no_row(struct cor_ctx *ctx, const struct cor_schema *schema)
{
	int rc = cor_problem(ctx, 500, 0,
		"cor_invalid_at() was given a member of %s that no row of %s names", schema->symbol,
		is_of_answer(ctx) ? "an answer" : "a request");

	ctx->has_defect = true;
	return rc;
}

int cor_invalid_row(struct cor_ctx *ctx, const struct cor_schema *schema, size_t offset,
	const char *format, ...)
{
	const struct cor_field *field = row_at(ctx, schema, offset);
	va_list args;

	if (!field)
		return no_row(ctx, schema);
	const char *in = place_of(ctx, schema, field);
	bool is_body = in[0] == 'b';
	const char *where = is_body ? pointer_to(ctx, field)
				    : cor_printf(ctx, "%s", cor_row_key(field));
	va_start(args, format);
	const char *detail = cor_arena_vprintf(&ctx->arena, format, args);
	va_end(args);
	if (!where || !detail)
		return cor_ctx_no_memory(ctx, true);
	return cor_invalid(ctx, in, where, "%s", detail);
}
