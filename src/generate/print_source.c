/* SPDX-License-Identifier: MIT */
/* Tables: names, rows, branches, schemas. */
#include "generate/print_source.h"

#include <string.h>

#include "generate/print.h"
#include "schema/bounds.h"

/* --- options of a row --- */

static const char *bound_text(struct cor_gen *gen, const struct cor_bound *bound)
{
	char text[COR_NUMBER_BYTES];

	if (bound->type == COR_BOUND_TEXT)
		return cor_gen_literal(gen, bound->text);
	if (bound->type == COR_BOUND_INTEGER && bound->integer == INT64_MIN)
		return "INT64_MIN";
	cor_bound_print(bound, text);
	if (bound->type == COR_BOUND_NATURAL)
		return cor_gen_printf(gen, "%su", text);
	return cor_gen_printf(gen, "%s%s", text,
		bound->type == COR_BOUND_REAL && !strpbrk(text, ".eE") ? ".0" : "");
}

static const char *bound_type(const struct cor_bound *bound)
{
	return bound->type == COR_BOUND_TEXT   ? "TEXT, .text"
	       : bound->type == COR_BOUND_REAL ? "REAL, .real"
					       : "INTEGER, .integer";
}

/* A pair of which one may be reached and the other may not has no macro. */
static const char *bound_initializer(struct cor_gen *gen, const struct cor_bound *bound)
{
	return cor_gen_printf(gen, "{ COR_BOUND_%s = %s%s }", bound_type(bound),
		bound_text(gen, bound), bound->exclusive ? ", .exclusive = true" : "");
}

static bool has_macro(const struct cor_range *range)
{
	return !range->min.type || !range->max.type ||
	       (!range->min.exclusive && !range->max.exclusive);
}

static const char *range_text(struct cor_gen *gen, const struct cor_range *range)
{
	const struct cor_bound *min = &range->min, *max = &range->max;

	if (min->type && max->type)
		return cor_gen_printf(
			gen, "COR_BETWEEN(%s, %s)", bound_text(gen, min), bound_text(gen, max));
	if (min->type)
		return cor_gen_printf(
			gen, "COR_%s(%s)", min->exclusive ? "ABOVE" : "MIN", bound_text(gen, min));
	return cor_gen_printf(
		gen, "COR_%s(%s)", max->exclusive ? "BELOW" : "MAX", bound_text(gen, max));
}

static void option(
	struct cor_gen *gen, struct cor_gen_call *call, const char *name, const char *value)
{
	cor_gen_call_argument(call, cor_gen_printf(gen, ".%s = %s", name, value));
}

static void text_option(
	struct cor_gen *gen, struct cor_gen_call *call, const char *name, const char *value)
{
	if (value)
		option(gen, call, name, cor_gen_literal(gen, value));
}

static void size_option(
	struct cor_gen *gen, struct cor_gen_call *call, const char *name, uint32_t value)
{
	if (value)
		option(gen, call, name, cor_gen_printf(gen, "%u", value));
}

/* What a struct cor_rule has, too. */
static void rules(struct cor_gen *gen, struct cor_gen_call *call, const struct cor_rule *rule)
{
	const struct cor_bound step = { .type = COR_BOUND_REAL, .real = rule->multiple_of };

	if (!has_macro(&rule->range)) {
		option(gen, call, "range.min", bound_initializer(gen, &rule->range.min));
		option(gen, call, "range.max", bound_initializer(gen, &rule->range.max));
	} else if (rule->range.min.type || rule->range.max.type) {
		option(gen, call, "range", range_text(gen, &rule->range));
	}
	size_option(gen, call, "min_length", rule->min_length);
	size_option(gen, call, "max_length", rule->max_length);
	size_option(gen, call, "min_items", rule->min_items);
	size_option(gen, call, "max_items", rule->max_items);
	text_option(gen, call, "pattern", rule->pattern);
	text_option(gen, call, "key_pattern", rule->key_pattern);
	size_option(gen, call, "key_max_length", rule->key_max_length);
	text_option(gen, call, "format", rule->format);
	text_option(gen, call, "constant", rule->constant);
	if (rule->multiple_of != 0) {
		char text[COR_NUMBER_BYTES];
		cor_bound_print(&step, text);
		option(gen, call, "multiple_of", cor_gen_printf(gen, "%s", text));
	}
	if (rule->unique_items)
		option(gen, call, "unique_items", "true");
	text_option(gen, call, "doc", rule->doc);
	text_option(gen, call, "example", rule->example);
}

static const char *presence(const struct cor_field *field)
{
	switch (field->presence) {
	case COR_OPTIONAL:
		return "COR_OPTIONAL";
	case COR_NULLABLE:
		return "COR_NULLABLE";
	default:
		return "COR_OPTIONAL | COR_NULLABLE";
	}
}

