/* SPDX-License-Identifier: MIT */
/**
 * One row of a table as JSON Schema: its value, or the array or map of them, with its rules and
 * what is said about it. Nothing here yields; any thread.
 */
#ifndef CORACLE_SCHEMA_DESCRIBE_ROW_H
#define CORACLE_SCHEMA_DESCRIBE_ROW_H

#include <coracle/schema.h>

#include "schema/keywords.h"

/** Append {"$ref":"#/components/schemas/NAME"}. */
void cor_describe_ref(const struct cor_schema *schema, enum cor_use use,
	const struct cor_schema_names *names, struct cor_buffer *buffer);

/** What cor_describe_row() leaves out, because a parameter object says it itself. */
enum cor_describe_row {
	COR_DESCRIBE_PROPERTY = 0, /* everything */
	COR_DESCRIBE_PARAMETER,    /* no description, example, readOnly, writeOnly, null */
};

/** Append the schema of one row; `use` says which form of what it nests. */
void cor_describe_row(const struct cor_field *field, enum cor_use use, enum cor_describe_row how,
	const struct cor_schema_names *names, struct cor_buffer *buffer);

/** Write the rule of one value: a member's, or an item's. */
void cor_describe_value(struct cor_keywords *writer, const struct cor_field *field,
	enum cor_kind kind, bool nullable);

/** Write "$ref" to a schema that was collected. */
void cor_describe_reference(struct cor_keywords *writer, const struct cor_schema *schema);

#endif
