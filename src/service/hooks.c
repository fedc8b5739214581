/* SPDX-License-Identifier: MIT */
#include "service/hooks.h"

#include <errno.h>
#include <stdarg.h>

#include <coracle/check.h>
#include <coracle/error.h>

#include "base/compiler.h"
#include "context/context.h"
#include "schema/bind.h"
#include "schema/hooks.h"
#include "schema/json_hooks.h"
#include "schema/path.h"
#include "schema/walk.h"
#include "service/input.h"

#define WHERE_BYTES 1024 /* of the pointer to a member */

struct caller {
	struct cor_hook_caller base;
	struct cor_ctx *ctx;
};

/* --- one call --- */

/* What the ctx has recorded, and its place for what the call finds. */
struct call {
	struct cor_problem before;
	int code_before;
	struct cor_violations found;
};

static void begin_call(struct cor_ctx *ctx, const char *where, struct call *call)
{
	*call = (struct call){
		.before = ctx->problem,
		.code_before = ctx->problem_code,
		.found = { .under = where },
	};
	ctx->problem = (struct cor_problem){
		.status = 422, .detail = "", .violations = &call->found
	};
	ctx->problem_code = 0;
	ctx->has_defect = false;
}

static void forget(struct cor_ctx *ctx, const struct call *call)
{
	ctx->problem = call->before;
	ctx->problem_code = call->code_before;
}

static void keep(const struct caller *caller, const struct cor_violations *found)
{
	for (const struct cor_violation *v = found->first; v; v = v->next)
		cor_violate(caller->base.violations, caller->base.arena, v->in, v->where, "%s",
			v->detail);
}

/* Rules that are broken are found; any other problem is the answer. */
static int end_call(const struct caller *caller, const struct call *call, const char *who, int rc)
{
	struct cor_ctx *ctx = caller->ctx;
	bool is_found = ctx->problem.violations == &call->found;

	if (rc > 0)
		return cor_ctx_positive(ctx, cor_printf(ctx, "a hook of %s ", who), rc);
	if (rc == -COR_EPROBLEM && is_found && call->found.count != 0) {
		keep(caller, &call->found);
		rc = 0;
	}
	if (rc == 0 || is_found)
		forget(ctx, call);
	return rc;
}

static int call_check(struct cor_hook_caller *base, const struct cor_schema_check *check,
	const void *value, const char *where)
{
	struct caller *caller = (struct caller *)base;
	struct call call;

	begin_call(caller->ctx, where, &call);
	return end_call(caller, &call, check->c_type, check->run(caller->ctx, value));
}

static int call_load(struct cor_hook_caller *base, const struct cor_schema_hook *hook, void *value,
	const char *where)
{
	struct caller *caller = (struct caller *)base;
	struct call call;

	begin_call(caller->ctx, where, &call);
	return end_call(caller, &call, hook->c_type, hook->run(caller->ctx, value));
}

/* --- JSON, before it is read --- */

struct json_caller {
	struct cor_json_hook_caller base;
	struct caller found; /* where what the hooks find goes */
};

static int call_json(struct cor_json_hook_caller *base, const struct cor_json_hook *hook,
	struct cor_node **json, const char *where)
{
	struct json_caller *caller = cor_container_of(base, struct json_caller, base);
	struct cor_ctx *ctx = caller->found.ctx;
	struct call call;

	begin_call(ctx, where, &call);
	int rc = end_call(&caller->found, &call, hook->name, hook->run(ctx, base->arena, json));
	if (rc == 0 && !*json)
		rc = cor_problem(ctx, 500, 0, "%s() has left no JSON", hook->name);
	return rc;
}

int cor_ctx_before_load(struct cor_ctx *ctx, const struct cor_unloaded *json, struct cor_str *ret)
{
	struct json_caller caller = {
		.base = { .call = call_json, .arena = json->arena },
		.found = { .base = { .violations = json->violations, .arena = json->arena },
			.ctx = ctx },
	};
	size_t before = json->violations->count;

	*ret = json->text;
	if (!cor_schema_is_hooked(cor_ctx_codec(ctx), json->schema))
		return 0;
	int rc = cor_json_hooks_load(
		cor_ctx_codec(ctx), json->schema, json->text, &caller.base, ret);
	return rc == 0 && json->violations->count != before ? -COR_EINVALID : rc;
}

/* --- all of a struct --- */

static int run(struct cor_ctx *ctx, const struct cor_hooked *hooked, bool loads)
{
	struct caller caller = {
		.base = { .check = call_check,
			.load = loads ? call_load : NULL,
			.violations = hooked->violations,
			.is_request = loads,
			.arena = hooked->arena },
		.ctx = ctx,
	};

	return cor_hooks_run(cor_ctx_codec(ctx), hooked->schema, hooked->value, &caller.base);
}

int cor_ctx_run_hooks(struct cor_ctx *ctx, const struct cor_hooked *hooked)
{
	return run(ctx, hooked, true);
}

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
	int rc = run(ctx, &(struct cor_hooked){ schema, cast.out, found, &ctx->arena }, false);
	if (rc == -COR_ETABLE)
		return cor_ctx_unlisted(ctx, schema->symbol);
	return rc < 0 || found->count == 0 ? rc : refuse(ctx, found);
}

/* --- where a row is --- */

static const struct cor_field *row_at(
	struct cor_rows *rows, const struct cor_schema *schema, size_t offset)
{
	const struct cor_field *field = cor_rows_first(rows, schema);

	while (field && (field->access == COR_READ_ONLY || !cor_row_is_at(field, offset)))
		field = cor_rows_next(rows);
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

	if ((under && under[0]) || !action || !action->operation ||
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
		"cor_invalid_at() was given a member of %s that no row of a request names",
		schema->symbol);

	ctx->has_defect = true;
	return rc;
}

int cor_invalid_row(struct cor_ctx *ctx, const struct cor_schema *schema, size_t offset,
	const char *format, ...)
{
	struct cor_rows rows;
	const struct cor_field *field = row_at(&rows, schema, offset);
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