static void options(struct cor_gen *gen, struct cor_gen_call *call, const struct cor_gen_row *row)
{
	static const char *const from[] = { [COR_FROM_BODY] = "COR_FROM_BODY",
		[COR_FROM_PATH] = "COR_FROM_PATH",
		[COR_FROM_QUERY] = "COR_FROM_QUERY",
		[COR_FROM_HEADER] = "COR_FROM_HEADER",
		[COR_FROM_COOKIE] = "COR_FROM_COOKIE" };
	const struct cor_field *field = &row->field;
	const struct cor_rule rule = {
		.range = field->range,
		.min_length = field->min_length,
		.max_length = field->max_length,
		.min_items = field->min_items,
		.max_items = field->max_items,
		.pattern = field->pattern,
		.key_pattern = field->key_pattern,
		.key_max_length = field->key_max_length,
		.format = field->format,
		.constant = field->constant,
		.multiple_of = field->multiple_of,
		.unique_items = field->unique_items,
		.doc = field->doc,
		.example = field->example,
	};

	text_option(gen, call, "key", field->key);
	if (field->bare)
		option(gen, call, "bare", "true");
	if (field->from)
		option(gen, call, "from", from[field->from]);
	if (field->to)
		option(gen, call, "to", "COR_TO_HEADER");
	if (field->as == COR_AS_TEXT || field->as == COR_AS_NUMBER)
		option(gen, call, "as", field->as == COR_AS_TEXT ? "COR_AS_TEXT" : "COR_AS_NUMBER");
	if (field->presence)
		option(gen, call, "presence", presence(field));
	if (field->access)
		option(gen, call, "access",
			field->access == COR_READ_ONLY ? "COR_READ_ONLY" : "COR_WRITE_ONLY");
	text_option(gen, call, "fallback", field->fallback);
	if (row->rule)
		option(gen, call, "rule", cor_gen_printf(gen, "&%s", row->rule->name));
	rules(gen, call, &rule);
}

/* --- rows --- */

static const char *macro_of(const struct cor_gen_row *row)
{
	enum cor_kind kind = row->field.type.kind;
	bool is_object = kind == COR_KIND_OBJECT || kind == COR_KIND_POINTER;
	int of = is_object ? 2 : kind == COR_KIND_ENUM ? 1 : 0;
	static const char *const macros[][3] = {
		{ "COR_FIELD", "COR_ENUM", "COR_OBJECT" },
		{ "COR_ARRAY", "COR_ENUM_ARRAY", "COR_OBJECT_ARRAY" },
		{ "COR_DICT", "COR_ENUM_DICT", "COR_OBJECT_DICT" },
		{ "COR_OPT_FIELD", "COR_OPT_ENUM", "COR_OPT_OBJECT" },
	};

	if (kind == COR_KIND_EMBED)
		return "COR_EMBED";
	if (kind == COR_KIND_FLAGS)
		return row->field.is_opt ? "COR_OPT_FLAGS" : "COR_FLAGS";
	return macros[row->field.is_opt ? 3 : (int)row->field.shape][of];
}

static void print_row(struct cor_gen *gen, const struct cor_gen_type *type,
	const struct cor_gen_row *row, struct cor_buffer *out)
{
	struct cor_gen_call call;

	cor_gen_call_begin(&call, gen, out, 1, cor_gen_printf(gen, "%s(", macro_of(row)));
	cor_gen_call_argument(&call, cor_gen_printf(gen, "struct %s", type->name));
	cor_gen_call_argument(&call, row->field.member);
	if (row->type)
		cor_gen_call_argument(
			&call, cor_gen_printf(gen, "%s_%s", row->type->name,
				       cor_gen_has_schema(row->type) ? "schema" : "names"));
	options(gen, &call, row);
	cor_gen_call_end(&call, "),");
}

static void print_names(
	struct cor_gen *gen, const struct cor_gen_type *type, struct cor_buffer *out)
{
	if (type->is_shared)
		cor_buffer_printf(out, "const struct cor_enum_name %s_names[%zu] = {\n", type->name,
			type->names_len);
	else
		cor_buffer_printf(
			out, "static const struct cor_enum_name %s_names[] = {\n", type->name);
	for (size_t i = 0; i < type->names_len; i++)
		cor_buffer_printf(out, "\t{ %s, %s },\n", cor_gen_literal(gen, type->names[i].text),
			type->names[i].constant);
	cor_buffer_literal(out, "};\n");
}

static void print_branches(
	struct cor_gen *gen, const struct cor_gen_type *type, struct cor_buffer *out)
{
	cor_buffer_printf(out, "static const struct cor_branch %s_branches[] = {\n", type->name);
	for (size_t i = 0; i < type->branches_len; i++) {
		const struct cor_gen_branch *branch = &type->branches[i];
		struct cor_gen_call call;
		cor_gen_call_begin(&call, gen, out, 1, "COR_BRANCH(");
		cor_gen_call_argument(&call, cor_gen_printf(gen, "struct %s", type->name));
		cor_gen_call_argument(&call, branch->member);
		cor_gen_call_argument(&call, cor_gen_printf(gen, "%s_schema", branch->type->name));
		cor_gen_call_argument(&call, branch->constant);
		cor_gen_call_argument(&call, cor_gen_literal(gen, branch->text));
		cor_gen_call_end(&call, "),");
	}
	cor_buffer_literal(out, "};\n");
}

