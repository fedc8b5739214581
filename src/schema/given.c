/* SPDX-License-Identifier: MIT */
/* What a PATCH gave, and what becomes of it. */
#include <string.h>

#include <coracle/schema.h>

#include "schema/value.h"
#include "schema/walk.h"

static bool is_given(const struct cor_given *given, size_t row)
{
	return given->rows[row / 64] >> row % 64 & 1;
}

bool cor_given_has(const struct cor_given *given, const struct cor_schema *schema, size_t offset)
{
	struct cor_rows rows;
	size_t at = 0;

	for (const struct cor_field *field = cor_rows_first(&rows, schema); field;
		field = cor_rows_next(&rows), at++)
		if (cor_row_is_at(field, offset) && is_given(given, at))
			return true;
	return false;
}

/* Of the value, without the state of a cor_opt. */
static size_t value_bytes(const struct cor_field *field)
{
	if (field->shape != COR_SHAPE_ONE)
		return sizeof(struct cor_array_value);
	return field->type.kind == COR_KIND_POINTER ? sizeof(void *) : field->type.size;
}

static void apply_row(const struct cor_field *field, const char *from, char *to)
{
	memmove(to + field->offset, from + field->offset, value_bytes(field));
	if (field->is_opt)
		memmove(to + field->state_offset, from + field->state_offset,
			sizeof(enum cor_opt_state));
}

void cor_apply_rows(
	const struct cor_given *given, const struct cor_schema *schema, const void *from, void *to)
{
	struct cor_rows rows;
	size_t at = 0;

	for (const struct cor_field *field = cor_rows_first(&rows, schema); field;
		field = cor_rows_next(&rows), at++)
		if (is_given(given, at))
			apply_row(field, from, to);
}
