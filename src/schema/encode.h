/* SPDX-License-Identifier: MIT */
/**
 * A struct into JSON text, by its table. Private to the library; cor_encode() is the public face.
 *
 * Rows are written in the order of the table. Left out: an absent cor_opt; and of optional rows a
 * NULL pointer, a zeroed cor_str, cor_json or array, an empty char[N], an enum of 0 where 0 has no
 * name. A nullable NULL that is not optional is null. Nothing here yields. One thread, the codec's.
 */
#ifndef CORACLE_SCHEMA_ENCODE_H
#define CORACLE_SCHEMA_ENCODE_H

#include <coracle/schema.h>

#include "base/buffer.h"
#include "schema/decode.h"

/** Why a value has no JSON: for the log of the service, not for its clients. */
struct cor_encode_fault {
	char text[256]; /* "order_schema: /items/3/price: is not a number"; cut when longer */
};

/**
 * Append the JSON of *value to the buffer. On failure the buffer is what it was before; *ret_fault
 * (may be NULL) then names the row. Returns 0, -COR_EINVALID (a value without JSON), -COR_ETOOLARGE
 * (too deep, or the buffer's limit), -ENOMEM or -COR_ETABLE (the schema is not the codec's).
 */
int cor_encode_append(struct cor_codec *codec, const struct cor_schema *schema, enum cor_use use,
	const void *value, struct cor_buffer *buffer,
	struct cor_encode_fault *ret_fault) COR_CHECKED;

/**
 * The same, of all that the value has, for whoever reads it back: a NULL that would come back as
 * the row's .fallback has no JSON (-COR_EINVALID).
 */
int cor_encode_to_keep(struct cor_codec *codec, const struct cor_schema *schema, const void *value,
	struct cor_buffer *buffer) COR_CHECKED;

struct cor_mask;

/** The same, as an answer to the request of ctx: it is what .when of a row is asked about. */
int cor_encode_answer(struct cor_codec *codec, const struct cor_schema *schema, struct cor_ctx *ctx,
	const void *value, struct cor_buffer *buffer,
	struct cor_encode_fault *ret_fault) COR_CHECKED;

/** The same, of which the client wants a part; NULL for the mask: all of it. */
int cor_encode_masked(struct cor_codec *codec, const struct cor_schema *schema, struct cor_ctx *ctx,
	const struct cor_mask *mask, const void *value, struct cor_buffer *buffer,
	struct cor_encode_fault *ret_fault) COR_CHECKED;

/** The tables of a codec. */
struct cor_codec_tables {
	const struct cor_schema *const *schemas;
	size_t len;
	size_t answers_len; /* the first of them: they are written with COR_USE_ANSWER */
};

/**
 * As cor_codec_create(), and finds objects in answers whose .fallback an answer may have to have,
 * and cannot: it lacks a text or a struct that no request may give.
 */
int cor_codec_create_of(const struct cor_codec_tables *tables, struct cor_codec **ret,
	struct cor_arena *arena, struct cor_violations *why) COR_CHECKED;

#endif
