/* SPDX-License-Identifier: MIT */
#include "schema/json_hooks.h"

#include <errno.h>

#include <coracle/error.h>
#include <coracle/schema_union.h>

#include "base/compiler.h"
#include "document/edit.h"
#include "document/members.h"
#include "schema/codec.h"
#include "schema/path.h"
#include "schema/union.h"

#define WHERE_BYTES 1024 /* a pointer of the deepest value that has room in a violation */

/* A tree that is gone through. */
struct walk {
	enum cor_json_hook_point point;
	struct cor_json_hook_caller *caller; /* of .before_load */
	struct cor_ctx *ctx;                 /* of .after_dump */
	struct cor_arena *arena;
	enum cor_json_type wanted; /* of the value whose hooks are called */
	const struct cor_json_hook *failed;
};

static int walk_value(struct walk *walk, const struct cor_plan *plan, struct cor_node **json,
	const struct cor_step *step);

/* --- who has some --- */

static const struct cor_json_hook *hook_of(
	const struct cor_schema *schema, enum cor_json_hook_point point)
{
	return point == COR_BEFORE_LOAD ? schema->before_load : schema->after_dump;
}

static bool has_own(const struct cor_schema *schema, enum cor_json_hook_point point)
{
	bool found = hook_of(schema, point);

	for (size_t i = 0; !found && i < schema->len; i++)
		found = schema->fields[i].type.kind == COR_KIND_EMBED &&
			has_own(schema->fields[i].type.schema, point);
	return found;
}

static bool is_hooked(const struct cor_row *row, enum cor_json_hook_point point)
{
	const struct cor_plan *plan;

	for (uint32_t i = 0; (plan = cor_rule_plan(&row->rule, i)); i++)
		if (plan->has_json_hooks[point])
			return true;
	return false;
}

static bool holds_some(const struct cor_plan *plan, enum cor_json_hook_point point)
{
	for (uint32_t i = 0; i < plan->len; i++)
		if (is_hooked(&plan->rows[i], point))
			return true;
	return plan->rest && is_hooked(plan->rest, point);
}

static bool look_at(struct cor_plan *plan, enum cor_json_hook_point point)
{
	if (plan->has_json_hooks[point] || plan->has_faults)
		return false;
	plan->has_own_json_hooks[point] = has_own(plan->schema, point);
	plan->has_json_hooks[point] = plan->has_own_json_hooks[point] || holds_some(plan, point);
	return plan->has_json_hooks[point];
}

void cor_codec_spread_json_hooks(struct cor_codec *codec)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < codec->len; i++) {
			changed |= look_at(codec->plans[i], COR_BEFORE_LOAD);
			changed |= look_at(codec->plans[i], COR_AFTER_DUMP);
		}
	}
}

bool cor_schema_is_hooked(const struct cor_codec *codec, const struct cor_schema *schema)
{
	const struct cor_plan *plan = cor_codec_plan(codec, schema);

	return plan && plan->has_json_hooks[COR_BEFORE_LOAD];
}

bool cor_codec_is_hooked(const struct cor_codec *codec)
{
	for (size_t i = 0; i < codec->len; i++)
		if (codec->plans[i]->has_json_hooks[COR_BEFORE_LOAD])
			return true;
	return false;
}

/* --- one call --- */

/* The place is for the time of the call: it is not on the stack of each level. */
static COR_OUT_OF_LINE int call_at(struct walk *walk, const struct cor_json_hook *hook,
	struct cor_node **json, const struct cor_step *step)
{
	char where[WHERE_BYTES];

	cor_step_print(step, false, where, sizeof where);
	return walk->caller->call(walk->caller, hook, json, where);
}

/*
 * It may have chosen a part of what it was given. That it could not put a member into what is no
 * object is the client's mistake, and the table's to say.
 */
static int call(struct walk *walk, const struct cor_json_hook *hook, struct cor_node **json,
	const struct cor_step *step)
{
	bool is_odd = cor_node_type(*json) != walk->wanted;
	int rc = walk->point == COR_BEFORE_LOAD ? call_at(walk, hook, json, step)
						: hook->run(walk->ctx, walk->arena, json);

	if (rc == -EINVAL && is_odd && *json)
		rc = 0;
	else if (rc == 0 && !*json)
		rc = -EINVAL;
	if (rc == 0)
		cor_node_remove(*json);
	else
		walk->failed = hook;
	return rc;
}

