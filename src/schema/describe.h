/* SPDX-License-Identifier: MIT */
/**
 * Field tables as JSON Schema 2020-12, for the OpenAPI document. Nothing here yields; any thread.
 *
 * Nested schemas are written as {"$ref": "#/components/schemas/NAME"}; struct cor_schema_names gives each a name.
 *
 * A schema with a row for one direction only (.access), in itself or in what it nests, has two forms: tools take
 * "required" at its word, readOnly or not, so a row that only answers have must not stand in what describes requests.
 */
#ifndef CORACLE_SCHEMA_DESCRIBE_H
#define CORACLE_SCHEMA_DESCRIBE_H

#include <coracle/schema.h>

#include "base/buffer.h"
#include "schema/decode.h"

/** A schema as requests or answers have it. */
struct cor_schema_form {
	const struct cor_schema *schema;
	enum cor_use use; /* COR_USE_WHOLE of a schema that is the same in both */
	const char *name; /* unique */
};

/** All forms that are reachable from some roots. */
struct cor_schema_names {
	struct cor_schema_form *forms; /* roots first, in their order, each once */
	size_t len;
};

/**
 * Collect what is reachable from the roots, whose names are not looked at. Schemas without rows (cor_none, text, bytes)
 * are left out. Where a schema has two forms, that of requests gets "_input"; of two with one name the later gets "_2".
 * Memory is the arena's. Returns 0 or -ENOMEM.
 */
int cor_schema_names_collect(const struct cor_schema_form *roots, size_t len,
	struct cor_arena *arena, struct cor_schema_names *ret) COR_CHECKED;

/** The name of a collected schema in that use; NULL if it is not one of them. */
const char *cor_schema_names_find(
	const struct cor_schema_names *names, const struct cor_schema *schema, enum cor_use use);

/** Whether all rows are of the body in that use: then a $ref to the component says it all. */
bool cor_schema_is_whole(
	const struct cor_schema *schema, enum cor_use use, enum cor_from default_from);

/** Append the object schema of the rows that take part. */
void cor_describe_object(const struct cor_schema *schema, enum cor_use use,
	enum cor_from default_from, const struct cor_schema_names *names,
	struct cor_buffer *buffer);

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

/** The schema's name before it is made unique: .name, or the symbol without "_schema". */
struct cor_str cor_schema_base_name(const struct cor_schema *schema);

/** Whether a request must have the row. */
bool cor_row_is_required(const struct cor_field *field);

#endif
