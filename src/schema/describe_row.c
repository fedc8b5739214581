/* SPDX-License-Identifier: MIT */
#include "schema/describe_row.h"

#include <string.h>

#include "json/writer.h"
#include "schema/bind.h"
#include "schema/bounds.h"
#include "schema/describe.h"
#include "schema/format.h"
#include "schema/http_date.h"
#include "schema/kind.h"

static void type(struct cor_keywords *writer, enum cor_kind kind, bool nullable)
{
	const struct cor_kind_facts *words = cor_kind_facts(kind);

	if (!words->type)
		return;
	cor_keyword(writer, "type");
	if (nullable)
		cor_buffer_byte(writer->buffer, '[');
	cor_json_write_string(writer->buffer, cor_str(words->type));
	if (nullable)
		cor_buffer_literal(writer->buffer, ",\"null\"]");
	if (words->format)
		cor_keyword_text(writer, "format", words->format);
	if (words->encoding)
		cor_keyword_text(writer, "contentEncoding", words->encoding);
	if (words->pattern)
		cor_keyword_text(writer, "pattern", words->pattern);
}

static void bound(struct cor_keywords *writer, const struct cor_bound *bound_,
	const char *inclusive, const char *exclusive)
{
	char text[COR_NUMBER_BYTES];

	if (bound_->type == COR_BOUND_NONE ||
		(bound_->type == COR_BOUND_REAL && __builtin_isinf(bound_->real)))
		return;
	if (bound_->type == COR_BOUND_TEXT)
		return;
	cor_bound_print(bound_, text);
	cor_keyword_json(writer, bound_->exclusive ? exclusive : inclusive, text);
}

/*
 * JSON Schema has no keyword for it: these are those of ajv-formats. Other readers pass it over.
 * They belong to a format; a kind that has none (no format allows 0.5 seconds of a duration) has
 * the bounds as an extension.
 */
static void word_bound(struct cor_keywords *writer, const struct cor_bound *bound_,
	const char *inclusive, const char *exclusive)
{
	if (bound_->type == COR_BOUND_TEXT)
		cor_keyword_text(writer, bound_->exclusive ? exclusive : inclusive, bound_->text);
}

/* Of decimals that are numbers in JSON: the text is one. */
static void decimal_bound(struct cor_keywords *writer, const struct cor_bound *bound_,
	const char *inclusive, const char *exclusive)
{
	if (bound_->type == COR_BOUND_TEXT)
		cor_keyword_json(writer, bound_->exclusive ? exclusive : inclusive, bound_->text);
}

/*
 * Whole numbers always say where they end, even if that is where the C type does: not every tool
 * knows what a format means.
 */
static void range(struct cor_keywords *writer, const struct cor_field *field, enum cor_kind kind)
{
	const struct cor_kind_facts *facts = cor_kind_facts(kind);
	bool is_whole = facts->number == COR_NUMBER_INTEGER || facts->number == COR_NUMBER_NATURAL;

	if (cor_kind_is_number(kind) && cor_kind_is_quoted(kind)) { /* "minimum" is for numbers */
		bound(writer, &field->range.min, "x-minimum", "x-exclusiveMinimum");
		bound(writer, &field->range.max, "x-maximum", "x-exclusiveMaximum");
		return;
	}
	if (is_whole && field->range.min.type == COR_BOUND_NONE) {
		cor_keyword(writer, "minimum");
		cor_json_write_int64(writer->buffer, facts->min);
	}
	bound(writer, &field->range.min, "minimum", "exclusiveMinimum");
	if (is_whole && field->range.max.type == COR_BOUND_NONE)
		cor_keyword_number(writer, "maximum", facts->max);
	bound(writer, &field->range.max, "maximum", "exclusiveMaximum");
	if (kind == COR_KIND_DECIMAL_AS_NUMBER) {
		decimal_bound(writer, &field->range.min, "minimum", "exclusiveMinimum");
		decimal_bound(writer, &field->range.max, "maximum", "exclusiveMaximum");
		return;
	}
	if (facts->format) {
		word_bound(writer, &field->range.min, "formatMinimum", "formatExclusiveMinimum");
		word_bound(writer, &field->range.max, "formatMaximum", "formatExclusiveMaximum");
	} else {
		word_bound(writer, &field->range.min, "x-minimum", "x-exclusiveMinimum");
		word_bound(writer, &field->range.max, "x-maximum", "x-exclusiveMaximum");
	}
}

