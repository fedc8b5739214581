/* SPDX-License-Identifier: MIT */
/**
 * Pairs of name and text (path, query, headers, form) into a struct, by the same table and the same
 * rules as JSON.
 *
 * Integers and numbers as JSON writes them; bool: true, false, 1, 0; enum: the name; time RFC
 * 3339, or an HTTP-date in a header of those; UUID; text as it is, which must be UTF-8 without
 * U+0000. An array takes each pair of its name (OpenAPI: form, explode); in a header also each
 * part between commas (OpenAPI: simple). A name given twice is refused for anything but an array,
 * and but for text in a header, where the lines of one name are joined (RFC 9110 section 5.3). In a
 * form "on" and "off" are booleans, too, and a blank control of a row that is not text and may be
 * absent is absent. Names that the table does not know are refused, in headers ignored. Header
 * names are matched without case. Nothing here yields. One thread, the codec's.
 */
#ifndef CORACLE_SCHEMA_BIND_H
#define CORACLE_SCHEMA_BIND_H

#include <coracle/schema.h>

#include "base/buffer.h"
#include "schema/encode.h"
#include "schema/walk.h"

/** One parameter, already percent-decoded. */
struct cor_bind_pair {
	struct cor_str name;
	struct cor_str value;
	const struct cor_upload *file; /* of a form, instead of the text; NULL: it is text */
};

/**
 * Fill the rows of *ret that come from `source` (COR_FROM_BODY: a form), and validate them.
 * `default_from` is what COR_FROM_DEFAULT means to the operation. The caller zeroes the struct
 * before it is first filled. Text is copied into the arena. Violations carry in = "path", "query",
 * "header" or "form" and where = the parameter's name. Returns 0, -COR_EINVALID, -ENOMEM or
 * -COR_ETABLE (the schema is not the codec's).
 */
int cor_bind(struct cor_codec *codec, struct cor_arena *arena, const struct cor_schema *schema,
	enum cor_from source, enum cor_from default_from, const struct cor_bind_pair *pairs,
	size_t len, void *ret, struct cor_violations *violations) COR_CHECKED;

/**
 * Fill the rows of *ret that an answer of another server has in its fields: those .to or .from a
 * header. As cor_bind(), but what answers may lack may be absent.
 */
int cor_bind_answer(struct cor_codec *codec, struct cor_arena *arena,
	const struct cor_schema *schema, const struct cor_bind_pair *pairs, size_t len, void *ret,
	struct cor_violations *violations) COR_CHECKED;

/** Whether it has such rows, or the codec does not know it. */
bool cor_binds_answer(const struct cor_codec *codec, const struct cor_schema *schema);

/** Where the row comes from, COR_FROM_DEFAULT resolved. */
static inline enum cor_from cor_row_source(
	const struct cor_field *field, enum cor_from default_from)
{
	if (field->bare)
		return COR_FROM_BODY;
	return field->from == COR_FROM_DEFAULT ? default_from : field->from;
}

/** Whether null is taken: by COR_NULLABLE, or under COR_PARTIAL to take away what may be absent. */
bool cor_row_takes_null(const struct cor_field *field);

/** Whether the row is a set of names, which is an array in JSON and a list of names as text. */
static inline bool cor_row_is_set(const struct cor_field *field)
{
	return field->shape == COR_SHAPE_ONE && field->type.kind == COR_KIND_FLAGS;
}

/**
 * The row that a part of a form fills, to know what it may be before it has come. NULL: none of
 * that name comes from the body.
 */
const struct cor_field *cor_bind_row(const struct cor_codec *codec, const struct cor_schema *schema,
	enum cor_from default_from, struct cor_str name);

/** upload.c: whether a row takes files of that type. The list is its .media_types, or NULL. */
bool cor_media_types_allow(const char *list, const char *type);

/** Whether any row of the body of a request is one: the body is a form of parts then. */
bool cor_rows_have_file(const struct cor_schema *schema, enum cor_from default_from);

/** Whether the row is a file, or several. */
static inline bool cor_row_is_file(const struct cor_field *field)
{
	return field->type.kind == COR_KIND_UPLOAD;
}

/** Whether text can fill the row: a scalar, an array of scalars, or a set. */
bool cor_row_is_textual(const struct cor_field *field);

/** How many rows of a request come from `source` (READ_ONLY rows do not). */
size_t cor_rows_from(
	const struct cor_schema *schema, enum cor_from source, enum cor_from default_from);

/**
 * Append a scalar member of *value as text, as a header wants it.
 * Returns 1, or 0 with nothing appended (a NULL, absent or empty value), -COR_EINVALID (no text for
 * it: NaN, an enum without a name, an object), or the buffer's error.
 */
int cor_row_text(
	const struct cor_field *field, const void *value, struct cor_buffer *buffer) COR_CHECKED;

/**
 * Takes a pair; `field` is its row. Its text is gone with the next one. 0, or a code that ends the
 * writing.
 */
typedef int cor_pair_taker(
	void *arg, const struct cor_field *field, const struct cor_bind_pair *pair);

/**
 * The reverse of cor_bind(): hand out the rows of *value that a request has from `source`, each as
 * a pair, an array as a pair for each item. Left out are rows that are absent, or optional and
 * empty. A file, which only bodies have, is a pair with its .file. Returns 0, -COR_EINVALID (a
 * value without a text: *ret_fault names its row), -ENOMEM, or what take() has returned.
 */
int cor_rows_to_pairs(const struct cor_schema *schema, enum cor_from source,
	enum cor_from default_from, const void *value, cor_pair_taker *take, void *arg,
	struct cor_encode_fault *ret_fault) COR_CHECKED;

#endif
