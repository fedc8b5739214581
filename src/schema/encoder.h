/* SPDX-License-Identifier: MIT */
/** The state of one encoding, and the kinds' parts of it. Private to the schema folder. */
#ifndef CORACLE_SCHEMA_ENCODER_H
#define CORACLE_SCHEMA_ENCODER_H

#include "schema/encode.h"
#include "schema/kind.h"
#include "schema/path.h"
#include "schema/plan.h"
#include "schema/put.h"

struct cor_encoder {
	struct cor_buffer *buffer;
	enum cor_use use;
	struct cor_ctx *ctx;         /* whose request is answered; NULL: nobody's */
	const struct cor_mask *mask; /* of the next object; NULL: all of it */
	unsigned depth;
	const struct cor_schema *root;
	bool keeps_all; /* what would come back as something else has no JSON */
	struct cor_encode_fault *fault;
};

/** The value has no JSON: say why. The first fault is the one that is kept. */
void cor_encoder_fail(
	struct cor_encoder *encoder, int error, const struct cor_step *step, const char *detail);

/** It is nested too deep. */
void cor_encoder_refuse_depth(struct cor_encoder *encoder, const struct cor_step *step);

/** Arrays and objects count alike, as they do for the reader; leave by taking one off again. */
static inline void cor_encoder_enter(struct cor_encoder *encoder, const struct cor_step *step)
{
	if (++encoder->depth > COR_JSON_OUTPUT_DEPTH_MAX)
		cor_encoder_refuse_depth(encoder, step);
}

/**
 * Append what a program writes, if there is one, and it cannot be nested too deep: see put.h. The
 * object or array itself may not have been entered.
 */
static inline bool cor_encoder_put(
	struct cor_encoder *encoder, const struct cor_put_program *program, const void *base)
{
	return program && encoder->depth < COR_JSON_OUTPUT_DEPTH_MAX - COR_PUT_DEPTH &&
	       cor_put_append(program, base, encoder->buffer);
}

/** Whether the condition of a row (.when) holds. */
bool cor_encoder_wants(
	const struct cor_encoder *encoder, const struct cor_field *field, const void *owner);

/** In which form a member is written. */
enum cor_member_form {
	COR_MEMBER_OMITTED,
	COR_MEMBER_NULL,
	COR_MEMBER_FALLBACK,
	COR_MEMBER_CONSTANT,
	COR_MEMBER_VALUE
};

/** Private to cor_encoder_form(). */
enum cor_member_form cor_encoder_form_of(
	const struct cor_encoder *encoder, const struct cor_row *row, const void *base);

static inline enum cor_member_form cor_encoder_form(
	const struct cor_encoder *encoder, const struct cor_row *row, const void *base)
{
	return row->is_plain ? COR_MEMBER_VALUE : cor_encoder_form_of(encoder, row, base);
}

/** The items of a row that is an array. */
void cor_encoder_array(struct cor_encoder *encoder, const struct cor_row *row, const void *at,
	const struct cor_step *outer);

/** The members of a row that is a map. */
void cor_encoder_dict(struct cor_encoder *encoder, const struct cor_row *row, const void *at,
	const struct cor_step *step);

/** What no row of the plan has, behind its rows: the brace or comma that comes next. */
char cor_encoder_rest(struct cor_encoder *encoder, const struct cor_plan *plan, const void *base,
	char opening, const struct cor_step *outer);

/** An object: the rows of `taken`. */
void cor_encoder_object(struct cor_encoder *encoder, const struct cor_plan *plan,
	const struct cor_row_set *taken, const void *base, const struct cor_step *outer);

/** The row that is the value itself. */
void cor_encoder_bare(struct cor_encoder *encoder, const struct cor_row *row, const void *base,
	const struct cor_step *step);

/** A struct whose bare row is the value itself; its .before_dump runs. */
void cor_encoder_bare_struct(struct cor_encoder *encoder, const struct cor_plan *plan,
	const void *base, const struct cor_step *step);

/** Whether the member is what a zeroed struct holds there, where that means "nothing". */
bool cor_encoder_is_empty(const struct cor_row *row, const void *base);

/* encode_value.c: how each kind is written, for the table of kinds. */
cor_encode_value cor_encode_bool, cor_encode_int32, cor_encode_int64, cor_encode_uint32,
	cor_encode_uint64, cor_encode_double, cor_encode_text, cor_encode_str, cor_encode_chars,
	cor_encode_time, cor_encode_uuid, cor_encode_word, cor_encode_base64, cor_encode_decimal,
	cor_encode_quoted_number, cor_encode_raw, cor_encode_enum, cor_encode_object,
	cor_encode_pointer, cor_encode_bare;

/* union.c: the discriminator, a member like others. */
cor_encode_value cor_encode_tag;

#endif
