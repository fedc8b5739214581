/* SPDX-License-Identifier: MIT */
/* Strings: the C type that their format asks for, lengths and patterns. */
#include "generate/words.h"

#include <string.h>

#include "schema/format.h"
#include "schema/kind.h"
#include "schema/pattern.h"

/* Formats that have a C type, and patterns that are those of one. */
static const struct {
	const char *format;
	enum cor_kind kind;
	enum cor_form as;
	bool needs_pattern; /* else the format alone says it, and a pattern is one more rule */
} of_format[] = {
	{ "date-time", COR_KIND_TIMESTAMP },
	{ "date", COR_KIND_DATE },
	{ "time-local", COR_KIND_TIME },
	{ "uuid", COR_KIND_UUID },
	{ "byte", COR_KIND_BASE64 },
	{ "duration", COR_KIND_DURATION },
	{ "decimal", COR_KIND_DECIMAL },
	{ "int64", COR_KIND_INT64_AS_TEXT, COR_AS_TEXT, true },
	{ "uint64", COR_KIND_UINT64_AS_TEXT, COR_AS_TEXT, true },
	{ NULL, COR_KIND_DURATION, .needs_pattern = true },
	{ NULL, COR_KIND_IP, .needs_pattern = true },
	{ NULL, COR_KIND_NETWORK, .needs_pattern = true },
};

static bool is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_kind(size_t i, const char *format, const char *pattern)
{
	const char *own = cor_kind_facts(of_format[i].kind)->pattern;

	if (!is_same(format, of_format[i].format))
		return false;
	return pattern ? is_same(pattern, own) : !of_format[i].needs_pattern;
}

const char *cor_gen_pattern(
	struct cor_gen *gen, const struct cor_node *at, const struct cor_node *pattern)
{
	struct cor_str text;
	char why[256];

	if (!pattern || cor_node_to_text(pattern, &text) < 0)
		return NULL;
	const char *copy = cor_gen_text(gen, text);
	if (strlen(copy) == text.len && cor_pattern_check(copy, why, sizeof why) == 0)
		return copy;
	cor_gen_note(gen, at, "\"pattern\" is left out: \"%s\" %s", copy,
		strlen(copy) == text.len ? why : "holds U+0000");
	return NULL;
}

/* Of several patterns a row has one. */
static const char *pattern_of(struct cor_gen *gen, const struct cor_gen_schema *schema)
{
	const struct cor_node *first = NULL;

	for (size_t i = 0; i < schema->len; i++) {
		const struct cor_node *one = cor_node_get(schema->parts[i], "pattern");
		if (one && first && !cor_node_equal(one, first))
			cor_gen_note(gen, schema->parts[i],
				"\"pattern\" is left out: a row has one, and takes the first");
		first = first ? first : one;
	}
	return cor_gen_pattern(gen, schema->at, first);
}

/*
 * The first of several keywords that is there. No draft has any: those with "format" are of
 * ajv-formats, and those with "x-" what Coracle writes where a reader might not know them.
 */
static const char *first_of(
	struct cor_gen *gen, const struct cor_gen_schema *schema, const char *const words[3])
{
	const char *found = NULL;

	for (size_t i = 0; i < 3 && !found; i++)
		found = cor_gen_get_text(gen, schema, words[i]);
	return found;
}

static struct cor_bound text_bound(
	struct cor_gen *gen, const struct cor_gen_schema *schema, bool is_max)
{
	static const char *const inclusive[2][3] = {
		{ "formatMinimum", "x-formatMinimum", "x-minimum" },
		{ "formatMaximum", "x-formatMaximum", "x-maximum" },
	};
	static const char *const exclusive[2][3] = {
		{ "formatExclusiveMinimum", "x-formatExclusiveMinimum", "x-exclusiveMinimum" },
		{ "formatExclusiveMaximum", "x-formatExclusiveMaximum", "x-exclusiveMaximum" },
	};
	const char *text = first_of(gen, schema, exclusive[is_max]);
	bool is_exclusive = text;