/* Those of embedded structs are inside: behind it on the way in, before it on the way out. */
static int call_each(struct walk *walk, const struct cor_schema *schema, struct cor_node **json,
	const struct cor_step *step)
{
	const struct cor_json_hook *own = hook_of(schema, walk->point);
	int rc = 0;

	if (own && walk->point == COR_BEFORE_LOAD)
		rc = call(walk, own, json, step);
	for (size_t i = 0; rc == 0 && i < schema->len; i++)
		if (schema->fields[i].type.kind == COR_KIND_EMBED)
			rc = call_each(walk, schema->fields[i].type.schema, json, step);
	if (rc == 0 && own && walk->point == COR_AFTER_DUMP)
		rc = call(walk, own, json, step);
	return rc;
}

/* --- what a value holds --- */

static const struct cor_plan *plan_of(const struct cor_row *row, const struct cor_node *json)
{
	const struct cor_union_plan *one_of = row->rule.one_of;
	struct cor_str name;

	if (!one_of)
		return row->rule.plan;
	if (cor_node_to_text(cor_node_get_text(json, one_of->discriminator), &name) < 0)
		return NULL;
	int branch = cor_key_index_find(&one_of->names.names, name);
	return branch < 0 ? NULL : one_of->plans[branch];
}

/* A value of the row, without a parent. */
static int walk_one(struct walk *walk, const struct cor_row *row, struct cor_node **json,
	const struct cor_step *step)
{
	const struct cor_plan *plan = plan_of(row, *json);

	return plan && plan->has_json_hooks[walk->point] ? walk_value(walk, plan, json, step) : 0;
}

/* What stands in a parent is taken out while its hooks run: they may put it into something else. */
static int walk_child(struct walk *walk, const struct cor_row *row, struct cor_node *parent,
	size_t index, const struct cor_step *step,
	int (*walk_it)(
		struct walk *, const struct cor_row *, struct cor_node **, const struct cor_step *))
{
	struct cor_node *json = cor_node_item(parent, index);
	struct cor_node *gap = cor_node_null(walk->arena);

	if (!gap)
		return -ENOMEM;
	if (cor_node_type(json) == COR_JSON_NULL)
		return 0;
	cor_node_put(parent, index, gap);
	int rc = walk_it(walk, row, &json, step);
	if (rc == 0)
		rc = cor_node_may_hold(parent, json);
	if (rc == 0)
		cor_node_put(parent, index, json);
	return rc;
}

/* Items of an array, or members of a map. What is neither has its rule later. */
static int walk_all(struct walk *walk, const struct cor_row *row, struct cor_node **json,
	const struct cor_step *outer)
{
	enum cor_json_type wanted = row->is_dict ? COR_JSON_OBJECT : COR_JSON_ARRAY;
	struct cor_step step = { .outer = outer };
	int rc = 0;

	if (cor_node_type(*json) != wanted)
		return 0;
	for (; rc == 0 && step.index < cor_node_len(*json); step.index++) {
		step.key = cor_node_key(*json, step.index);
		rc = walk_child(walk, row, *json, step.index, &step, walk_one);
	}
	return rc;
}

static int walk_row(struct walk *walk, const struct cor_row *row, struct cor_node **json,
	const struct cor_step *step)
{
	return row->is_array ? walk_all(walk, row, json, step) : walk_one(walk, row, json, step);
}

/* Members that no row has. */
static int walk_rest(struct walk *walk, const struct cor_plan *plan, struct cor_node *object,
	const struct cor_step *outer)
{
	struct cor_step step = { .outer = outer };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < cor_node_len(object); i++) {
		step.key = cor_node_key(object, i);
		if (cor_key_index_find(&plan->keys, step.key) < 0)
			rc = walk_child(walk, plan->rest, object, i, &step, walk_one);
	}
	return rc;
}