static void print_rows(struct cor_gen *gen, const struct cor_gen_type *type, struct cor_buffer *out)
{
	cor_buffer_printf(out, "static const struct cor_field %s_fields[] = {\n", type->name);
	for (size_t i = 0; i < type->rows_len; i++)
		print_row(gen, type, &type->rows[i], out);
	cor_buffer_literal(out, "};\n");
}

static void member(struct cor_gen *gen, struct cor_buffer *out, const char *name, const char *value)
{
	struct cor_gen_call call;

	cor_gen_call_begin(&call, gen, out, 2, "");
	option(gen, &call, name, value);
	cor_gen_call_end(&call, ",");
}

/* No array of C is empty, so a struct without members has no table. */
static void print_empty(
	struct cor_gen *gen, const struct cor_gen_type *type, struct cor_buffer *out)
{
	cor_buffer_printf(out, "const union %s_schema %s_schema = {\n\t.schema = {\n", type->name,
		type->name);
	member(gen, out, "size", cor_gen_printf(gen, "sizeof(struct %s)", type->name));
	member(gen, out, "symbol", cor_gen_printf(gen, "\"%s_schema\"", type->name));
	member(gen, out, "c_type", cor_gen_printf(gen, "\"struct %s\"", type->name));
	if (type->component)
		member(gen, out, "name", cor_gen_literal(gen, type->component));
	if (type->doc)
		member(gen, out, "doc", cor_gen_literal(gen, type->doc));
	if (type->ignores_unknown)
		member(gen, out, "unknown", "COR_IGNORE");
	cor_buffer_literal(out, "\t},\n};\n");
}

static void print_schema(
	struct cor_gen *gen, const struct cor_gen_type *type, bool is_local, struct cor_buffer *out)
{
	struct cor_gen_call call;
	bool is_union = type->form == COR_GEN_UNION;

	cor_gen_call_begin(&call, gen, out, 0,
		cor_gen_printf(gen, "COR_%s%sSCHEMA(", is_local ? "LOCAL_" : "",
			is_union ? "UNION_" : ""));
	cor_gen_call_argument(&call, cor_gen_printf(gen, "%s_schema", type->name));
	if (is_local)
		cor_gen_call_argument(&call, cor_gen_printf(gen, "struct %s", type->name));
	if (is_union)
		cor_gen_call_argument(&call, "kind");
	cor_gen_call_argument(
		&call, cor_gen_printf(gen, "%s_%s", type->name, is_union ? "branches" : "fields"));
	if (is_union && strcmp(type->discriminator, "kind") != 0)
		text_option(gen, &call, "discriminator", type->discriminator);
	text_option(gen, &call, "name", type->component);
	text_option(gen, &call, "doc", type->doc);
	if (type->ignores_unknown && !type->is_bare && !is_union)
		option(gen, &call, "unknown", "COR_IGNORE");
	cor_gen_call_end(&call, ");");
}

void cor_gen_print_tables(
	struct cor_gen *gen, const struct cor_gen_type *type, bool is_local, struct cor_buffer *out)
{
	if (!cor_gen_has_schema(type)) {
		print_names(gen, type, out);
		return;
	}
	if (type->form == COR_GEN_UNION) {
		print_branches(gen, type, out);
	} else if (type->rows_len == 0) {
		print_empty(gen, type, out);
		return;
	} else {
		print_rows(gen, type, out);
	}
	print_schema(gen, type, is_local, out);
}

static void print_rule(struct cor_gen *gen, const struct cor_gen_rule *rule, struct cor_buffer *out)
{
	struct cor_gen_call call;

	cor_gen_call_begin(&call, gen, out, 0,
		cor_gen_printf(gen, "static const struct cor_rule %s = { ", rule->name));
	rules(gen, &call, &rule->rule);
	cor_gen_call_end(&call, " };");
}

void cor_gen_print_source(struct cor_gen *gen, struct cor_buffer *out)
{
	cor_buffer_printf(out, "/* The tables of %s.h. */\n#include \"%s.h\"\n", gen->options->name,
		gen->options->name);
	bool any = false;
	for (const struct cor_gen_rule *rule = gen->rules; rule; rule = rule->next) {
		if (rule->uses == 0)
			continue;
		if (!any)
			cor_buffer_byte(out, '\n');
		any = true;
		print_rule(gen, rule, out);
	}
	for (size_t i = 0; i < gen->types_len; i++) {
		const struct cor_gen_type *type = gen->types[i];
		if (type->is_refused || type->is_input)
			continue;
		cor_buffer_byte(out, '\n');
		cor_gen_print_tables(gen, type, false, out);
	}
}
