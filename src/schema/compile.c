/* SPDX-License-Identifier: MIT */
#include "schema/compile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/decimal_number.h>
#include <coracle/error.h>
#include <coracle/schema_union.h>

#include "json/writer.h"
#include "schema/bind.h"
#include "schema/decoder.h"
#include "schema/describe.h"
#include "schema/multiple.h"
#include "schema/quick.h"
#include "schema/union.h"
#include "schema/value.h"
#include "schema/words.h"

struct compiler {
	struct cor_codec *codec;
	const struct cor_table_report *report;
	struct cor_plan *plan;
};

static struct cor_plan *find_plan(const struct cor_codec *codec, const struct cor_schema *schema)
{
	for (size_t i = 0; i < codec->len; i++)
		if (codec->plans[i]->schema == schema)
			return codec->plans[i];
	return NULL;
}

/* Registered before its rows are compiled, so that a schema may reach itself. */
static struct cor_plan *register_plan(struct cor_codec *codec, const struct cor_schema *schema)
{
	if (codec->len == codec->capacity) {
		size_t capacity = codec->capacity ? codec->capacity * 2 : 16;
		struct cor_plan **plans = realloc(codec->plans, capacity * sizeof *plans);
		if (!plans)
			return NULL;
		codec->plans = plans;
		codec->capacity = capacity;
	}
	struct cor_plan *plan = cor_arena_zalloc(&codec->arena, sizeof *plan);
	if (!plan)
		return NULL;
	plan->schema = schema;
	codec->plans[codec->len++] = plan;
	return plan;
}

/* ',"key":' once, so that encoding a row begins with one copy. */
int cor_plan_make_prefix(struct cor_arena *arena, struct cor_str key, struct cor_str *ret)
{
	struct cor_buffer buffer = { 0 };

	cor_buffer_byte(&buffer, ',');
	cor_json_write_string(&buffer, key);
	cor_buffer_byte(&buffer, ':');
	int rc = cor_buffer_error(&buffer);
	if (rc == 0) {
		char *copy = cor_arena_alloc(arena, buffer.len);
		if (!copy)
			rc = -ENOMEM;
		else
			ret->data = memcpy(copy, buffer.data, buffer.len);
		ret->len = buffer.len;
	}
	cor_buffer_finish(&buffer);
	return rc;
}

static int compile_pattern(
	const struct compiler *compiler, const struct cor_field *field, struct cor_value_rule *rule)
{
	char why[200];

	if (!field->pattern)
		return 0;
	rule->pattern_text = field->pattern;
	int rc = cor_pattern_compile(
		compiler->codec->patterns, field->pattern, &rule->pattern, why, sizeof why);
	if (rc == 0)
		rule->fixed = cor_pattern_fixed(rule->pattern);
	return rc;
}

static int compile_names(
	const struct compiler *compiler, const struct cor_field *field, struct cor_value_rule *rule)
{
	struct cor_arena *arena = &compiler->codec->arena;

	rule->names = cor_arena_alloc(arena, sizeof *rule->names);
	if (!rule->names)
		return -ENOMEM;
	return cor_enum_index_build(rule->names, arena, field->type.names, field->type.names_len);
}

/* The bounds of a word, which were seen to be right. */
static int compile_word_bounds(const struct compiler *compiler, struct cor_value_rule *rule)
{
	struct cor_arena *arena = &compiler->codec->arena;

	if (!rule->facts->compare)
		return 0;
	int rc = cor_word_bound(rule, &rule->range->min, arena, &rule->least);
	if (rc == 0)
		rc = cor_word_bound(rule, &rule->range->max, arena, &rule->most);
	rule->is_checked |= rule->least || rule->most;
	return rc == -ENOMEM ? rc : 0;
}

static int compile_schema(
	const struct compiler *compiler, const struct cor_schema *schema, struct cor_plan **ret)
{
	struct cor_plan *nested;

	int rc = cor_plan_compile(compiler->codec, schema, compiler->report, &nested);
	if (rc != 0)
		return rc;
	if (!nested->is_nested)
		cor_table_check_nested(compiler->report, schema);
	nested->is_nested = true;
	*ret = nested;
	return 0;
}

