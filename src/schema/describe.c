/* SPDX-License-Identifier: MIT */
#include "schema/describe.h"

#include <inttypes.h>
#include <string.h>

#include <coracle/schema_union.h>

#include "json/writer.h"
#include "schema/bind.h"
#include "schema/bounds.h"
#include "schema/format.h"
#include "schema/http_date.h"
#include "schema/kind.h"
#include "schema/union.h"

/* Writes "key": with the comma where one is due. */
struct writer {
	struct cor_buffer *buffer;
	const struct cor_schema_names *names;
	enum cor_use use; /* of what is nested */
	bool first;
};

static struct writer begin(
	struct cor_buffer *buffer, const struct cor_schema_names *names, enum cor_use use)
{
	cor_buffer_byte(buffer, '{');
	return (struct writer){ buffer, names, use, true };
}

/* An object inside of the one that is being written. */
static struct writer begin_inner(const struct writer *outer)
{
	return begin(outer->buffer, outer->names, outer->use);
}

static void key(struct writer *writer, const char *name)
{
	if (!writer->first)
		cor_buffer_byte(writer->buffer, ',');
	writer->first = false;
	cor_json_write_string(writer->buffer, cor_str(name));
	cor_buffer_byte(writer->buffer, ':');
}

static void end(struct writer *writer)
{
	cor_buffer_byte(writer->buffer, '}');
}

static void key_text(struct writer *writer, const char *name, const char *text)
{
	key(writer, name);
	cor_json_write_string(writer->buffer, cor_str(text));
}

static void key_number(struct writer *writer, const char *name, uint64_t value)
{
	key(writer, name);
	cor_json_write_uint64(writer->buffer, value);
}

/* Text of the table that is JSON already. */
static void key_json(struct writer *writer, const char *name, const char *json)
{
	key(writer, name);
	cor_buffer_append_str(writer->buffer, cor_str(json));
}

static void type(struct writer *writer, enum cor_kind kind, bool nullable)
{
	const struct cor_kind_facts *words = cor_kind_facts(kind);

	if (!words->type)
		return;
	key(writer, "type");
	if (nullable)
		cor_buffer_byte(writer->buffer, '[');
	cor_json_write_string(writer->buffer, cor_str(words->type));
	if (nullable)
		cor_buffer_literal(writer->buffer, ",\"null\"]");
	if (words->format)
		key_text(writer, "format", words->format);
	if (words->encoding)
		key_text(writer, "contentEncoding", words->encoding);
	if (words->pattern)
		key_text(writer, "pattern", words->pattern);
}

static void bound(struct writer *writer, const struct cor_bound *bound_, const char *inclusive,
	const char *exclusive)
{
	char text[COR_NUMBER_BYTES];

	if (bound_->type == COR_BOUND_NONE ||
		(bound_->type == COR_BOUND_REAL && __builtin_isinf(bound_->real)))
		return;
	if (bound_->type == COR_BOUND_TEXT)
		return;
	cor_bound_print(bound_, text);
	key_json(writer, bound_->exclusive ? exclusive : inclusive, text);
}

/*
 * JSON Schema has no keyword for it: these are those of ajv-formats. Other readers pass it over.
 * They belong to a format; a kind that has none (no format allows 0.5 seconds of a duration) has
 * the bounds as an extension.
 */
static void word_bound(struct writer *writer, const struct cor_bound *bound_, const char *inclusive,
	const char *exclusive)
{
	if (bound_->type == COR_BOUND_TEXT)
		key_text(writer, bound_->exclusive ? exclusive : inclusive, bound_->text);
}

/* Of decimals that are numbers in JSON: the text is one. */
static void decimal_bound(struct writer *writer, const struct cor_bound *bound_,
	const char *inclusive, const char *exclusive)
{
	if (bound_->type == COR_BOUND_TEXT)
		key_json(writer, bound_->exclusive ? exclusive : inclusive, bound_->text);
}

/*
 * Whole numbers always say where they end, even if that is where the C type does: not every tool
 * knows what a format means.
 */
