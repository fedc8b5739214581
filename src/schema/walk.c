/* SPDX-License-Identifier: MIT */
#include "schema/walk.h"

#include <stdio.h>

#include <coracle/schema_custom.h>
#include <coracle/schema_union.h>

#include "schema/kind.h"

const struct cor_field *cor_schema_bare_row(const struct cor_schema *schema)
{
	for (size_t i = 0; schema && i < schema->len; i++)
		if (schema->fields[i].bare)
			return &schema->fields[i];
	return NULL;
}

/* What the row itself says comes first. */
static void apply(struct cor_field *row, const struct cor_rule *rule)
{
	if (row->range.min.type == COR_BOUND_NONE)
		row->range.min = rule->range.min;
	if (row->range.max.type == COR_BOUND_NONE)
		row->range.max = rule->range.max;
	row->min_length = row->min_length ? row->min_length : rule->min_length;
	row->max_length = row->max_length ? row->max_length : rule->max_length;
	row->min_items = row->min_items ? row->min_items : rule->min_items;
	row->max_items = row->max_items ? row->max_items : rule->max_items;
	row->key_pattern = row->key_pattern ? row->key_pattern : rule->key_pattern;
	row->key_max_length = row->key_max_length ? row->key_max_length : rule->key_max_length;
	row->pattern = row->pattern ? row->pattern : rule->pattern;
	row->format = row->format ? row->format : rule->format;
	row->constant = row->constant ? row->constant : rule->constant;
	row->multiple_of = row->multiple_of != 0 ? row->multiple_of : rule->multiple_of;
	row->unique_items |= rule->unique_items;
	row->contains = row->contains ? row->contains : rule->contains;
	row->min_contains = row->min_contains ? row->min_contains : rule->min_contains;
	row->max_contains = row->max_contains ? row->max_contains : rule->max_contains;
	row->doc = row->doc ? row->doc : rule->doc;
	row->example = row->example ? row->example : rule->example;
	row->rule = NULL;
}

/* The row of a bare scalar that fills its struct: what has that type is such a scalar. */
static const struct cor_field *scalar_of(const struct cor_type *type)
{
	const struct cor_field *bare = type->kind == COR_KIND_OBJECT
					       ? cor_schema_bare_row(type->schema)
					       : NULL;

	if (!bare || type->schema->len != 1 || bare->shape != COR_SHAPE_ONE || bare->is_opt ||
		bare->presence || bare->offset != 0 || bare->type.size != type->size ||
		bare->type.kind == COR_KIND_POINTER || bare->type.kind == COR_KIND_UNION ||
		bare->type.kind == COR_KIND_MAPPED || !cor_kind_is_known(bare->type.kind))
		return NULL;
	return bare;
}

static void take_scalar(struct cor_field *row, const struct cor_field *bare)
{
	const struct cor_schema *schema = row->type.schema;
	const struct cor_rule said = {
		.range = bare->range,
		.min_length = bare->min_length,
		.max_length = bare->max_length,
		.pattern = bare->pattern,
		.format = bare->format,
		.constant = bare->constant,
		.multiple_of = bare->multiple_of,
	};

	row->type = bare->type;
	row->type.schema = schema; /* its name in the document */
	apply(row, &said);
}

/* The options of a text kind are those of its row. */
static void take_text_kind(struct cor_field *row)
{
	const struct cor_text_kind *kind = row->type.text_kind;
	const struct cor_rule said = {
		.min_length = kind->min_length,
		.max_length = kind->max_length,
		.pattern = kind->pattern,
		.format = kind->format,
		.doc = kind->doc,
		.example = kind->example,
	};

	apply(row, &said);
}

const struct cor_field *cor_row_with_rule(const struct cor_field *field, struct cor_field *room)
{
	if (!field->rule && !field->type.text_kind)
		return field;
	*room = *field;
	if (field->rule)
		apply(room, field->rule);
	if (field->type.text_kind)
		take_text_kind(room);
	return room;
}

const struct cor_field *cor_row_resolve(const struct cor_field *field, struct cor_field *room)
{
	struct cor_field inner;
	const struct cor_field *scalar = scalar_of(&field->type);

	if (!field->rule && !scalar && !field->as && !field->type.text_kind)
		return field;
	*room = *field;
	if (room->rule)
		apply(room, room->rule);
	if (room->type.text_kind)
		take_text_kind(room);
	if (scalar)
		take_scalar(room, cor_row_resolve(scalar, &inner));
	room->type.kind = cor_kind_as(room->type.kind, room->as);
	return room;
}