/* Zero is above the bound, or is the bound and excluded. */
static bool excludes_zero(const struct cor_bound *max)
{
	if (max->type == COR_BOUND_INTEGER)
		return max->integer < 0 || (max->exclusive && max->integer == 0);
	return max->type == COR_BOUND_REAL && (max->real < 0 || (max->exclusive && max->real <= 0));
}

/*
 * Tools that fill in a form take a bound for want of anything better, and in a double, which
 * the last integers of 64 bits do not fit: they are given 0.
 */
static void sample(struct cor_keywords *writer, const struct cor_field *field, enum cor_kind kind)
{
	const struct cor_kind_facts *facts = cor_kind_facts(kind);
	bool is_whole = facts->number == COR_NUMBER_INTEGER || facts->number == COR_NUMBER_NATURAL;
	bool has_own = field->shape == COR_SHAPE_ONE &&
		       (field->example || field->fallback || field->constant);

	if (is_whole && !cor_kind_is_quoted(kind) && !has_own &&
		field->range.min.type == COR_BOUND_NONE && !excludes_zero(&field->range.max))
		cor_keyword_json(writer, "examples", "[0]");
}

/* The length of base64 counts its bytes, that of a schema characters. */
static uint64_t characters(uint32_t length, enum cor_kind kind)
{
	return kind == COR_KIND_BASE64 ? cor_base64_text_bytes(length) : length;
}

/* A char[N] counts bytes and a schema characters: N - 1 is the most that can fit. */
static void longest(struct cor_keywords *writer, const struct cor_field *field, enum cor_kind kind)
{
	if (field->max_length != 0)
		cor_keyword_number(writer, "maxLength", characters(field->max_length, kind));
	else if (kind == COR_KIND_CHARS)
		cor_keyword_number(writer, "maxLength", field->type.size - 1);
}

static void lengths(struct cor_keywords *writer, const struct cor_field *field, enum cor_kind kind)
{
	if (field->min_length != 0)
		cor_keyword_number(writer, "minLength", characters(field->min_length, kind));
	longest(writer, field, kind);
	if (field->pattern)
		cor_keyword_text(writer, "pattern", field->pattern);
}

/* A format that is checked more narrowly than its name says has a pattern for that. */
static void format(struct cor_keywords *writer, const struct cor_field *field)
{
	const struct cor_format *known = field->format ? cor_format_find(field->format) : NULL;

	if (field->format)
		cor_keyword_text(writer, "format", field->format);
	if (known && known->pattern && !field->pattern)
		cor_keyword_text(writer, "pattern", known->pattern);
}

static void multiple(struct cor_keywords *writer, const struct cor_field *field)
{
	const struct cor_bound step = { .type = COR_BOUND_REAL, .real = field->multiple_of };
	char text[COR_NUMBER_BYTES];

	if (field->multiple_of == 0)
		return;
	cor_bound_print(&step, text);
	/* JSON Schema has it for numbers alone */
	cor_keyword_json(
		writer, cor_kind_is_quoted(field->type.kind) ? "x-multipleOf" : "multipleOf", text);
}

/* OpenAPI 3.1, "Considerations for File Uploads"; readers of 3.0 know the format. */
static void file(struct cor_keywords *writer, const struct cor_field *field)
{
	const char *types = field->media_types ? field->media_types : "application/octet-stream";

	if (!cor_row_is_file(field))
		return;
	cor_keyword_text(writer, "type", "string");
	cor_keyword_text(writer, "format", "binary");
	if (!strpbrk(types, ",*")) /* of several the encoding tells */
		cor_keyword_text(writer, "contentMediaType", types);
	if (field->max_bytes != 0)
		cor_keyword_number(writer, "maxLength", field->max_bytes);
}

static void names_of(struct cor_keywords *writer, const struct cor_field *field, bool nullable)
{
	cor_keyword(writer, "enum");
	for (uint32_t i = 0; i < field->type.names_len; i++) {
		cor_buffer_byte(writer->buffer, i == 0 ? '[' : ',');
		cor_json_write_string(writer->buffer, cor_str(field->type.names[i].name));
	}
	if (nullable)
		cor_buffer_literal(writer->buffer, ",null");
	cor_buffer_byte(writer->buffer, ']');
}