	text = text ? text : first_of(gen, schema, inclusive[is_max]);
	if (!text)
		return (struct cor_bound){ 0 };
	return (struct cor_bound){
		.type = COR_BOUND_TEXT, .exclusive = is_exclusive, .text = text
	};
}

static void resolve_kind(
	struct cor_gen *gen, struct cor_gen_row *row, const struct cor_gen_schema *schema, size_t i)
{
	struct cor_field *field = &row->field;

	field->type.kind = of_format[i].as == COR_AS_TEXT
				   ? (of_format[i].kind == COR_KIND_INT64_AS_TEXT ? COR_KIND_INT64
										  : COR_KIND_UINT64)
				   : of_format[i].kind;
	field->as = of_format[i].as;
	if (cor_kind_facts(field->type.kind)->compare) {
		field->range.min = text_bound(gen, schema, false);
		field->range.max = text_bound(gen, schema, true);
	}
	if (of_format[i].format && field->type.kind == COR_KIND_DURATION)
		cor_gen_note(gen, schema->at,
			"\"duration\" is read without years and months, which have no one length");
	if (cor_gen_get(schema, "minLength") || cor_gen_get(schema, "maxLength"))
		cor_gen_note(gen, schema->at, "the lengths are left out: %s has its own",
			cor_kind_facts(of_format[i].kind)->noun);
}

/* Its lengths count bytes: those of the text are multiples of four. */
static void resolve_base64(
	struct cor_gen *gen, struct cor_gen_row *row, const struct cor_gen_schema *schema)
{
	uint32_t least = cor_gen_largest(gen, schema, "minLength"),
		 most = cor_gen_smallest(gen, schema, "maxLength");

	row->field.type.kind = COR_KIND_BASE64;
	row->field.min_length = least ? (least + 3) / 4 * 3 - 2 : 0;
	row->field.max_length = most / 4 * 3;
	if (cor_gen_get(schema, "pattern"))
		cor_gen_note(gen, schema->at, "\"pattern\" is left out: base64 has its own");
	if (most && most < 4)
		cor_gen_note(
			gen, schema->at, "\"maxLength\" of %u leaves no base64 but \"\"", most);
}

static void resolve_uri(
	struct cor_gen *gen, struct cor_gen_row *row, const struct cor_gen_schema *schema)
{
	const struct cor_format *known = cor_format_find("uri");

	if (known && is_same(row->field.pattern, known->pattern)) {
		row->field.pattern = NULL;
		return;
	}
	row->field.format = NULL;
	cor_gen_note(gen, schema->at,
		"\"uri\" is left out: with .format = \"uri\" only http and https are taken");
}

void cor_gen_resolve_text(
	struct cor_gen *gen, struct cor_gen_row *row, const struct cor_gen_schema *schema)
{
	const char *format = cor_gen_get_text(gen, schema, "format"),
		   *pattern = cor_gen_get_text(gen, schema, "pattern"),
		   *encoding = cor_gen_get_text(gen, schema, "contentEncoding");

	if (is_same(encoding, "base64") || (is_same(format, "byte") && !pattern)) {
		resolve_base64(gen, row, schema);
		return;
	}
	if (encoding)
		cor_gen_note(gen, schema->at,
			"\"contentEncoding\" is left out: the text is kept as it was sent");
	for (size_t i = 0; i < sizeof of_format / sizeof of_format[0]; i++)
		if (is_kind(i, format, pattern)) {
			resolve_kind(gen, row, schema, i);
			return;
		}
	row->field.type.kind = COR_KIND_TEXT;
	row->field.min_length = cor_gen_largest(gen, schema, "minLength");
	row->field.max_length = cor_gen_smallest(gen, schema, "maxLength");
	row->field.pattern = pattern_of(gen, schema);
	row->field.format = format && format[0] ? format : NULL;
	if (is_same(format, "uri"))
		resolve_uri(gen, row, schema);
}
