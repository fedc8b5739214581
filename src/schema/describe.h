/* SPDX-License-Identifier: MIT */
/**
 * Field tables as JSON Schema 2020-12, for the OpenAPI document. Nothing here yields; any thread.
 *
 * Nested schemas are written as {"$ref": "#/components/schemas/NAME"}; struct cor_schema_names
 * gives each a name.
 *
 * A schema has two forms where requests and answers differ, in itself or in what it nests: by a row
 * of one direction only (.access), one of a path, query or header, one that requests may leave out
 * but answers always have, or because requests refuse unknown members. Tools take "required" at its
 * word, readOnly or not.
 */
#ifndef CORACLE_SCHEMA_DESCRIBE_H
#define CORACLE_SCHEMA_DESCRIBE_H

#include <coracle/schema.h>

#include "base/buffer.h"
#include "schema/decode.h"
#include "schema/describe_row.h"

/** A schema as requests or answers have it. */
struct cor_schema_form {
	const struct cor_schema *schema;
	enum cor_use use; /* COR_USE_WHOLE of a schema that is the same in both */
	const char *name; /* unique */
	const struct cor_branch
		*branch;             /* with the discriminator of a union that it is in, or NULL */
	const struct cor_schema *of; /* that union */
};

/** All forms that are reachable from some roots. */
struct cor_schema_names {
	struct cor_schema_form *forms; /* roots first, in their order, each once */
	size_t len;
};

/**
 * Collect what is reachable from the roots, whose names are not looked at. Schemas without rows
 * (cor_none, text, bytes) are left out. Where a schema has two forms, that of requests gets
 * "_input"; of two with one name the later gets "_2". Memory is the arena's. Returns 0 or -ENOMEM.
 */
int cor_schema_names_collect(const struct cor_schema_form *roots, size_t len,
	struct cor_arena *arena, struct cor_schema_names *ret) COR_CHECKED;

/** The name of a collected schema in that use; NULL if it is not one of them. */
const char *cor_schema_names_find(
	const struct cor_schema_names *names, const struct cor_schema *schema, enum cor_use use);

/**
 * Whether rows that come by this row of a table are described by the schema that it embeds, a
 * .base, to which an allOf refers. Not in requests: they refuse members that they do not know, and
 * a base would refuse those of what embeds it.
 */
bool cor_row_inherits(const struct cor_field *field, enum cor_use use);

/** The name of a union's branch, likewise. */
const char *cor_schema_names_find_branch(const struct cor_schema_names *names,
	const struct cor_schema *of, const struct cor_branch *branch, enum cor_use use);

/** Append the schema of a form that was collected; as cor_describe_object(). */
void cor_describe_form(const struct cor_schema_form *form, const struct cor_schema_names *names,
	struct cor_buffer *buffer);

/**
 * Append the object schema of the rows that take part: those of the body in that use, unless it is
 * COR_USE_WHOLE. Only requests refuse further members: an answer may get new ones without breaking
 * clients that validate.
 */
void cor_describe_object(const struct cor_schema *schema, enum cor_use use,
	const struct cor_schema_names *names, struct cor_buffer *buffer);

/** The schema's name before it is made unique: .name, or the symbol without "_schema". */
struct cor_str cor_schema_base_name(const struct cor_schema *schema);

/** Whether a request must have the row. */
bool cor_row_is_required(const struct cor_field *field);

/** Whether every answer has the row. */
bool cor_row_is_always_written(const struct cor_field *field);

/**
 * Whether the name can be a component's: letters, digits, '.', '_' and '-', 1 to 128 (OpenAPI 3.1,
 * Components Object).
 */
bool cor_schema_name_is_good(struct cor_str name);

#endif