void cor_describe_reference(struct cor_keywords *writer, const struct cor_schema *schema)
{
	const char *name = cor_schema_names_find(writer->names, schema, writer->use);

	cor_keyword(writer, "$ref");
	cor_buffer_printf(writer->buffer, "\"#/components/schemas/%s\"", name ? name : "");
}

static void nested(struct cor_keywords *writer, const struct cor_field *field, bool nullable)
{
	if (!nullable) {
		cor_describe_reference(writer, field->type.schema);
		return;
	}
	cor_keyword(writer, "anyOf");
	cor_buffer_byte(writer->buffer, '[');
	cor_describe_ref(field->type.schema, writer->use, writer->names, writer->buffer);
	cor_buffer_literal(writer->buffer, ",{\"type\":\"null\"}]");
}

/* Whether the row says no more of its values than the schema of their type, which has a name. */
static bool is_named(const struct cor_field *field)
{
	struct cor_field room;

	if (!field->type.schema || cor_kind_is_nested(field->type.kind))
		return field->type.schema;
	const struct cor_field *bare = cor_row_resolve(
		cor_schema_bare_row(field->type.schema), &room);
	return field->type.kind == bare->type.kind && field->min_length == bare->min_length &&
	       field->max_length == bare->max_length && field->pattern == bare->pattern &&
	       field->format == bare->format && field->constant == bare->constant &&
	       field->multiple_of == bare->multiple_of &&
	       cor_bound_is_same(&field->range.min, &bare->range.min) &&
	       cor_bound_is_same(&field->range.max, &bare->range.max);
}

static void set_of_names(struct cor_keywords *writer, const struct cor_field *field, bool nullable)
{
	type(writer, COR_KIND_FLAGS, nullable);
	cor_keyword(writer, "items");
	struct cor_keywords items = cor_keywords_begin_inner(writer);
	type(&items, COR_KIND_ENUM, false);
	names_of(&items, field, false);
	cor_keywords_end(&items);
	cor_keyword_json(writer, "uniqueItems", "true");
}

void cor_describe_value(struct cor_keywords *writer, const struct cor_field *field,
	enum cor_kind kind, bool nullable)
{
	if (is_named(field)) {
		nested(writer, field, nullable);
		return;
	}
	if (kind == COR_KIND_FLAGS) {
		set_of_names(writer, field, nullable);
		return;
	}
	type(writer, kind, nullable);
	if (field->type.names)
		names_of(writer, field, nullable);
	range(writer, field, kind);
	multiple(writer, field);
	lengths(writer, field, kind);
	format(writer, field);
	file(writer, field);
	if (field->constant)
		cor_keyword_json(writer, "const", field->constant);
	sample(writer, field, kind);
}

/* What is to be sent (RFC 9110 section 5.6.7); the two older forms are understood as well. */
static void http_date(struct cor_keywords *writer)
{
	cor_keyword_text(writer, "type", "string");
	cor_keyword_text(writer, "description", "An HTTP-date (RFC 9110 section 5.6.7)");
	cor_keyword_text(writer, "pattern",
		"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} "
		"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
		"[0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT$");
	cor_keyword_json(writer, "examples", "[\"Sun, 06 Nov 1994 08:49:37 GMT\"]");
}

static void contains(struct cor_keywords *writer, const struct cor_field *field)
{
	const struct cor_field wanted = cor_row_contained(field);

	cor_keyword(writer, "contains");
	struct cor_keywords item = cor_keywords_begin_inner(writer);
	cor_describe_value(&item, &wanted, wanted.type.kind, false);
	cor_keyword_text(&item, "description", field->contains->doc);
	cor_keywords_end(&item);
	if (field->min_contains > 1)
		cor_keyword_number(writer, "minContains", field->min_contains);
	if (field->max_contains != 0)
		cor_keyword_number(writer, "maxContains", field->max_contains);
}