static int walk_members(struct walk *walk, const struct cor_plan *plan, struct cor_node *object,
	const struct cor_step *outer)
{
	int rc = 0;

	if (cor_node_type(object) != COR_JSON_OBJECT)
		return 0;
	for (uint32_t i = 0; rc == 0 && i < plan->len; i++) {
		const struct cor_row *row = &plan->rows[i];
		const struct cor_step step = { .outer = outer, .key = row->key };
		if (!is_hooked(row, walk->point))
			continue;
		ptrdiff_t at = cor_members_find(object, row->key);
		if (at >= 0)
			rc = walk_child(walk, row, object, (size_t)at, &step, walk_row);
	}
	return rc == 0 && plan->rest && is_hooked(plan->rest, walk->point)
		       ? walk_rest(walk, plan, object, outer)
		       : rc;
}

static int walk_inside(struct walk *walk, const struct cor_plan *plan, struct cor_node **json,
	const struct cor_step *step)
{
	if (plan->bare)
		return is_hooked(plan->bare, walk->point) ? walk_row(walk, plan->bare, json, step)
							  : 0;
	return walk_members(walk, plan, *json, step);
}

/* --- a value --- */

static enum cor_json_type type_of(const struct cor_plan *plan)
{
	const struct cor_row *bare = plan->bare;

	if (bare && bare->is_array && !bare->is_dict)
		return COR_JSON_ARRAY;
	return bare && !bare->is_array && !bare->rule.one_of ? COR_JSON_END : COR_JSON_OBJECT;
}

static int walk_value(struct walk *walk, const struct cor_plan *plan, struct cor_node **json,
	const struct cor_step *step)
{
	bool has_own = plan->has_own_json_hooks[walk->point];
	int rc = 0;

	if (cor_node_type(*json) == COR_JSON_NULL)
		return 0;
	walk->wanted = type_of(plan);
	if (has_own && walk->point == COR_BEFORE_LOAD)
		rc = call_each(walk, plan->schema, json, step);
	if (rc == 0)
		rc = walk_inside(walk, plan, json, step);
	if (rc == 0 && has_own && walk->point == COR_AFTER_DUMP)
		rc = call_each(walk, plan->schema, json, step);
	return rc;
}

int cor_json_hooks_load(struct cor_codec *codec, const struct cor_schema *schema,
	struct cor_str text, struct cor_json_hook_caller *caller, struct cor_str *ret)
{
	const struct cor_node_options options = {
		.duplicates = COR_DUPLICATES_REFUSED,
		.borrow = true,
	};
	struct walk walk = {
		.point = COR_BEFORE_LOAD,
		.caller = caller,
		.arena = caller->arena,
	};
	struct cor_node *json;
	int rc = cor_node_parse(caller->arena, text, &options, &json, NULL);

	if (rc == -ENOMEM)
		return rc;
	if (rc < 0) {
		*ret = text;
		return 0;
	}
	rc = walk_value(&walk, cor_codec_plan(codec, schema), &json, NULL);
	return rc < 0 ? rc : cor_node_print(caller->arena, json, ret);
}

static int dump(
	struct walk *walk, const struct cor_plan *plan, struct cor_str text, struct cor_str *ret)
{
	const struct cor_node_options options = { .depth_max = COR_NODE_DEPTH_MAX, .borrow = true };
	struct cor_node *json;
	int rc = cor_node_parse(walk->arena, text, &options, &json, NULL);

	if (rc == 0)
		rc = walk_value(walk, plan, &json, NULL);
	return rc == 0 ? cor_node_print(walk->arena, json, ret) : rc;
}

int cor_json_hooks_dump(const struct cor_plan *plan, struct cor_ctx *ctx, struct cor_buffer *buffer,
	size_t from, const struct cor_json_hook **ret)
{
	struct cor_arena arena;
	struct walk walk = { .point = COR_AFTER_DUMP, .ctx = ctx, .arena = &arena };
	struct cor_str text = { buffer->data + from, buffer->len - from };

	cor_arena_init(&arena, NULL, 0, 0);
	const struct cor_buffer aside = cor_buffer_set_aside(buffer);
	int rc = dump(&walk, plan, text, &text);
	cor_buffer_put_back(buffer, &aside);
	if (rc == 0) {
		buffer->len = from;
		cor_buffer_append_str(buffer, text);
		rc = cor_buffer_error(buffer);
	}
	cor_arena_finish(&arena);
	*ret = walk.failed;
	return rc;
}
