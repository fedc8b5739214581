/* SPDX-License-Identifier: MIT */
/* What a table and a row of it may not say: the row itself, and what it nests. */
#include "schema/contradict.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "schema/bind.h"
#include "schema/describe.h"

/* A table is looked at once more for each view that was made of it. */
static bool is_known(const struct cor_violations *violations, const char *where, const char *detail)
{
	for (const struct cor_violation *v = violations->first; v; v = v->next)
		if (strcmp(v->where, where) == 0 && strcmp(v->detail, detail) == 0)
			return true;
	return false;
}

void cor_table_wrong(const struct cor_table_report *report, const struct cor_schema *schema,
	const struct cor_field *field, const char *format, ...)
{
	const char *symbol = schema->symbol ? schema->symbol : "a schema without a symbol";
	const char *member = !field ? "" : field->member ? field->member : "?";
	char where[256], detail[512];
	va_list args;

	va_start(args, format);
	vsnprintf(detail, sizeof detail, format, args);
	va_end(args);
	snprintf(where, sizeof where, "%s%s%s", symbol, field ? ", row " : "", member);
	if (!is_known(report->violations, where, detail))
		cor_violate(report->violations, report->arena, "table", where, "%s", detail);
}

/* Whether the C member can hold null at all. */
static bool can_be_null(const struct cor_row_check *check)
{
	return check->field->is_opt ||
	       (!cor_row_check_is_array(check) && cor_kind_facts(check->kind)->has_null);
}

static void check_options(const struct cor_row_check *check)
{
	const struct cor_field *field = check->field;

	if (field->presence & ~(uint32_t)(COR_OPTIONAL | COR_NULLABLE))
		wrong(check, ".presence is %u: use COR_OPTIONAL, COR_NULLABLE or both",
			field->presence);
	if ((unsigned)field->access > COR_WRITE_ONLY)
		wrong(check, ".access is %u: use COR_READ_ONLY or COR_WRITE_ONLY",
			(unsigned)field->access);
	if ((unsigned)field->from > COR_FROM_COOKIE)
		wrong(check, ".from is %u: use a COR_FROM_ value", (unsigned)field->from);
	if ((unsigned)field->to > COR_TO_COOKIE)
		wrong(check, ".to is %u: use COR_TO_HEADER or COR_TO_COOKIE, or leave it out",
			(unsigned)field->to);
}

static void check_owner(const struct cor_row_check *check)
{
	const struct cor_field *field = check->field;
	const struct cor_schema *schema = check->schema;

	if (field->owner && schema->c_type && strcmp(field->owner, schema->c_type) != 0)
		wrong(check,
			"the row is of %s, the schema of %s: name the schema's, and spell it the same",
			field->owner, schema->c_type);
	else if (field->owner_size != schema->size || field->offset >= schema->size)
		wrong(check,
			"the row is of another struct (%u bytes, the schema's has %zu): name the schema's",
			field->owner_size, schema->size);
}

static void check_key(const struct cor_row_check *check)
{
	const char *key = cor_row_key(check->field);

	if (key[0] == '\0')
		wrong(check, ".key is empty: leave it out to use the member's name");
	else if (!cor_utf8_valid(cor_str(key)))
		wrong(check, ".key is not UTF-8");
}

static void check_null(const struct cor_row_check *check)
{
	if (!(check->field->presence & COR_NULLABLE))
		return;
	if (check->kind == COR_KIND_RAW && !check->field->is_opt)
		wrong(check, "raw JSON takes null as it is: leave COR_NULLABLE out");
	else if (cor_row_check_is_array(check))
		wrong(check,
			"%s cannot say null: give it a struct of its own, whose row is .bare, and use that in a cor_opt (COR_OPT_OBJECT)",
			cor_row_check_is_dict(check) ? "a map" : "an array");
	else if (!can_be_null(check))
		wrong(check,
			"COR_NULLABLE needs a member that can be null: a pointer, const char * or cor_opt");
}

static void check_array(const struct cor_row_check *check)
{
	if (!cor_row_check_is_array(check))
		return;
	if (check->field->is_opt)
		wrong(check,
			"a cor_opt holds no array itself: give that a struct of its own, whose row is .bare (COR_OPT_OBJECT)");
	if (check->kind == COR_KIND_POINTER)
		wrong(check, "an array of pointers is not supported: use an array of structs");
}

