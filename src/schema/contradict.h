/* SPDX-License-Identifier: MIT */
/**
 * What a row may not say. Each check stands alone and looks at one thing; a table is compiled only
 * when none of them finds anything, so the rest of the folder can trust it. Private to the schema
 * folder.
 */
#ifndef CORACLE_SCHEMA_CONTRADICT_H
#define CORACLE_SCHEMA_CONTRADICT_H

#include "schema/compile.h"
#include "schema/kind.h"

/** One row under examination. */
struct cor_row_check {
	const struct cor_table_report *report;
	const struct cor_schema *schema;
	const struct cor_field *field; /* with the options of its .rule, of the type it counts as */
	const struct cor_field *row;   /* as it was written */
	enum cor_kind kind;            /* of the member, or of the array's items */
};

#define wrong(check, ...)                                                                          \
	cor_table_wrong((check)->report, (check)->schema, (check)->field, __VA_ARGS__)

/** A cor_dict has several values, too. */
static inline bool cor_row_check_is_array(const struct cor_row_check *check)
{
	return check->field->shape != COR_SHAPE_ONE;
}

static inline bool cor_row_check_is_dict(const struct cor_row_check *check)
{
	return check->field->shape == COR_SHAPE_DICT;
}

/** Whether the row names a schema: that of an object, or one that is embedded. */
static inline bool cor_kind_has_schema(enum cor_kind kind)
{
	return cor_kind_is_nested(kind) || kind == COR_KIND_EMBED;
}

/** contradict_values.c: the options that say what values must be, against the kind. */
void cor_row_check_values(const struct cor_row_check *check);

/** contradict_place.c: where the row comes from and goes to, and when it is there. */
void cor_row_check_place(const struct cor_row_check *check);

/** Whether a header can have this name (RFC 9110 section 5.6.2). */
bool cor_row_is_header_name(const char *key);

#endif
