/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include <coracle/schema_union.h>

#include "schema/bind.h"
#include "schema/describe.h"
#include "schema/walk.h"

struct collector {
	struct cor_arena *arena;
	struct cor_schema_names names;
	size_t capacity;
};

static bool is_same(const struct cor_schema_form *a, const struct cor_schema_form *b)
{
	return a->schema == b->schema && a->branch == b->branch && a->of == b->of;
}

static bool known(
	const struct collector *collector, const struct cor_schema_form *form, enum cor_use use)
{
	for (size_t i = 0; i < collector->names.len; i++)
		if (is_same(&collector->names.forms[i], form) &&
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

static int append(struct collector *collector, const struct cor_schema_form *form)
{
	if (form->schema->media != COR_MEDIA_JSON || known(collector, form, form->use))
		return 0;
	if (collector->names.len == collector->capacity && grow(collector) < 0)
		return -ENOMEM;
	collector->names.forms[collector->names.len++] = *form;
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
	bool refuses = schema->unknown == COR_REFUSE && !cor_schema_bare_row(schema);
	struct cor_rows rows;

	for (const struct cor_field *field = cor_rows_first(&rows, schema); field;
		field = cor_rows_next(&rows)) {
		if (row_differs(field))
			return true;
		refuses &= !field->rest;
	}
	return refuses;
}

static int append_nested(struct collector *collector, const struct cor_schema *schema)
{
	struct cor_rows rows;
	int rc = 0;

	for (const struct cor_field *field = cor_rows_first(&rows, schema); rc == 0 && field;
		field = cor_rows_next(&rows))
		for (size_t i = 0; rc == 0 && cor_type_schema(&field->type, i); i++)
			rc = append(
				collector, &(struct cor_schema_form){
						   .schema = cor_type_schema(&field->type, i) });
	return rc;
}

/*
 * Whether requests and answers see it differently: it, or what it nests. The list is its own queue.
 */
static int differs(struct cor_arena *arena, const struct cor_schema *schema, bool *ret)
{
	struct collector reached = { .arena = arena };
	int rc = append(&reached, &(struct cor_schema_form){ .schema = schema });

	*ret = false;
	for (size_t i = 0; rc == 0 && !*ret && i < reached.names.len; i++) {
		schema = reached.names.forms[i].schema;
		*ret = differs_itself(schema);
		rc = append_nested(&reached, schema);
	}
	return rc;
}

static int add(struct collector *collector, const struct cor_schema_form *wanted)
{
	struct cor_schema_form form = *wanted;
	bool has_two_forms;
	int rc = differs(collector->arena, form.schema, &has_two_forms);

	if (rc < 0)
		return rc;
	if (!has_two_forms)
		form.use = COR_USE_WHOLE;
	return append(collector, &form);
}

bool cor_row_inherits(const struct cor_field *field, enum cor_use use)
{
	struct cor_rows rows;
	bool any = false;

	if (use == COR_USE_REQUEST || field->type.kind != COR_KIND_EMBED || field->is_partial ||
		!field->type.schema || !field->type.schema->base)
		return false;
	for (const struct cor_field *row = cor_rows_first(&rows, field->type.schema); row;
		row = cor_rows_next(&rows)) {
		if (row->rest) /* what it says of all other members is not meant for these */
			return false;
		any |= row->access != COR_WRITE_ONLY && row->to == COR_TO_BODY;
	}
	return any;
}

/* As answers have them: that is all which a schema of both directions can have, too. */
static int add_bases(struct collector *collector, const struct cor_schema_form *form)
{
	const struct cor_field *field = form->schema->fields;
	int rc = 0;

	for (size_t i = 0; i < form->schema->len && rc == 0; i++, field++)
		if (cor_row_inherits(field, form->use))
			rc = add(collector, &(struct cor_schema_form){ .schema = field->type.schema,
						    .use = COR_USE_ANSWER });
	return rc;
}

static int add_branches(struct collector *collector, const struct cor_schema_form *form)
{
	const struct cor_union *table = cor_schema_union(form->schema);
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < table->len; i++)
		rc = add(collector,
			&(struct cor_schema_form){ .schema = table->branches[i].type.schema,
				.use = form->use,
				.branch = &table->branches[i],
				.of = form->schema });
	return rc;
}

static int add_nested(struct collector *collector, const struct cor_schema_form *form)
{
	struct cor_rows rows;

	if (cor_schema_union(form->schema))
		return add_branches(collector, form);
	int rc = add_bases(collector, form);
	for (const struct cor_field *field = cor_rows_first(&rows, form->schema); rc == 0 && field;
		field = cor_rows_next(&rows))
		if (field->type.schema && takes_part(field, form->use))
			rc = add(collector, &(struct cor_schema_form){ .schema = field->type.schema,
						    .use = form->use });
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

/* Of a branch, the union's and its own; what no component may have in its name is an underscore. */
static const char *base_name(const struct collector *collector, const struct cor_schema_form *form)
{
	struct cor_str base = cor_schema_base_name(form->branch ? form->of : form->schema);
	char *name = cor_arena_printf(collector->arena, "%.*s%s%s", (int)base.len, base.data,
		form->branch ? "_" : "", form->branch ? form->branch->name : "");

	for (char *at = name; at && *at; at++)
		if (!cor_schema_name_is_good((struct cor_str){ at, 1 }))
			*at = '_';
	return name;
}

static const char *unique_name(
	const struct collector *collector, const struct cor_schema_form *form)
{
	bool is_input = form->use == COR_USE_REQUEST && known(collector, form, COR_USE_ANSWER);
	const char *base = base_name(collector, form);
	const char *stem = base ? cor_arena_printf(
					  collector->arena, "%s%s", base, is_input ? "_input" : "")
				: NULL;
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
		rc = add(&collector, &roots[i]);
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

static bool is_of(const struct cor_schema_form *form, enum cor_use use)
{
	return form->use == use || form->use == COR_USE_WHOLE;
}

const char *cor_schema_names_find(
	const struct cor_schema_names *names, const struct cor_schema *schema, enum cor_use use)
{
	for (size_t i = 0; i < names->len; i++) {
		const struct cor_schema_form *form = &names->forms[i];
		if (form->schema == schema && !form->branch && is_of(form, use))
			return form->name;
	}
	return NULL;
}

const char *cor_schema_names_find_branch(const struct cor_schema_names *names,
	const struct cor_schema *of, const struct cor_branch *branch, enum cor_use use)
{
	for (size_t i = 0; i < names->len; i++) {
		const struct cor_schema_form *form = &names->forms[i];
		if (form->of == of && form->branch == branch && is_of(form, use))
			return form->name;
	}
	return NULL;
}