struct cor_field cor_row_contained(const struct cor_field *field)
{
	struct cor_field item = {
		.member = field->member,
		.type = field->type,
		.owner_size = field->owner_size,
		.owner = field->owner,
	};

	apply(&item, field->contains);
	return item;
}

static void walk_table(struct cor_rows_level *level, const struct cor_schema *schema)
{
	level->next = schema->fields;
	level->end = schema->len ? schema->fields + schema->len : schema->fields;
}

/*
 * Begin with the rows of an embedded struct. What no compiled table can hold is passed over:
 * contradict.c tells of it.
 */
static void embed(struct cor_rows *rows, const struct cor_field *field)
{
	const struct cor_rows_level *outer = &rows->levels[rows->depth];
	size_t room = sizeof rows->path - outer->path_len;

	if (!field->type.schema || rows->depth == COR_EMBED_DEPTH_MAX)
		return;
	int len = snprintf(
		rows->path + outer->path_len, room, "%s.", field->member ? field->member : "?");
	struct cor_rows_level *inner = &rows->levels[++rows->depth];
	inner->offset = outer->offset + field->offset;
	inner->path_len = outer->path_len +
			  ((size_t)len < room ? (uint32_t)len : (uint32_t)room - 1);
	inner->is_partial = outer->is_partial || field->is_partial;
	inner->given_offset = outer->is_partial ? outer->given_offset
						: outer->offset + field->given_offset;
	if (!outer->is_partial)
		rows->given_row = 0;
	walk_table(inner, field->type.schema);
}

/* As the outer struct has it. */
static void move(struct cor_rows *rows, struct cor_field *field)
{
	const struct cor_rows_level *level = &rows->levels[rows->depth];

	if (rows->depth == 0 || !field->member)
		return;
	snprintf(rows->path + level->path_len, sizeof rows->path - level->path_len, "%s",
		field->member);
	field->key = cor_row_key(field);
	field->member = rows->path;
	field->offset += level->offset;
	field->state_offset += level->offset;
	field->owner_offset += level->offset;
	if (!level->is_partial)
		return;
	field->is_partial = true;
	field->given_offset = level->given_offset;
	field->given_row = rows->given_row++;
}

static const struct cor_field *show(struct cor_rows *rows, const struct cor_field *field)
{
	const struct cor_field *resolved = cor_row_resolve(field, &rows->shown);

	if (rows->depth == 0)
		return resolved;
	if (resolved == field)
		rows->shown = *field;
	move(rows, &rows->shown);
	return &rows->shown;
}

/* The next row as it was written, one that embeds as well; NULL: that was the last. */
static const struct cor_field *next_written(struct cor_rows *rows)
{
	while (rows->levels[rows->depth].next == rows->levels[rows->depth].end) {
		if (rows->depth == 0)
			return NULL;
		rows->depth--;
	}
	return rows->levels[rows->depth].next++;
}

const struct cor_field *cor_rows_next(struct cor_rows *rows)
{
	for (;;) {
		const struct cor_field *field = next_written(rows);
		if (!field)
			return NULL;
		if (rows->depth == 0)
			rows->own = field;
		if (field->type.kind != COR_KIND_EMBED)
			return show(rows, field);
		embed(rows, field);
	}
}

const struct cor_field *cor_rows_first(struct cor_rows *rows, const struct cor_schema *schema)
{
	rows->depth = 0;
	rows->levels[0].offset = 0;
	rows->levels[0].path_len = 0;
	rows->levels[0].is_partial = false;
	walk_table(&rows->levels[0], schema);
	return cor_rows_next(rows);
}

const struct cor_field *cor_rows_keep(
	const struct cor_rows *rows, const struct cor_field *field, struct cor_arena *arena)
{
	if (field != &rows->shown)
		return field;
	struct cor_field *copy = cor_arena_alloc(arena, sizeof *copy);
	if (!copy)
		return NULL;
	*copy = *field;
	copy->member = cor_arena_strdup(arena, field->member);
	return copy->member ? copy : NULL;
}

const struct cor_schema *cor_type_schema(const struct cor_type *type, size_t i)
{
	if (type->one_of)
		return i < type->one_of->len ? type->one_of->branches[i].type.schema : NULL;
	return i == 0 ? type->schema : NULL;
}

size_t cor_rows_count(const struct cor_schema *schema)
{
	struct cor_rows rows;
	size_t count = 0;

	for (const struct cor_field *field = cor_rows_first(&rows, schema); field;
		field = cor_rows_next(&rows))
		count++;
	return count;
}