/* What has the other schema is gone before a hook could look at it. */
static void check_mapped(const struct cor_row_check *check)
{
	const struct cor_schema *json = check->field->type.schema;

	if (check->kind == COR_KIND_MAPPED && json && (json->check || json->after_load))
		wrong(check,
			"the .check and .after_load of %s are not run for a mapped struct: do it in the function that loads, or give them to %s",
			json->symbol, check->schema->symbol);
}

static void check_nesting(const struct cor_row_check *check)
{
	const struct cor_schema *nested = check->field->type.schema;

	if (check->kind == COR_KIND_UNION)
		cor_table_check_union(check->report, check->schema, check->field);
	if (!cor_kind_has_schema(check->kind) || check->kind == COR_KIND_UNION)
		return;
	if (!nested)
		wrong(check, "has no schema: use COR_OBJECT, COR_OBJECT_ARRAY or COR_EMBED");
	else if (nested->media != COR_MEDIA_JSON)
		wrong(check, "%s cannot be nested in another schema", nested->symbol);
	else if (nested->size != check->field->type.size && check->kind != COR_KIND_MAPPED)
		wrong(check, "the schema %s is of a struct of another size", nested->symbol);
}

/* Levels below this row are counted down: a schema may be reached by way of itself. */
static bool embeds_deeper_than(const struct cor_schema *schema, unsigned levels)
{
	for (size_t i = 0; schema && i < schema->len && i < COR_FIELDS_MAX; i++) {
		const struct cor_field *field = &schema->fields[i];
		if (field->type.kind == COR_KIND_EMBED &&
			(levels == 0 || embeds_deeper_than(field->type.schema, levels - 1)))
			return true;
	}
	return false;
}

static bool has_partial(const struct cor_schema *schema)
{
	struct cor_rows rows;

	for (const struct cor_field *row = cor_rows_first(&rows, schema); row;
		row = cor_rows_next(&rows))
		if (row->is_partial)
			return true;
	return false;
}

static void check_embedding(const struct cor_row_check *check)
{
	if (check->kind != COR_KIND_EMBED)
		return;
	if (cor_schema_union(check->field->type.schema))
		wrong(check, "%s is a union, which cannot be embedded: use COR_OBJECT",
			check->field->type.schema->symbol);
	else if (cor_schema_bare_row(check->field->type.schema))
		wrong(check, "%s has a .bare row, which has no key to stand by: use COR_OBJECT",
			check->field->type.schema->symbol);
	if (check->field->is_partial && has_partial(check->field->type.schema))
		wrong(check, "%s has a COR_PARTIAL row itself: use COR_EMBED for one of them",
			check->field->type.schema->symbol);
	if (embeds_deeper_than(check->field->type.schema, COR_EMBED_DEPTH_MAX - 1))
		wrong(check,
			"%s embeds itself, or structs deeper than %d levels: use COR_OBJECT for one of them",
			check->field->type.schema->symbol, COR_EMBED_DEPTH_MAX);
}

static void check_doc(const struct cor_row_check *check)
{
	if (check->field->doc && !cor_utf8_valid(cor_str(check->field->doc)))
		wrong(check, ".doc is not UTF-8");
}

static void check_itself(const struct cor_row_check *check)
{
	check_options(check);
	check_owner(check);
	check_key(check);
	check_null(check);
	check_array(check);
	check_nesting(check);
	check_mapped(check);
	check_embedding(check);
	check_doc(check);
}

static bool kind_is_known(const struct cor_field *field)
{
	if (!field->member || !cor_kind_is_known(field->type.kind))
		return false;
	return field->shape == COR_SHAPE_ONE ||
	       (field->shape <= COR_SHAPE_DICT && field->type.kind != COR_KIND_EMBED);
}

static void check_row(const struct cor_table_report *report, const struct cor_schema *schema,
	const struct cor_field *field)
{
	struct cor_field room, seen = *cor_row_with_rule(field, &room);
	const struct cor_row_check check = {
		.report = report,
		.schema = schema,
		.field = &seen,
		.row = field,
		.kind = cor_row_resolve(field, &room)->type.kind,
	};

	if (!kind_is_known(field)) {
		wrong(&check, "was not written by a row macro: use COR_FIELD and its kin");
		return;
	}
	seen.type = cor_row_resolve(field, &room)->type;
	check_itself(&check);
	cor_row_check_values(&check);
	cor_row_check_place(&check);
}