static int compile_union(
	const struct compiler *compiler, const struct cor_field *field, struct cor_value_rule *rule)
{
	const struct cor_union *table = field->type.one_of;
	int rc = cor_union_compile(compiler->codec, compiler->plan->schema, table, &rule->one_of);

	for (uint32_t i = 0; rc == 0 && i < table->len; i++)
		rc = compile_schema(
			compiler, cor_type_schema(&field->type, i), &rule->one_of->plans[i]);
	if (rc == 0)
		rule->one_of->zero_has_no_json = cor_union_zero_has_no_json(rule->one_of);
	return rc;
}

/* The schema of the type: of a scalar that has a name, too. */
static int compile_nested(
	const struct compiler *compiler, const struct cor_field *field, struct cor_value_rule *rule)
{
	struct cor_plan *nested;

	if (field->type.one_of)
		return compile_union(compiler, field, rule);
	if (!field->type.schema)
		return 0;
	int rc = compile_schema(compiler, field->type.schema, &nested);
	if (rc == 0)
		rule->plan = nested;
	return rc;
}

/* Who calculates with the digits alone must not find others because a client wrote zeros. */
static void compile_scale(struct cor_value_rule *rule)
{
	uint32_t places = rule->multiple_of != 0 ? cor_multiple_places(rule->multiple_of) : 0;

	rule->has_scale = cor_kind_is_decimal(rule->kind) && rule->multiple_of != 0 &&
			  places <= COR_DECIMAL_NUMBER_DIGITS;
	rule->scale = rule->has_scale ? (uint8_t)places : 0;
}

static int compile_rule(
	const struct compiler *compiler, const struct cor_field *field, struct cor_value_rule *rule)
{
	int rc = compile_nested(compiler, field, rule);

	if (rc < 0)
		return rc;
	rule->kind = field->type.kind;
	rule->facts = cor_type_facts(&field->type);
	rule->size = field->type.size;
	rule->text_kind = field->type.text_kind;
	rule->mapping = field->type.mapping;
	rule->media_types = field->media_types;
	rule->max_bytes = field->max_bytes;
	rule->min_length = field->min_length;
	rule->max_length = field->max_length ? field->max_length : UINT32_MAX;
	rule->format = field->format ? cor_format_find(field->format) : NULL;
	rule->is_limited = field->min_length || field->max_length || field->pattern || rule->format;
	rule->multiple_of = field->multiple_of;
	rule->is_checked = field->multiple_of != 0;
	rule->range = &field->range;
	(void)cor_bounds_compile(rule->kind, &field->range, &rule->bounds); /* checked before */
	rc = compile_word_bounds(compiler, rule);
	if (rc < 0)
		return rc;
	compile_scale(rule);
	if (field->type.names)
		return compile_names(compiler, field, rule);
	return compile_pattern(compiler, field, rule);
}

static void sort_into_sets(struct cor_plan *plan, const struct cor_row *row)
{
	const struct cor_field *field = row->field;
	uint32_t i = row->index;

	if (field->computed) { /* the struct has no place for it */
		cor_row_set_add(&plan->taken[COR_USE_ANSWER], i);
		return;
	}
	cor_row_set_add(&plan->all, i);
	cor_row_set_add(&plan->taken[COR_USE_WHOLE], i);
	if (field->access != COR_READ_ONLY)
		cor_row_set_add(&plan->taken[COR_USE_REQUEST], i);
	if (field->access != COR_WRITE_ONLY)
		cor_row_set_add(&plan->taken[COR_USE_ANSWER], i);
	if (cor_row_is_required(field))
		cor_row_set_add(&plan->required, i);
	if (field->fallback && !field->is_partial)
		cor_row_set_add(&plan->fallbacks, i);
	if ((field->fallback && !field->is_partial) || cor_row_is_required(field))
		cor_row_set_add(&plan->awaited, i);
	cor_row_set_add(&plan->from[field->bare ? COR_FROM_BODY : field->from], i);
	if (field->to != COR_TO_BODY)
		cor_row_set_add(&plan->to_header, i);
}