static void range(struct writer *writer, const struct cor_field *field, enum cor_kind kind)
{
	const struct cor_kind_facts *facts = cor_kind_facts(kind);
	bool is_whole = facts->number == COR_NUMBER_INTEGER || facts->number == COR_NUMBER_NATURAL;

	if (cor_kind_is_number(kind) && cor_kind_is_quoted(kind)) { /* "minimum" is for numbers */
		bound(writer, &field->range.min, "x-minimum", "x-exclusiveMinimum");
		bound(writer, &field->range.max, "x-maximum", "x-exclusiveMaximum");
		return;
	}
	if (is_whole && field->range.min.type == COR_BOUND_NONE) {
		key(writer, "minimum");
		cor_json_write_int64(writer->buffer, facts->min);
	}
	bound(writer, &field->range.min, "minimum", "exclusiveMinimum");
	if (is_whole && field->range.max.type == COR_BOUND_NONE)
		key_number(writer, "maximum", facts->max);
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
static void sample(struct writer *writer, const struct cor_field *field, enum cor_kind kind)
{
	const struct cor_kind_facts *facts = cor_kind_facts(kind);
	bool is_whole = facts->number == COR_NUMBER_INTEGER || facts->number == COR_NUMBER_NATURAL;
	bool has_own = field->shape == COR_SHAPE_ONE &&
		       (field->example || field->fallback || field->constant);

	if (is_whole && !cor_kind_is_quoted(kind) && !has_own &&
		field->range.min.type == COR_BOUND_NONE && !excludes_zero(&field->range.max))
		key_json(writer, "examples", "[0]");
}

/* The length of base64 counts its bytes, that of a schema characters. */
static uint64_t characters(uint32_t length, enum cor_kind kind)
{
	return kind == COR_KIND_BASE64 ? cor_base64_text_bytes(length) : length;
}

/* A char[N] counts bytes and a schema characters: N - 1 is the most that can fit. */
static void longest(struct writer *writer, const struct cor_field *field, enum cor_kind kind)
{
	if (field->max_length != 0)
		key_number(writer, "maxLength", characters(field->max_length, kind));
	else if (kind == COR_KIND_CHARS)
		key_number(writer, "maxLength", field->type.size - 1);
}

static void lengths(struct writer *writer, const struct cor_field *field, enum cor_kind kind)
{
	if (field->min_length != 0)
		key_number(writer, "minLength", characters(field->min_length, kind));
	longest(writer, field, kind);
	if (field->pattern)
		key_text(writer, "pattern", field->pattern);
}

/* A format that is checked more narrowly than its name says has a pattern for that. */
static void format(struct writer *writer, const struct cor_field *field)
{
	const struct cor_format *known = field->format ? cor_format_find(field->format) : NULL;

	if (field->format)
		key_text(writer, "format", field->format);
	if (known && known->pattern && !field->pattern)
		key_text(writer, "pattern", known->pattern);
}

static void multiple(struct writer *writer, const struct cor_field *field)
{
	const struct cor_bound step = { .type = COR_BOUND_REAL, .real = field->multiple_of };
	char text[COR_NUMBER_BYTES];

	if (field->multiple_of == 0)
		return;
	cor_bound_print(&step, text);
	/* JSON Schema has it for numbers alone */
	key_json(
		writer, cor_kind_is_quoted(field->type.kind) ? "x-multipleOf" : "multipleOf", text);
}

static void names_of(struct writer *writer, const struct cor_field *field, bool nullable)
{
	key(writer, "enum");
	for (uint32_t i = 0; i < field->type.names_len; i++) {
		cor_buffer_byte(writer->buffer, i == 0 ? '[' : ',');
		cor_json_write_string(writer->buffer, cor_str(field->type.names[i].name));
	}
	if (nullable)
		cor_buffer_literal(writer->buffer, ",null");
	cor_buffer_byte(writer->buffer, ']');
}

static void reference(struct writer *writer, const struct cor_schema *schema)
{
	const char *name = cor_schema_names_find(writer->names, schema, writer->use);

	key(writer, "$ref");
	cor_buffer_printf(writer->buffer, "\"#/components/schemas/%s\"", name ? name : "");
}

static void branch_reference(struct writer *writer, const char *name, const struct cor_schema *of,
	const struct cor_branch *branch)
{
	const char *found = cor_schema_names_find_branch(writer->names, of, branch, writer->use);

	key(writer, name);
	cor_buffer_printf(writer->buffer, "\"#/components/schemas/%s\"", found ? found : "");
}

static void nested(struct writer *writer, const struct cor_field *field, bool nullable)
{
	if (!nullable) {
		reference(writer, field->type.schema);
		return;
	}
	key(writer, "anyOf");
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

static void set_of_names(struct writer *writer, const struct cor_field *field, bool nullable)
{
	type(writer, COR_KIND_FLAGS, nullable);
	key(writer, "items");
	struct writer items = begin_inner(writer);
	type(&items, COR_KIND_ENUM, false);
	names_of(&items, field, false);
	end(&items);
	key_json(writer, "uniqueItems", "true");
}

/* The rule of one value: a member's, or an item's. */
static void value(
	struct writer *writer, const struct cor_field *field, enum cor_kind kind, bool nullable)
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
	if (field->constant)
		key_json(writer, "const", field->constant);
	sample(writer, field, kind);
}

/* What is to be sent (RFC 9110 section 5.6.7); the two older forms are understood as well. */
static void http_date(struct writer *writer)
{
	key_text(writer, "type", "string");
	key_text(writer, "description", "An HTTP-date (RFC 9110 section 5.6.7)");
	key_text(writer, "pattern",
		"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} "
		"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
		"[0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT$");
	key_json(writer, "examples", "[\"Sun, 06 Nov 1994 08:49:37 GMT\"]");
}

static void contains(struct writer *writer, const struct cor_field *field)
{
	const struct cor_field wanted = cor_row_contained(field);

	key(writer, "contains");
	struct writer item = begin_inner(writer);
	value(&item, &wanted, wanted.type.kind, false);
	key_text(&item, "description", field->contains->doc);
	end(&item);
	if (field->min_contains > 1)
		key_number(writer, "minContains", field->min_contains);
	if (field->max_contains != 0)
		key_number(writer, "maxContains", field->max_contains);
}

/* In answers objects may lack the members that tell them apart: their difference is no promise. */
static void array(struct writer *writer, const struct cor_field *field, bool nullable)
{
	bool is_nested = cor_kind_is_nested(field->type.kind);

	if (nullable)
		key_json(writer, "type", "[\"array\",\"null\"]");
	else
		key_text(writer, "type", "array");
	key(writer, "items");
	struct writer items = begin_inner(writer);
	value(&items, field, field->type.kind, false);
	end(&items);
	if (field->min_items != 0)
		key_number(writer, "minItems", field->min_items);
	if (field->max_items != 0)
		key_number(writer, "maxItems", field->max_items);
	if (field->unique_items && !(writer->use == COR_USE_ANSWER && is_nested))
		key_json(writer, "uniqueItems", "true");
	if (field->contains)
		contains(writer, field);
}

static void key_rules(struct writer *writer, const struct cor_field *field)
{
	if (!field->key_pattern && !field->key_max_length)
		return;
	key(writer, "propertyNames");
	struct writer names = begin_inner(writer);
	if (field->key_pattern)
		key_text(&names, "pattern", field->key_pattern);
	if (field->key_max_length)
		key_number(&names, "maxLength", field->key_max_length);
	end(&names);
}

static void dict(struct writer *writer, const struct cor_field *field, bool nullable)
{
	if (nullable)
		key_json(writer, "type", "[\"object\",\"null\"]");
	else
		key_text(writer, "type", "object");
	key(writer, "additionalProperties");
	struct writer values = begin_inner(writer);
	value(&values, field, field->type.kind, false);
	end(&values);
	key_rules(writer, field);
	if (field->min_items != 0)
		key_number(writer, "minProperties", field->min_items);
	if (field->max_items != 0)
		key_number(writer, "maxProperties", field->max_items);
}

/*
 * Texts of requests, which may have members that no answer has, a password say: an answer shows
 * none of an object.
 */
static bool is_of_requests(const struct writer *writer, const struct cor_field *field)
{
	return writer->use == COR_USE_ANSWER && field->access != COR_READ_ONLY &&
	       cor_kind_is_nested(field->type.kind);
}

static void annotations(struct writer *writer, const struct cor_field *field)
{
	if (field->doc)
		key_text(writer, "description", field->doc);
	if (field->access == COR_READ_ONLY)
		key_json(writer, "readOnly", "true");
	if (field->access == COR_WRITE_ONLY)
		key_json(writer, "writeOnly", "true");
	if (field->deprecated)
		key_json(writer, "deprecated", "true");
	if (field->example && !is_of_requests(writer, field)) {
		key(writer, "examples");
		cor_buffer_byte(writer->buffer, '[');
		cor_buffer_append_str(writer->buffer, cor_str(field->example));
		cor_buffer_byte(writer->buffer, ']');
	}
}

void cor_describe_row(const struct cor_field *field, enum cor_use use, enum cor_describe_row how,
	const struct cor_schema_names *names, struct cor_buffer *buffer)
{
	struct writer writer = begin(buffer, names, use);
	bool property = how == COR_DESCRIBE_PROPERTY;

	if (field->shape == COR_SHAPE_DICT)
		dict(&writer, field, property && cor_row_takes_null(field));
	else if (field->shape == COR_SHAPE_ARRAY)
		array(&writer, field, property && cor_row_takes_null(field));
	else if (!property && cor_row_is_http_date(field, use))
		http_date(&writer);
	else
		value(&writer, field, field->type.kind, property && cor_row_takes_null(field));
	if (field->fallback && !field->is_partial && !is_of_requests(&writer, field))
		key_json(&writer, "default", field->fallback);
	if (property)
		annotations(&writer, field);
	end(&writer);
}

static bool takes_part(const struct cor_field *field, enum cor_use use)
{
	if (use == COR_USE_REQUEST)
		return field->access != COR_READ_ONLY &&
		       cor_row_source(field, COR_FROM_BODY) == COR_FROM_BODY;
	if (use == COR_USE_ANSWER)
		return field->access != COR_WRITE_ONLY && field->to == COR_TO_BODY;
	return true;
}

/* The one value of a branch. */
static void constant(struct writer *members, const struct cor_schema_form *form)
{
	key(members, cor_union_discriminator(form->of));
	struct writer property = begin_inner(members);
	key_text(&property, "type", "string");
	key_text(&property, "const", form->branch->name);
	end(&property);
}

/* Whether what comes by this row of the table stands in a base, to which an allOf refers. */
static bool is_inherited(const struct writer *writer, const struct cor_field *own)
{
	return cor_row_inherits(own, writer->use) && writer->names &&
	       cor_schema_names_find(writer->names, own->type.schema, COR_USE_ANSWER);
}

static void bases(struct writer *writer, const struct cor_schema *schema)
{
	bool any = false;

	for (size_t i = 0; i < schema->len; i++) {
		const struct cor_field *own = &schema->fields[i];
		if (!is_inherited(writer, own))
			continue;
		if (!any)
			key(writer, "allOf");
		cor_buffer_byte(writer->buffer, any ? ',' : '[');
		cor_describe_ref(own->type.schema, COR_USE_ANSWER, writer->names, writer->buffer);
		any = true;
	}
	if (any)
		cor_buffer_byte(writer->buffer, ']');
}

static void properties(struct writer *writer, const struct cor_schema_form *form)
{
	struct cor_rows rows;

	key(writer, "properties");
	struct writer members = begin_inner(writer);
	if (form->branch)
		constant(&members, form);
	for (const struct cor_field *field = cor_rows_first(&rows, form->schema); field;
		field = cor_rows_next(&rows)) {
		if (!takes_part(field, writer->use) || field->rest ||
			is_inherited(writer, rows.own))
			continue;
		key(&members, cor_row_key(field));
		cor_describe_row(
			field, writer->use, COR_DESCRIBE_PROPERTY, writer->names, writer->buffer);
	}
	end(&members);
}

/* The names of its members, where they have rules: but those of rows are theirs alone. */
static void names_of_rest(
	struct writer *writer, const struct cor_schema_form *form, const struct cor_field *rest)
{
	struct cor_rows rows;

	if (!rest->key_pattern && !rest->key_max_length)
		return;
	key(writer, "propertyNames");
	struct writer either = begin_inner(writer);
	key(&either, "anyOf");
	cor_buffer_byte(writer->buffer, '[');
	struct writer known = begin_inner(writer);
	key(&known, "enum");
	cor_buffer_byte(writer->buffer, '[');
	bool any = form->branch;
	if (form->branch)
		cor_json_write_string(writer->buffer, cor_str(cor_union_discriminator(form->of)));
	for (const struct cor_field *field = cor_rows_first(&rows, form->schema); field;
		field = cor_rows_next(&rows)) {
		if (!takes_part(field, writer->use) || field->rest)
			continue;
		if (any)
			cor_buffer_byte(writer->buffer, ',');
		cor_json_write_string(writer->buffer, cor_str(cor_row_key(field)));
		any = true;
	}
	cor_buffer_literal(writer->buffer, "]},");
	struct writer own = begin_inner(writer);
	if (rest->key_pattern)
		key_text(&own, "pattern", rest->key_pattern);
	if (rest->key_max_length)
		key_number(&own, "maxLength", rest->key_max_length);
	end(&own);
	cor_buffer_byte(writer->buffer, ']');
	end(&either);
}

/* What members may be there that no row has. */
static void others(struct writer *writer, const struct cor_schema_form *form)
{
	struct cor_rows rows;
	const struct cor_field *field = cor_rows_first(&rows, form->schema);

	while (field && !field->rest)
		field = cor_rows_next(&rows);
	if (field) {
		const struct cor_field rest = *field;
		key(writer, "additionalProperties");
		struct writer values = begin_inner(writer);
		value(&values, &rest, rest.type.kind, false);
		end(&values);
		names_of_rest(writer, form, &rest);
	} else if (form->use == COR_USE_REQUEST && form->schema->unknown == COR_REFUSE) {
		key_json(writer, "additionalProperties", "false");
	}
}

static bool is_required(const struct cor_field *field, enum cor_use use)
{
	if (!takes_part(field, use) || field->rest)
		return false;
	return use == COR_USE_ANSWER ? cor_row_is_always_written(field)
				     : cor_row_is_required(field);
}

/* One more of the list; true: it has begun. */
static bool require(struct writer *writer, const char *member, bool any)
{
	if (!any)
		key(writer, "required");
	cor_buffer_byte(writer->buffer, any ? ',' : '[');
	cor_json_write_string(writer->buffer, cor_str(member));
	return true;
}

static void required(struct writer *writer, const struct cor_schema_form *form)
{
	struct cor_rows rows;
	bool any = form->branch && require(writer, cor_union_discriminator(form->of), false);

	for (const struct cor_field *field = cor_rows_first(&rows, form->schema); field;
		field = cor_rows_next(&rows))
		if (is_required(field, writer->use) && !is_inherited(writer, rows.own))
			any = require(writer, cor_row_key(field), any);
	if (any)
		cor_buffer_byte(writer->buffer, ']');
}

/* One branch, and the discriminator says which. */
static void describe_union(const struct cor_schema_form *form, const struct cor_schema_names *names,
	struct cor_buffer *buffer)
{
	const struct cor_union *table = cor_schema_union(form->schema);
	struct writer writer = begin(buffer, names, form->use);

	key_text(&writer, "type", "object");
	if (form->schema->doc)
		key_text(&writer, "description", form->schema->doc);
	key(&writer, "oneOf");
	for (uint32_t i = 0; i < table->len; i++) {
		cor_buffer_byte(buffer, i == 0 ? '[' : ',');
		struct writer branch = begin_inner(&writer);
		branch_reference(&branch, "$ref", form->schema, &table->branches[i]);
		end(&branch);
	}
	cor_buffer_byte(buffer, ']');
	key(&writer, "discriminator");
	struct writer discriminator = begin_inner(&writer);
	key_text(&discriminator, "propertyName", cor_union_discriminator(form->schema));
	key(&discriminator, "mapping");
	struct writer mapping = begin_inner(&discriminator);
	for (uint32_t i = 0; i < table->len; i++)
		branch_reference(
			&mapping, table->branches[i].name, form->schema, &table->branches[i]);
	end(&mapping);
	end(&discriminator);
	end(&writer);
}

/* The value itself. Its own text stands before that of its schema. */
static void describe_bare(const struct cor_schema *schema, enum cor_use use,
	const struct cor_schema_names *names, struct cor_buffer *buffer)
{
	struct cor_field room, row = *cor_row_resolve(cor_schema_bare_row(schema), &room);

	if (!row.doc)
		row.doc = schema->doc;
	cor_describe_row(&row, use, COR_DESCRIBE_PROPERTY, names, buffer);
}

void cor_describe_form(const struct cor_schema_form *form, const struct cor_schema_names *names,
	struct cor_buffer *buffer)
{
	const struct cor_schema *schema = form->schema;

	if (cor_schema_union(schema)) {
		describe_union(form, names, buffer);
		return;
	}
	if (cor_schema_bare_row(schema)) {
		describe_bare(schema, form->use, names, buffer);
		return;
	}
	struct writer writer = begin(buffer, names, form->use);

	key_text(&writer, "type", "object");
	if (schema->doc)
		key_text(&writer, "description", schema->doc);
	bases(&writer, schema);
	properties(&writer, form);
	required(&writer, form);
	others(&writer, form);
	end(&writer);
}

void cor_describe_object(const struct cor_schema *schema, enum cor_use use,
	const struct cor_schema_names *names, struct cor_buffer *buffer)
{
	const struct cor_schema_form form = { .schema = schema, .use = use };

	cor_describe_form(&form, names, buffer);
}

void cor_describe_ref(const struct cor_schema *schema, enum cor_use use,
	const struct cor_schema_names *names, struct cor_buffer *buffer)
{
	struct writer writer = begin(buffer, names, use);

	reference(&writer, schema);
	end(&writer);
}
