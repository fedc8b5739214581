/* SPDX-License-Identifier: MIT */
#include "schema/walk.h"

#include <stdio.h>

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
	walk_table(inner, field->type.schema);
}

static const struct cor_field *move(struct cor_rows *rows, const struct cor_field *field)
{
	const struct cor_rows_level *level = &rows->levels[rows->depth];

	rows->moved = *field;
	if (!field->member)
		return &rows->moved;
	snprintf(rows->path + level->path_len, sizeof rows->path - level->path_len, "%s",
		field->member);
	rows->moved.member = rows->path;
	rows->moved.key = cor_row_key(field);
	rows->moved.offset += level->offset;
	rows->moved.state_offset += level->offset;
	return &rows->moved;
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
			return rows->depth == 0 ? field : move(rows, field);
		embed(rows, field);
	}
}

const struct cor_field *cor_rows_first(struct cor_rows *rows, const struct cor_schema *schema)
{
	rows->depth = 0;
	rows->levels[0].offset = 0;
	rows->levels[0].path_len = 0;
	walk_table(&rows->levels[0], schema);
	return cor_rows_next(rows);
}

const struct cor_field *cor_rows_keep(
	const struct cor_rows *rows, const struct cor_field *field, struct cor_arena *arena)
{
	if (field != &rows->moved)
		return field;
	struct cor_field *copy = cor_arena_alloc(arena, sizeof *copy);
	if (!copy)
		return NULL;
	*copy = *field;
	copy->member = cor_arena_strdup(arena, field->member);
	return copy->member ? copy : NULL;
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
