/* SPDX-License-Identifier: MIT */
#include "schema/describe.h"

#include <coracle/schema_union.h>

#include "json/writer.h"
#include "schema/bind.h"
#include "schema/keywords.h"
#include "schema/union.h"

static void branch_reference(struct cor_keywords *writer, const char *name,
	const struct cor_schema *of, const struct cor_branch *branch)
{
	const char *found = cor_schema_names_find_branch(writer->names, of, branch, writer->use);

	cor_keyword(writer, name);
	cor_buffer_printf(writer->buffer, "\"#/components/schemas/%s\"", found ? found : "");
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
static void constant(struct cor_keywords *members, const struct cor_schema_form *form)
{
	cor_keyword(members, cor_union_discriminator(form->of));
	struct cor_keywords property = cor_keywords_begin_inner(members);
	cor_keyword_text(&property, "type", "string");
	cor_keyword_text(&property, "const", form->branch->name);
	cor_keywords_end(&property);
}

/* Whether what comes by this row of the table stands in a base, to which an allOf refers. */
static bool is_inherited(const struct cor_keywords *writer, const struct cor_field *own)
{
	return cor_row_inherits(own, writer->use) && writer->names &&
	       cor_schema_names_find(writer->names, own->type.schema, COR_USE_ANSWER);
}

static void bases(struct cor_keywords *writer, const struct cor_schema *schema)
{
	bool any = false;

	for (size_t i = 0; i < schema->len; i++) {
		const struct cor_field *own = &schema->fields[i];
		if (!is_inherited(writer, own))
			continue;
		if (!any)
			cor_keyword(writer, "allOf");
		cor_buffer_byte(writer->buffer, any ? ',' : '[');
		cor_describe_ref(own->type.schema, COR_USE_ANSWER, writer->names, writer->buffer);
		any = true;
	}
	if (any)
		cor_buffer_byte(writer->buffer, ']');
}

static void properties(struct cor_keywords *writer, const struct cor_schema_form *form)
{
	struct cor_rows rows;

	cor_keyword(writer, "properties");
	struct cor_keywords members = cor_keywords_begin_inner(writer);
	if (form->branch)
		constant(&members, form);
	for (const struct cor_field *field = cor_rows_first(&rows, form->schema); field;
		field = cor_rows_next(&rows)) {
		if (!takes_part(field, writer->use) || field->rest ||
			is_inherited(writer, rows.own))
			continue;
		cor_keyword(&members, cor_row_key(field));
		cor_describe_row(
			field, writer->use, COR_DESCRIBE_PROPERTY, writer->names, writer->buffer);
	}
	cor_keywords_end(&members);
}

/* The names of its members, where they have rules: but those of rows are theirs alone. */
static void names_of_rest(struct cor_keywords *writer, const struct cor_schema_form *form,
	const struct cor_field *rest)
{
	struct cor_rows rows;

	if (!rest->key_pattern && !rest->key_max_length)
		return;
	cor_keyword(writer, "propertyNames");
	struct cor_keywords either = cor_keywords_begin_inner(writer);
	cor_keyword(&either, "anyOf");
	cor_buffer_byte(writer->buffer, '[');
	struct cor_keywords known = cor_keywords_begin_inner(writer);
	cor_keyword(&known, "enum");
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
	struct cor_keywords own = cor_keywords_begin_inner(writer);
	if (rest->key_pattern)
		cor_keyword_text(&own, "pattern", rest->key_pattern);
	if (rest->key_max_length)
		cor_keyword_number(&own, "maxLength", rest->key_max_length);
	cor_keywords_end(&own);
	cor_buffer_byte(writer->buffer, ']');
	cor_keywords_end(&either);
}

/* What members may be there that no row has. */
static void others(struct cor_keywords *writer, const struct cor_schema_form *form)
{
	struct cor_rows rows;
	const struct cor_field *field = cor_rows_first(&rows, form->schema);

	while (field && !field->rest)
		field = cor_rows_next(&rows);
	if (field) {
		const struct cor_field rest = *field;
		cor_keyword(writer, "additionalProperties");
		struct cor_keywords values = cor_keywords_begin_inner(writer);
		cor_describe_value(&values, &rest, rest.type.kind, false);
		cor_keywords_end(&values);
		names_of_rest(writer, form, &rest);
	} else if (form->use == COR_USE_REQUEST && form->schema->unknown == COR_REFUSE) {
		cor_keyword_json(writer, "additionalProperties", "false");
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
static bool require(struct cor_keywords *writer, const char *member, bool any)
{
	if (!any)
		cor_keyword(writer, "required");
	cor_buffer_byte(writer->buffer, any ? ',' : '[');
	cor_json_write_string(writer->buffer, cor_str(member));
	return true;
}

static void required(struct cor_keywords *writer, const struct cor_schema_form *form)
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
	struct cor_keywords writer = cor_keywords_begin(buffer, names, form->use);

	cor_keyword_text(&writer, "type", "object");
	if (form->schema->doc)
		cor_keyword_text(&writer, "description", form->schema->doc);
	cor_keyword(&writer, "oneOf");
	/* NOLINTNEXTLINE(analyzer-null-dereference): it is one */
	for (uint32_t i = 0; i < table->len; i++) {
		cor_buffer_byte(buffer, i == 0 ? '[' : ',');
		struct cor_keywords branch = cor_keywords_begin_inner(&writer);
		branch_reference(&branch, "$ref", form->schema, &table->branches[i]);
		cor_keywords_end(&branch);
	}
	cor_buffer_byte(buffer, ']');
	cor_keyword(&writer, "discriminator");
	struct cor_keywords discriminator = cor_keywords_begin_inner(&writer);
	cor_keyword_text(&discriminator, "propertyName", cor_union_discriminator(form->schema));
	cor_keyword(&discriminator, "mapping");
	struct cor_keywords mapping = cor_keywords_begin_inner(&discriminator);
	for (uint32_t i = 0; i < table->len; i++)
		branch_reference(
			&mapping, table->branches[i].name, form->schema, &table->branches[i]);
	cor_keywords_end(&mapping);
	cor_keywords_end(&discriminator);
	cor_keywords_end(&writer);
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
	struct cor_keywords writer = cor_keywords_begin(buffer, names, form->use);

	cor_keyword_text(&writer, "type", "object");
	if (schema->doc)
		cor_keyword_text(&writer, "description", schema->doc);
	bases(&writer, schema);
	properties(&writer, form);
	required(&writer, form);
	others(&writer, form);
	cor_keywords_end(&writer);
}

void cor_describe_object(const struct cor_schema *schema, enum cor_use use,
	const struct cor_schema_names *names, struct cor_buffer *buffer)
{
	const struct cor_schema_form form = { .schema = schema, .use = use };

	cor_describe_form(&form, names, buffer);
}
