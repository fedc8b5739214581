/* SPDX-License-Identifier: MIT */
#include "schema/hooks.h"

#include <string.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "schema/codec.h"
#include "schema/describe.h"
#include "schema/encoder.h"
#include "schema/path.h"
#include "schema/plan.h"
#include "schema/union.h"
#include "schema/value.h"

#define WHERE_BYTES 1024 /* a pointer of the deepest value that has room in a violation */

static int run_plan(struct cor_hook_caller *caller, const struct cor_plan *plan, void *base,
	const struct cor_step *step);

/* --- the struct itself --- */

static bool is_inside(const char *where, const char *level)
{
	size_t len = strlen(level);

	return strncmp(where, level, len) == 0 && (where[len] == '\0' || where[len] == '/');
}

/* Rules of a list as a whole, whose items were read all the same. */
static bool is_of_list(const struct cor_violation *violation)
{
	static const char *const codes[] = { "min_items", "max_items", "min_members", "max_members",
		"min_contains", "max_contains", "unique" };

	for (size_t i = 0; violation->code && i < sizeof codes / sizeof codes[0]; i++)
		if (strcmp(violation->code, codes[i]) == 0)
			return true;
	return false;
}

/* What is missing, or no object, holds nothing that was read. */
static bool is_around(const struct cor_violation *violation, const char *level)
{
	return is_inside(level, violation->where) && !is_of_list(violation);
}

/* The root is also wrong where a parameter is. Of what was not kept nobody knows where it is. */
static bool is_wrong(const struct cor_hook_caller *caller, const char *level)
{
	const struct cor_violations *violations = caller->violations;

	if (level[0] == '\0' || violations->count >= COR_VIOLATIONS_MAX)
		return violations->count != 0;
	for (const struct cor_violation *v = violations->first; v; v = v->next)
		if (strcmp(v->in, "body") == 0 &&
			(is_inside(v->where, level) || is_around(v, level)))
			return true;
	return false;
}

static int call_own(struct cor_hook_caller *caller, const struct cor_schema *schema, void *base,
	const char *where)
{
	int rc = 0;

	if (schema->check && !is_wrong(caller, where))
		rc = caller->check(caller, schema->check, base, where);
	if (rc == 0 && schema->after_load && caller->load && !is_wrong(caller, where))
		rc = caller->load(caller, schema->after_load, base, where);
	return rc;
}

/* Of a part of it, nothing is known to be there: its check is for the whole. */
static int call_each(struct cor_hook_caller *caller, const struct cor_schema *schema, void *base,
	const char *where)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < schema->len; i++) {
		const struct cor_field *field = &schema->fields[i];
		if (field->type.kind == COR_KIND_EMBED && !field->is_partial)
			rc = call_each(
				caller, field->type.schema, (char *)base + field->offset, where);
	}
	return rc < 0 ? rc : call_own(caller, schema, base, where);
}

/* --- what it holds --- */

static bool is_zero(const char *bytes, size_t len)
{
	return bytes[0] == 0 && memcmp(bytes, bytes + 1, len - 1) == 0;
}

/* Of a request or an answer, rows that the other side may not say; a value at rest has all. */
static bool is_left_out(const struct cor_row *row, enum cor_use use)
{
	enum cor_access access = row->field->access;

	return (use == COR_USE_REQUEST && access == COR_READ_ONLY) ||
	       (use == COR_USE_ANSWER && access == COR_WRITE_ONLY);
}

/* What has no need to be there: an answer may lack what is not always written. */
static bool may_be_absent(const struct cor_row *row, enum cor_use use)
{
	return row->optional || row->is_partial ||
	       (use == COR_USE_ANSWER && !cor_row_is_always_written(row->field));
}

/* A struct by value that need not be there and is zeroed was not. */
static bool is_absent(const struct cor_row *row, enum cor_use use, const void *base)
{
	const struct cor_field *field = row->field;
	const char *at = (const char *)base + row->offset;
	enum cor_opt_state state = COR_SET;

	if (row->is_opt)
		cor_member_get((const char *)base + field->state_offset, &state);
	if (state != COR_SET)
		return true;
	return may_be_absent(row, use) && row->rule.kind == COR_KIND_OBJECT && !row->is_array &&
	       is_zero(at, row->rule.size);
}

/*
 * Of a mapped struct, what has the schema is not there any more; what is computed for answers never
 * was, and the row has no place in the struct.
 */
bool cor_row_holds_hooks(const struct cor_row *row)
{
	bool is_there = !row->rule.mapping && !row->field->computed;
	const struct cor_plan *plan;

	for (uint32_t i = 0; is_there && (plan = cor_rule_plan(&row->rule, i)); i++)
		if (plan->has_hooks)
			return true;
	return false;
}

static int run_value(struct cor_hook_caller *caller, const struct cor_row *row, void *at,
	const struct cor_step *step)
{
	const struct cor_plan *plan = row->rule.plan;

	if (row->rule.one_of)
		plan = cor_union_branch(row->rule.one_of, at, &at);
	else if (row->rule.kind == COR_KIND_POINTER)
		cor_member_get(at, &at);
	return plan && plan->has_hooks && at ? run_plan(caller, plan, at, step) : 0;
}

static int run_items(struct cor_hook_caller *caller, const struct cor_row *row, const void *at,
	const struct cor_step *outer)
{
	struct cor_step step = { .outer = outer };
	struct cor_array_value array;
	int rc = 0;

	cor_member_get(at, &array);
	for (; rc == 0 && step.index < array.len; step.index++) {
		char *item = (char *)array.items + step.index * row->item_bytes;
		const char *key = NULL;
		if (row->is_dict)
			cor_member_get(item, &key);
		step.key = cor_str(key);
		rc = run_value(caller, row, item + row->value_offset, &step);
	}
	return rc;
}

static int run_row(struct cor_hook_caller *caller, const struct cor_row *row, void *base,
	const struct cor_step *step)
{
	char *at = (char *)base + row->offset;

	if (!cor_row_holds_hooks(row) || is_left_out(row, caller->use) ||
		is_absent(row, caller->use, base))
		return 0;
	return row->is_array ? run_items(caller, row, at, step) : run_value(caller, row, at, step);
}

/* The place is for the time of the call: it is not on the stack of each level. */
static COR_OUT_OF_LINE int call_at(struct cor_hook_caller *caller, const struct cor_schema *schema,
	void *base, const struct cor_step *step)
{
	char where[WHERE_BYTES];

	cor_step_print(step, false, where, sizeof where);
	return call_each(caller, schema, base, where);
}

static int run_plan(struct cor_hook_caller *caller, const struct cor_plan *plan, void *base,
	const struct cor_step *step)
{
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < plan->len; i++) {
		const struct cor_row *row = &plan->rows[i];
		struct cor_step inner = { .outer = step, .key = row->key };
		rc = run_row(caller, row, base, row == plan->bare ? step : &inner);
	}
	if (rc == 0 && plan->rest)
		rc = run_row(caller, plan->rest, base, step);
	if (rc < 0 || !plan->has_own_hooks)
		return rc;
	return call_at(caller, plan->schema, base, step);
}

inline bool cor_codec_has_hooks(const struct cor_codec *codec)
{
	return codec->has_hooks;
}

int cor_hooks_run(struct cor_codec *codec, const struct cor_schema *schema, void *value,
	struct cor_hook_caller *caller)
{
	const struct cor_plan *plan = cor_codec_plan(codec, schema);

	if (!plan)
		return -COR_ETABLE;
	return plan->has_hooks ? run_plan(caller, plan, value, NULL) : 0;
}