void cor_plan_add_row(struct cor_plan *plan, const struct cor_row *row)
{
	struct cor_row *own = &plan->rows[plan->len];

	*own = *row;
	own->index = plan->len++;
	own->guess = cor_plan_guess(own->prefix);
	own->bit = (uint64_t)1 << own->index % 64;
	if (row->field->bare)
		plan->bare = own;
	sort_into_sets(plan, own);
}

/*
 * Whether a zeroed struct has no JSON for the row. What objects by value hold has been compiled:
 * they cannot recurse.
 */
static bool zero_has_no_json(const struct cor_row *row)
{
	static const char zero[sizeof(struct cor_upload)]; /* none is larger of those that look */
	const struct cor_kind_facts *facts = row->rule.facts;

	if (!cor_row_is_required(row->field) || row->nullable || row->is_array ||
		row->field->computed)
		return false;
	if (row->field->type.kind == COR_KIND_OBJECT)
		return row->rule.plan->zero_has_no_json;
	if (row->rule.one_of)
		return row->rule.one_of->zero_has_no_json;
	return facts->is_empty && !facts->empty_has_json && facts->is_empty(&row->rule, zero);
}

/* As a row of its own, which is no part of the plan. */
static int compile_contained(const struct compiler *compiler, struct cor_row *row)
{
	struct cor_arena *arena = &compiler->codec->arena;
	struct cor_row *made = cor_arena_zalloc(arena, sizeof *made);
	struct cor_field *field = cor_arena_alloc(arena, sizeof *field);

	if (!made || !field)
		return -ENOMEM;
	*field = cor_row_contained(row->field);
	made->field = field;
	int rc = compile_rule(compiler, field, &made->rule);
	if (rc == 0 && field->constant)
		rc = cor_constant_compile(compiler->codec, compiler->plan, made, compiler->report);
	made->read = cor_decoder_for_value(made);
	row->contained = made;
	return rc;
}

/* As if it were all of a struct; the condition was asked before. */
static int compile_value(const struct compiler *compiler, struct cor_row *row)
{
	struct cor_arena *arena = &compiler->codec->arena;
	struct cor_row *value = cor_arena_alloc(arena, sizeof *value);
	struct cor_field *field = cor_arena_alloc(arena, sizeof *field);

	if (!value || !field)
		return -ENOMEM;
	*value = *row;
	*field = *row->field;
	field->computed = NULL;
	field->when = NULL;
	value->field = field;
	value->offset = 0;
	value->decode = cor_decoder_for(value);
	row->value = value;
	return 0;
}

/* No key finds it, and no set of rows has it. */
static int keep_rest(const struct compiler *compiler, const struct cor_row *row)
{
	struct cor_row *own = cor_arena_alloc(&compiler->codec->arena, sizeof *own);

	if (!own)
		return -ENOMEM;
	*own = *row;
	compiler->plan->rest = own;
	return 0;
}