bool cor_table_row_is_good(struct cor_arena *arena, const struct cor_schema *schema, size_t row)
{
	struct cor_violations found = { 0 };

	check_row(&(struct cor_table_report){ &found, arena, NULL }, schema, &schema->fields[row]);
	return found.count == 0;
}

bool cor_table_is_too_long(const struct cor_schema *schema)
{
	return schema->len > COR_FIELDS_MAX || cor_rows_count(schema) > COR_FIELDS_MAX;
}

static void check_hook(const struct cor_table_report *report, const struct cor_schema *schema,
	const char *option, const char *c_type)
{
	if (c_type && schema->c_type && strcmp(c_type, schema->c_type) != 0)
		cor_table_wrong(report, schema, NULL,
			"%s is of %s, the schema of %s: name the schema's, and spell it the same",
			option, c_type, schema->c_type);
}

void cor_table_check(const struct cor_table_report *report, const struct cor_schema *schema)
{
	if (schema->media != COR_MEDIA_JSON)
		return;
	if (cor_table_is_too_long(schema)) {
		cor_table_wrong(report, schema, NULL,
			"has %zu rows, at most %d are possible: nest some in a struct of their own",
			cor_rows_count(schema), COR_FIELDS_MAX);
		return;
	}
	if ((unsigned)schema->unknown > COR_IGNORE)
		cor_table_wrong(report, schema, NULL,
			".unknown is %u: use COR_IGNORE or leave it out",
			(unsigned)schema->unknown);
	if (schema->unknown != COR_REFUSE && cor_schema_bare_row(schema))
		cor_table_wrong(
			report, schema, NULL, "a .bare row has no members: leave .unknown out");
	check_hook(report, schema, ".check", schema->check ? schema->check->c_type : NULL);
	check_hook(report, schema, ".after_load",
		schema->after_load ? schema->after_load->c_type : NULL);
	check_hook(report, schema, ".before_dump",
		schema->before_dump ? schema->before_dump->c_type : NULL);
	const struct cor_field *bare = cor_schema_bare_row(schema);
	if (schema->before_dump && bare && bare->shape == COR_SHAPE_ONE)
		cor_table_wrong(report, schema, NULL,
			".before_dump is for objects, arrays and maps: do it in the handler");
	if (schema->discriminator && !cor_schema_union(schema))
		cor_table_wrong(report, schema, NULL,
			".discriminator is for unions: use COR_UNION_SCHEMA, or leave it out");
	if (schema->is_flat && !(cor_schema_bare_row(schema) && schema->fields[0].type.mapping))
		cor_table_wrong(report, schema, NULL,
			".is_flat is for mapped schemas: leave it out, or use COR_MAPPED_SCHEMA");
	if (schema->doc && !cor_utf8_valid(cor_str(schema->doc)))
		cor_table_wrong(report, schema, NULL, ".doc is not UTF-8");
	if (!cor_schema_name_is_good(cor_schema_base_name(schema)))
		cor_table_wrong(report, schema, NULL,
			"\"%s\" cannot be a name in the OpenAPI document: give it a .name of 1 to 128 letters, digits, '.', '_' and '-'",
			schema->name     ? schema->name
			: schema->symbol ? schema->symbol
					 : "");
	for (size_t i = 0; i < schema->len; i++)
		check_row(report, schema, &schema->fields[i]);
	cor_table_check_pairs(report, schema);
}

void cor_table_check_nested(const struct cor_table_report *report, const struct cor_schema *schema)
{
	struct cor_rows rows;

	if (cor_table_is_too_long(schema))
		return;
	for (const struct cor_field *field = cor_rows_first(&rows, schema); field;
		field = cor_rows_next(&rows)) {
		if (field->from != COR_FROM_DEFAULT && field->from != COR_FROM_BODY)
			cor_table_wrong(report, schema, field,
				"is nested in another schema, so it cannot come from a path, query, header or cookie: leave .from out");
		if (field->to != COR_TO_BODY)
			cor_table_wrong(report, schema, field,
				"is nested in another schema, so it cannot go to a header or cookie: leave .to out");
		if (cor_row_is_file(field))
			cor_table_wrong(report, schema, field,
				"is nested in another schema, so it cannot be a file: a form has one level, to which COR_EMBED adds rows");
	}
}