/* In answers objects may lack the members that tell them apart: their difference is no promise. */
static void array(struct cor_keywords *writer, const struct cor_field *field, bool nullable)
{
	bool is_nested = cor_kind_is_nested(field->type.kind);

	if (nullable)
		cor_keyword_json(writer, "type", "[\"array\",\"null\"]");
	else
		cor_keyword_text(writer, "type", "array");
	cor_keyword(writer, "items");
	struct cor_keywords items = cor_keywords_begin_inner(writer);
	cor_describe_value(&items, field, field->type.kind, false);
	cor_keywords_end(&items);
	if (field->min_items != 0)
		cor_keyword_number(writer, "minItems", field->min_items);
	if (field->max_items != 0)
		cor_keyword_number(writer, "maxItems", field->max_items);
	if (field->unique_items && !(writer->use == COR_USE_ANSWER && is_nested))
		cor_keyword_json(writer, "uniqueItems", "true");
	if (field->contains)
		contains(writer, field);
}

static void key_rules(struct cor_keywords *writer, const struct cor_field *field)
{
	if (!field->key_pattern && !field->key_max_length)
		return;
	cor_keyword(writer, "propertyNames");
	struct cor_keywords names = cor_keywords_begin_inner(writer);
	if (field->key_pattern)
		cor_keyword_text(&names, "pattern", field->key_pattern);
	if (field->key_max_length)
		cor_keyword_number(&names, "maxLength", field->key_max_length);
	cor_keywords_end(&names);
}

static void dict(struct cor_keywords *writer, const struct cor_field *field, bool nullable)
{
	if (nullable)
		cor_keyword_json(writer, "type", "[\"object\",\"null\"]");
	else
		cor_keyword_text(writer, "type", "object");
	cor_keyword(writer, "additionalProperties");
	struct cor_keywords values = cor_keywords_begin_inner(writer);
	cor_describe_value(&values, field, field->type.kind, false);
	cor_keywords_end(&values);
	key_rules(writer, field);
	if (field->min_items != 0)
		cor_keyword_number(writer, "minProperties", field->min_items);
	if (field->max_items != 0)
		cor_keyword_number(writer, "maxProperties", field->max_items);
}

/*
 * Texts of requests, which may have members that no answer has, a password say: an answer shows
 * none of an object.
 */
static bool is_of_requests(const struct cor_keywords *writer, const struct cor_field *field)
{
	return writer->use == COR_USE_ANSWER && field->access != COR_READ_ONLY &&
	       cor_kind_is_nested(field->type.kind);
}

static void annotations(struct cor_keywords *writer, const struct cor_field *field)
{
	if (field->doc)
		cor_keyword_text(writer, "description", field->doc);
	if (field->access == COR_READ_ONLY)
		cor_keyword_json(writer, "readOnly", "true");
	if (field->access == COR_WRITE_ONLY)
		cor_keyword_json(writer, "writeOnly", "true");
	if (field->deprecated)
		cor_keyword_json(writer, "deprecated", "true");
	if (field->example && !is_of_requests(writer, field)) {
		cor_keyword(writer, "examples");
		cor_buffer_byte(writer->buffer, '[');
		cor_buffer_append_str(writer->buffer, cor_str(field->example));
		cor_buffer_byte(writer->buffer, ']');
	}
}

void cor_describe_row(const struct cor_field *field, enum cor_use use, enum cor_describe_row how,
	const struct cor_schema_names *names, struct cor_buffer *buffer)
{
	struct cor_keywords writer = cor_keywords_begin(buffer, names, use);
	bool property = how == COR_DESCRIBE_PROPERTY;

	if (field->shape == COR_SHAPE_DICT)
		dict(&writer, field, property && cor_row_takes_null(field));
	else if (field->shape == COR_SHAPE_ARRAY)
		array(&writer, field, property && cor_row_takes_null(field));
	else if (!property && cor_row_is_http_date(field, use))
		http_date(&writer);
	else
		cor_describe_value(
			&writer, field, field->type.kind, property && cor_row_takes_null(field));
	if (field->fallback && !field->is_partial && !is_of_requests(&writer, field))
		cor_keyword_json(&writer, "default", field->fallback);
	if (property)
		annotations(&writer, field);
	cor_keywords_end(&writer);
}

void cor_describe_ref(const struct cor_schema *schema, enum cor_use use,
	const struct cor_schema_names *names, struct cor_buffer *buffer)
{
	struct cor_keywords writer = cor_keywords_begin(buffer, names, use);

	cor_describe_reference(&writer, schema);
	cor_keywords_end(&writer);
}
