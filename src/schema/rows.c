/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <coracle/schema_custom.h>

#include "schema/bind.h"
#include "schema/describe.h"
#include "schema/kind.h"

bool cor_row_is_textual(const struct cor_field *field)
{
	return field->shape != COR_SHAPE_DICT &&
	       (cor_kind_is_scalar(field->type.kind) || cor_row_is_set(field));
}

bool cor_row_is_required(const struct cor_field *field)
{
	return !field->is_partial && !field->is_opt && !field->fallback && !field->rest &&
	       !(field->presence & COR_OPTIONAL);
}

bool cor_row_takes_null(const struct cor_field *field)
{
	bool may_go = field->is_opt || field->fallback || (field->presence & COR_OPTIONAL);

	return (field->presence & COR_NULLABLE) || (field->is_partial && may_go);
}

static bool names_zero(const struct cor_field *field)
{
	for (uint32_t i = 0; i < field->type.names_len; i++)
		if (field->type.names[i].value == 0)
			return true;
	return false;
}

/* The kinds of which a zeroed struct has nothing to write: encode.c leaves them out. */
static bool can_be_empty(const struct cor_field *field)
{
	if (field->shape != COR_SHAPE_ONE)
		return true;
	if (field->type.kind == COR_KIND_ENUM)
		return !names_zero(field);
	return cor_kind_facts(field->type.kind)->is_empty;
}

bool cor_row_is_always_written(const struct cor_field *field)
{
	bool may_be_left_out = (field->presence & COR_OPTIONAL) && !field->fallback;

	return !field->is_partial && !field->when && !field->omit && !field->is_opt &&
	       !field->rest && !(may_be_left_out && can_be_empty(field));
}

size_t cor_rows_from(
	const struct cor_schema *schema, enum cor_from source, enum cor_from default_from)
{
	struct cor_rows rows;
	size_t count = 0;

	for (const struct cor_field *field = cor_rows_first(&rows, schema); field;
		field = cor_rows_next(&rows))
		count += field->access != COR_READ_ONLY &&
			 cor_row_source(field, default_from) == source;
	return count;
}

bool cor_rows_have_file(const struct cor_schema *schema, enum cor_from default_from)
{
	struct cor_rows rows;

	for (const struct cor_field *field = cor_rows_first(&rows, schema); field;
		field = cor_rows_next(&rows))
		if (field->access != COR_READ_ONLY && cor_row_is_file(field) &&
			cor_row_source(field, default_from) == COR_FROM_BODY)
			return true;
	return false;
}

static void cut_suffix(struct cor_str *name, struct cor_str suffix)
{
	if (name->len > suffix.len &&
		memcmp(name->data + name->len - suffix.len, suffix.data, suffix.len) == 0)
		name->len -= suffix.len;
}

struct cor_str cor_schema_base_name(const struct cor_schema *schema)
{
	const struct cor_field *bare = cor_schema_bare_row(schema);
	const struct cor_text_kind *kind = bare ? bare->type.text_kind : NULL;
	const char *given = kind && kind->name ? kind->name : schema->name;
	struct cor_str name = cor_str(given ? given : schema->symbol);

	if (!given)
		cut_suffix(&name, kind ? COR_STR("_kind") : COR_STR("_schema"));
	return name;
}