static int compile_row(const struct compiler *compiler, const struct cor_field *field, bool is_own)
{
	char why[200]; /* checked before */
	struct cor_row row = {
		.field = field,
		.key = cor_str(cor_row_key(field)),
		.fallback = cor_str(field->fallback),
		.offset = field->offset,
		.is_own = is_own,
		.is_array = field->shape != COR_SHAPE_ONE,
		.is_dict = field->shape == COR_SHAPE_DICT,
		.item_bytes = field->item_bytes ? field->item_bytes : field->type.size,
		.value_offset = field->value_offset,
		.is_opt = field->is_opt,
		.is_partial = field->is_partial,
		.is_conditional = field->when || field->omit,
		.nullable = cor_row_takes_null(field),
		.optional = (field->presence & COR_OPTIONAL) && !field->fallback,
		.is_plain = !field->presence && !field->fallback && !field->is_opt &&
			    !field->is_partial && !field->computed && !field->when &&
			    !field->omit && !field->constant,
	};
	int rc = cor_plan_make_prefix(&compiler->codec->arena, row.key, &row.prefix);

	if (rc == 0)
		rc = compile_rule(compiler, field, &row.rule);
	if (rc == 0 && field->key_pattern)
		rc = cor_pattern_compile(compiler->codec->patterns, field->key_pattern,
			&row.key_pattern, why, sizeof why);
	if (rc == 0 && field->constant)
		rc = cor_constant_compile(compiler->codec, compiler->plan, &row, compiler->report);
	if (rc == 0 && field->contains)
		rc = compile_contained(compiler, &row);
	if (rc < 0)
		return rc;
	row.quick_value = cor_quick_for_value(&row);
	row.quick = cor_quick_for(&row);
	row.read = cor_decoder_for_value(&row);
	row.decode = field->computed ? cor_decode_nothing : cor_decoder_for(&row);
	if (field->rest)
		return keep_rest(compiler, &row);
	if (field->computed && compile_value(compiler, &row) < 0)
		return -ENOMEM;
	cor_plan_add_row(compiler->plan, &row);
	compiler->plan->zero_has_no_json |= zero_has_no_json(&row);
	return 0;
}

int cor_plan_finish(struct cor_codec *codec, struct cor_plan *plan)
{
	struct cor_str *keys = cor_arena_alloc(&codec->arena, (plan->len + 1) * sizeof *keys);

	plan->reads_flat = cor_quick_is_flat(plan);
	for (int use = 0; use <= COR_USE_ANSWER; use++)
		cor_plan_select(
			plan, (enum cor_use)use, COR_FROM_BODY, COR_FROM_BODY, &plan->written[use]);
	if (!keys)
		return -ENOMEM;
	for (uint32_t i = 0; i < plan->len; i++)
		keys[i] = plan->rows[i].key;
	return cor_key_index_build(&plan->keys, &codec->arena, keys, plan->len);
}

/* No plan can be made of it, or it is not the schema of a struct: the row's own check says so. */
static bool can_be_compiled(const struct cor_schema *schema)
{
	return schema && schema->media == COR_MEDIA_JSON && !cor_table_is_too_long(schema);
}

/*
 * The tables whose rows are taken in, each on its own, so that a fault is reported once and where
 * it was written.
 */
static int compile_embedded(const struct compiler *compiler)
{
	const struct cor_schema *schema = compiler->plan->schema;
	struct cor_plan *embedded;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < schema->len; i++) {
		if (schema->fields[i].type.kind != COR_KIND_EMBED ||
			!can_be_compiled(schema->fields[i].type.schema))
			continue;
		rc = cor_plan_compile(compiler->codec, schema->fields[i].type.schema,
			compiler->report, &embedded);
		if (rc == 0)
			compiler->plan->has_faults |= embedded->has_faults;
	}
	return rc;
}

static int compile_each_row(const struct compiler *compiler)
{
	struct cor_plan *plan = compiler->plan;
	struct cor_rows rows;
	int rc = 0;

	for (const struct cor_field *row = cor_rows_first(&rows, plan->schema); rc == 0 && row;
		row = cor_rows_next(&rows)) {
		const struct cor_field *field = cor_rows_keep(&rows, row, &compiler->codec->arena);
		rc = field ? compile_row(compiler, field, rows.depth == 0) : -ENOMEM;
	}
	return rc;
}

static bool has_dump_hooks(const struct cor_schema *schema)
{
	bool has = schema->before_dump;

	for (size_t i = 0; !has && i < schema->len; i++)
		has = schema->fields[i].type.kind == COR_KIND_EMBED &&
		      !schema->fields[i].is_partial &&
		      has_dump_hooks(schema->fields[i].type.schema);
	return has;
}

static int make_rows(struct cor_codec *codec, struct cor_plan *plan, size_t len)
{
	plan->rows = cor_arena_zalloc(&codec->arena, (len + 1) * sizeof *plan->rows);
	plan->words = (uint32_t)(len + 63) / 64;
	return plan->rows ? 0 : -ENOMEM;
}

