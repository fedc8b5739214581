/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "schema/bind.h"
#include "schema/describe.h"
#include "schema/walk.h"

struct collector {
	struct cor_arena *arena;
	struct cor_schema_names names;
	size_t capacity;
};

static bool known(
	const struct collector *collector, const struct cor_schema *schema, enum cor_use use)
{
	for (size_t i = 0; i < collector->names.len; i++)
		if (collector->names.forms[i].schema == schema &&
			collector->names.forms[i].use == use)
			return true;
	return false;
}

static int grow(struct collector *collector)
{
	size_t capacity = collector->capacity ? collector->capacity * 2 : 16;
	struct cor_schema_form *forms = cor_arena_alloc(collector->arena, capacity * sizeof *forms);

	if (!forms)
		return -ENOMEM;
	if (collector->names.len != 0)
		memcpy(forms, collector->names.forms, collector->names.len * sizeof *forms);
	collector->names.forms = forms;
	collector->capacity = capacity;
	return 0;
}

static int append(struct collector *collector, const struct cor_schema *schema, enum cor_use use)
{
	if (schema->media != COR_MEDIA_JSON || known(collector, schema, use))
		return 0;
	if (collector->names.len == collector->capacity && grow(collector) < 0)
		return -ENOMEM;
	collector->names.forms[collector->names.len++] = (struct cor_schema_form){
		.schema = schema,
		.use = use,
	};
	return 0;
}

static bool takes_part(const struct cor_field *field, enum cor_use use)
{
	if (use == COR_USE_REQUEST)
		return field->access != COR_READ_ONLY;
	return use != COR_USE_ANSWER || field->access != COR_WRITE_ONLY;
}

static bool row_differs(const struct cor_field *field)
{
	return field->access != COR_READ_WRITE || field->to != COR_TO_BODY ||
	       cor_row_source(field, COR_FROM_BODY) != COR_FROM_BODY ||
	       cor_row_is_required(field) != cor_row_is_always_written(field);
}

static bool differs_itself(const struct cor_schema *schema)
{
	struct cor_rows rows;

	if (schema->unknown == COR_REFUSE && !cor_schema_bare_row(schema))
		return true;
	for (const struct cor_field *field = cor_rows_first(&rows, schema); field;
		field = cor_rows_next(&rows))
		if (row_differs(field))
			return true;
	return false;
}

static int append_nested(struct collector *collector, const struct cor_schema *schema)
{
	struct cor_rows rows;
	int rc = 0;

	for (const struct cor_field *field = cor_rows_first(&rows, schema); rc == 0 && field;
		field = cor_rows_next(&rows))
		if (field->type.schema)
			rc = append(collector, field->type.schema, COR_USE_WHOLE);
	return rc;
}

/*
 * Whether requests and answers see it differently: it, or what it nests. The list is its own queue.
 */
static int differs(struct cor_arena *arena, const struct cor_schema *schema, bool *ret)
{
	struct collector reached = { .arena = arena };
	int rc = append(&reached, schema, COR_USE_WHOLE);

	*ret = false;
	for (size_t i = 0; rc == 0 && !*ret && i < reached.names.len; i++) {
		schema = reached.names.forms[i].schema;
		*ret = differs_itself(schema);
		rc = append_nested(&reached, schema);
	}
	return rc;
}

static int add(struct collector *collector, const struct cor_schema *schema, enum cor_use use)
{
	bool has_two_forms;
	int rc = differs(collector->arena, schema, &has_two_forms);

	return rc < 0 ? rc : append(collector, schema, has_two_forms ? use : COR_USE_WHOLE);
}

static int add_nested(struct collector *collector, const struct cor_schema_form *form)
{
	struct cor_rows rows;
	int rc = 0;

	for (const struct cor_field *field = cor_rows_first(&rows, form->schema); rc == 0 && field;
		field = cor_rows_next(&rows))
		if (field->type.schema && takes_part(field, form->use))
			rc = add(collector, field->type.schema, form->use);
	return rc;
}

bool cor_schema_name_is_good(struct cor_str name)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

	for (size_t i = 0; i < name.len; i++)
		if (!memchr(allowed, name.data[i], sizeof allowed - 1))
			return false;
	return name.len >= 1 && name.len <= 128;
}

/* Among those that have one already. */
static bool is_taken(const struct collector *collector, const char *name)
{
	for (size_t i = 0; i < collector->names.len && collector->names.forms[i].name; i++)
		if (strcmp(collector->names.forms[i].name, name) == 0)
			return true;
	return false;
}

static const char *unique_name(
	const struct collector *collector, const struct cor_schema_form *form)
{
	struct cor_str base = cor_schema_base_name(form->schema);
	bool is_input = form->use == COR_USE_REQUEST &&
			known(collector, form->schema, COR_USE_ANSWER);
	const char *stem = cor_arena_printf(
		collector->arena, "%.*s%s", (int)base.len, base.data, is_input ? "_input" : "");
	const char *name = stem;

	for (unsigned i = 2; name && is_taken(collector, name); i++)
		name = cor_arena_printf(collector->arena, "%s_%u", stem, i);
	return name;
}

static int give_names(struct collector *collector)
{
	for (size_t i = 0; i < collector->names.len; i++) {
		struct cor_schema_form *form = &collector->names.forms[i];
		form->name = unique_name(collector, form);
		if (!form->name)
			return -ENOMEM;
	}
	return 0;
}

/*
 * Breadth first, the list being its own queue; names at last, when it is known which schemas have
 * two forms.
 */
int cor_schema_names_collect(const struct cor_schema_form *roots, size_t len,
	struct cor_arena *arena, struct cor_schema_names *ret)
{
	struct collector collector = { .arena = arena };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < len; i++)
		rc = add(&collector, roots[i].schema, roots[i].use);
	for (size_t i = 0; rc == 0 && i < collector.names.len; i++) {
		const struct cor_schema_form form = collector.names.forms[i];
		rc = add_nested(&collector, &form);
	}
	if (rc == 0)
		rc = give_names(&collector);
	if (rc == 0)
		*ret = collector.names;
	return rc;
}

const char *cor_schema_names_find(
	const struct cor_schema_names *names, const struct cor_schema *schema, enum cor_use use)
{
	for (size_t i = 0; i < names->len; i++) {
		const struct cor_schema_form *form = &names->forms[i];
		if (form->schema == schema && (form->use == use || form->use == COR_USE_WHOLE))
			return form->name;
	}
	return NULL;
}
