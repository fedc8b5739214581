/* SPDX-License-Identifier: MIT */
#include "hooks/hooks.h"

#include <errno.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "context/context.h"
#include "schema/hooks.h"
#include "schema/json_hooks.h"

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

static void begin_call(struct cor_ctx *ctx, const char *where, enum cor_use use, struct call *call)
{
	*call = (struct call){
		.before = ctx->problem,
		.code_before = ctx->problem_code,
		.found = { .under = where, .of_answer = use == COR_USE_ANSWER },
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

	begin_call(caller->ctx, where, base->use, &call);
	return end_call(caller, &call, check->c_type, check->run(caller->ctx, value));
}

static int call_load(struct cor_hook_caller *base, const struct cor_schema_hook *hook, void *value,
	const char *where)
{
	struct caller *caller = (struct caller *)base;
	struct call call;

	begin_call(caller->ctx, where, base->use, &call);
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

	begin_call(ctx, where, caller->found.base.use, &call);
	int rc = end_call(&caller->found, &call, hook->name, hook->run(ctx, base->arena, json));
	if (rc == 0 && !*json)
		rc = cor_problem(ctx, 500, 0, "%s() has left no JSON", hook->name);
	return rc;
}

int cor_ctx_before_load(struct cor_ctx *ctx, const struct cor_unloaded *json, struct cor_str *ret)
{
	struct json_caller caller = {
		.base = { .call = call_json, .arena = json->arena },
		.found = { .base = { .violations = json->violations,
				   .use = json->use,
				   .arena = json->arena },
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
			.use = hooked->use,
			.arena = hooked->arena },
		.ctx = ctx,
	};

	return cor_hooks_run(cor_ctx_codec(ctx), hooked->schema, hooked->value, &caller.base);
}

int cor_ctx_run_hooks(struct cor_ctx *ctx, const struct cor_hooked *hooked)
{
	return run(ctx, hooked, true);
}

int cor_ctx_run_checks(struct cor_ctx *ctx, const struct cor_hooked *hooked)
{
	return run(ctx, hooked, false);
}