struct cor_plan *cor_plan_begin(
	struct cor_codec *codec, const struct cor_schema *schema, size_t len)
{
	struct cor_plan *plan = register_plan(codec, schema);

	return plan && make_rows(codec, plan, len) == 0 ? plan : NULL;
}

static int compile_rows(const struct compiler *compiler)
{
	struct cor_plan *plan = compiler->plan;
	int rc = make_rows(compiler->codec, plan, cor_rows_count(plan->schema));

	plan->has_dump_hooks = has_dump_hooks(plan->schema);
	if (rc == 0)
		rc = compile_each_row(compiler);
	return rc < 0 ? rc : cor_plan_finish(compiler->codec, plan);
}

/*
 * Nothing is decoded with a table that has faults. Its good rows are still compiled, so that what
 * they nest and their texts are looked at, too: everything that is wrong is reported together.
 */
static int compile_good_rows(const struct compiler *compiler)
{
	const struct cor_schema *schema = compiler->plan->schema;
	int rc = make_rows(compiler->codec, compiler->plan, cor_rows_count(schema));

	for (size_t i = 0; rc == 0 && i < schema->len; i++) {
		if (schema->fields[i].type.kind == COR_KIND_EMBED ||
			!cor_table_row_is_good(&compiler->codec->arena, schema, i))
			continue;
		struct cor_field *room = cor_arena_alloc(&compiler->codec->arena, sizeof *room);
		rc = room ? compile_row(compiler, cor_row_resolve(&schema->fields[i], room), true)
			  : -ENOMEM;
	}
	return rc;
}

static int compile_table(const struct compiler *compiler)
{
	const struct cor_table_report *report = compiler->report;
	struct cor_plan *plan = compiler->plan;
	size_t before = report->violations->count;

	cor_table_check(report, plan->schema);
	plan->has_faults = report->violations->count != before;
	if (plan->has_faults && !can_be_compiled(plan->schema))
		return 0;
	int rc = compile_embedded(compiler);
	if (rc < 0)
		return rc;
	return plan->has_faults ? compile_good_rows(compiler) : compile_rows(compiler);
}

int cor_plan_compile(struct cor_codec *codec, const struct cor_schema *schema,
	const struct cor_table_report *report, struct cor_plan **ret)
{
	struct cor_plan *plan = find_plan(codec, schema);

	if (plan) {
		*ret = plan;
		return 0;
	}
	/* NOLINTNEXTLINE(analyzer-malloc-leak): the codec has it */
	plan = register_plan(codec, schema);
	if (!plan)
		return -ENOMEM;
	int rc = compile_table(&(struct compiler){ codec, report, plan });
	if (rc == 0)
		*ret = plan;
	return rc;
}

void cor_plan_select(const struct cor_plan *plan, enum cor_use use, enum cor_from source,
	enum cor_from default_from, struct cor_row_set *ret)
{
	for (uint32_t i = 0; i < plan->words; i++) {
		uint64_t taken = plan->taken[use].words[i];
		if (use == COR_USE_REQUEST)
			taken &= plan->from[source].words[i] |
				 (source == default_from ? plan->from[COR_FROM_DEFAULT].words[i]
							 : 0);
		else if (use == COR_USE_ANSWER)
			taken &= ~plan->to_header.words[i];
		ret->words[i] = taken;
	}
}

void cor_plan_select_fields(const struct cor_plan *plan, struct cor_row_set *ret)
{
	*ret = (struct cor_row_set){ { 0 } };
	for (uint32_t i = 0; i < plan->len; i++) {
		const struct cor_field *field = plan->rows[i].field;
		if (field->to == COR_TO_HEADER ||
			(field->from == COR_FROM_HEADER && field->to == COR_TO_BODY))
			cor_row_set_add(ret, i);
	}
	for (uint32_t i = 0; i < plan->words; i++)
		ret->words[i] &= plan->taken[COR_USE_ANSWER].words[i];
}
