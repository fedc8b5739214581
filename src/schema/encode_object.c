/* SPDX-License-Identifier: MIT */
/* Objects and their members; a mask and hooks on the way. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/computed.h>
#include <coracle/error.h>

#include "base/compiler.h"
#include "json/writer.h"
#include "schema/encoder.h"
#include "schema/mask_plan.h"
#include "schema/put.h"
#include "schema/value.h"

/* In an answer an object's fallback is not the text that a request would have. */
static void write_fallback(
	struct cor_encoder *encoder, const struct cor_row *row, const struct cor_step *step)
{
	bool is_answered = encoder->use == COR_USE_ANSWER && cor_kind_is_nested(row->rule.kind);

	if (encoder->keeps_all)
		cor_encoder_fail(encoder, -COR_EINVALID, step, "would come back as its .fallback");
	else if (!is_answered)
		cor_buffer_append_str(encoder->buffer, row->fallback);
	else if (row->answered.data)
		cor_buffer_append_str(encoder->buffer, row->answered);
	else
		cor_encoder_fail(encoder, -COR_EINVALID, step,
			"is empty, and its .fallback lacks what an answer must have");
}

static inline void write_value(struct cor_encoder *encoder, const struct cor_row *row,
	const void *base, enum cor_member_form form, const struct cor_step *step)
{
	const char *at = (const char *)base + row->offset;

	if (form == COR_MEMBER_VALUE && row->is_dict)
		cor_encoder_dict(encoder, row, at, step);
	else if (form == COR_MEMBER_VALUE && row->is_array)
		cor_encoder_array(encoder, row, at, step);
	else if (form == COR_MEMBER_VALUE)
		row->rule.facts->encode(encoder, &row->rule, at, step);
	else if (form == COR_MEMBER_FALLBACK)
		write_fallback(encoder, row, step);
	else if (form == COR_MEMBER_CONSTANT)
		cor_buffer_append_str(encoder->buffer, row->rule.constant);
	else if (row->nullable)
		cor_json_write_null(encoder->buffer);
	else
		cor_encoder_fail(encoder, -COR_EINVALID, step, "is null, but not COR_NULLABLE");
}

static bool write_row(struct cor_encoder *encoder, const struct cor_row *row, const void *base,
	char opening, const struct cor_step *outer);

/* As a row of a struct that has only its value. Without a request nobody computes. */
static COR_COLD bool write_computed(struct cor_encoder *encoder, const struct cor_row *row,
	const void *base, char opening, const struct cor_step *outer)
{
	const struct cor_field *field = row->field;
	const char *owner = (const char *)base + field->owner_offset;
	union {
		max_align_t align;
		char bytes[COR_COMPUTED_BYTES];
	} room = { 0 };

	if (!encoder->ctx || (field->when && !cor_encoder_wants(encoder, field, owner)))
		return false;
	const struct cor_buffer aside = cor_buffer_set_aside(encoder->buffer);
	field->computed->run(encoder->ctx, owner, &room);
	cor_buffer_put_back(encoder->buffer, &aside);
	return write_row(encoder, row->value, &room, opening, outer);
}

/* Any row. Returns whether anything was written. */
static bool write_row(struct cor_encoder *encoder, const struct cor_row *row, const void *base,
	char opening, const struct cor_step *outer)
{
	const struct cor_step step = { .outer = outer, .key = row->key };

	if (COR_UNLIKELY(!row->is_plain) && row->field->computed)
		return write_computed(encoder, row, base, opening, outer);
	enum cor_member_form form = cor_encoder_form(encoder, row, base);

	if (form == COR_MEMBER_OMITTED)
		return false;
	char *out = cor_buffer_reserve(encoder->buffer, row->prefix.len);
	if (!out)
		return true;
	memcpy(out, row->prefix.data, row->prefix.len);
	out[0] = opening;
	encoder->buffer->len += row->prefix.len;
	write_value(encoder, row, base, form, &step);
	return true;
}

/* An object without members has not been opened. */
static void close_object(struct cor_buffer *buffer, char opening)
{
	if (opening == '{')
		cor_buffer_byte(buffer, '{');
	cor_buffer_byte(buffer, '}');
}

void cor_encoder_bare(struct cor_encoder *encoder, const struct cor_row *row, const void *base,
	const struct cor_step *step)
{
	enum cor_member_form form = cor_encoder_form(encoder, row, base);

	if (form == COR_MEMBER_OMITTED)
		cor_encoder_fail(encoder, -COR_EINVALID, step, "is absent, but cannot be left out");
	else
		write_value(encoder, row, base, form, step);
}

/* The part of it that the client wants, and of what it holds. */
static COR_COLD void write_masked(struct cor_encoder *encoder, const struct cor_plan *plan,
	const struct cor_row_set *taken, const void *base, const struct cor_step *outer)
{
	const struct cor_mask *mask = encoder->mask;
	char opening = '{';

	cor_encoder_enter(encoder, outer);
	for (uint32_t i = 0; i < plan->len && cor_buffer_error(encoder->buffer) == 0; i++) {
		if (!cor_row_set_has(taken, i) || !cor_row_set_has(&mask->taken, i))
			continue;
		encoder->mask = mask->inner[i];
		if (write_row(encoder, &plan->rows[i], base, opening, outer))
			opening = ',';
	}
	encoder->mask = NULL;
	if (plan->rest && mask->has_rest)
		opening = cor_encoder_rest(encoder, plan, base, opening, outer);
	encoder->mask = mask;
	close_object(encoder->buffer, opening);
	encoder->depth--;
}

/*
 * The rows that are taken, then the rest. Where a run of rows cannot be put, each of them is
 * written by itself: one of them has no JSON, or there is not so much room.
 */
static COR_OUT_OF_LINE void write_rows(struct cor_encoder *encoder, const struct cor_plan *plan,
	const struct cor_row_set *taken, const void *base, const struct cor_step *outer)
{
	struct cor_buffer *buffer = encoder->buffer;
	char opening = '{';

	for (uint32_t i = 0; i < plan->len && cor_buffer_error(buffer) == 0;) {
		const struct cor_put_program *run = plan->rows[i].run;
		size_t before = buffer->len;
		if (cor_encoder_put(encoder, run, base)) {
			buffer->data[before] = opening;
			opening = ',';
			if (run->closes)
				return;
			i = run->end;
			continue;
		}
		uint32_t end = run ? run->end : i + 1;
		for (; i < end && cor_buffer_error(buffer) == 0; i++)
			if (cor_row_set_has(taken, i) &&
				write_row(encoder, &plan->rows[i], base, opening, outer))
				opening = ',';
	}
	if (COR_UNLIKELY(plan->rest))
		opening = cor_encoder_rest(encoder, plan, base, opening, outer);
	close_object(buffer, opening);
}

/* Most objects are one run. */
COR_IN_LINE void write_object(struct cor_encoder *encoder, const struct cor_plan *plan,
	const struct cor_row_set *taken, const void *base, const struct cor_step *outer)
{
	const struct cor_put_program *run = plan->rows->run;
	size_t before = encoder->buffer->len;

	if (COR_UNLIKELY(encoder->mask)) {
		write_masked(encoder, plan, taken, base, outer);
		return;
	}
	if (run && run->closes && cor_encoder_put(encoder, run, base)) {
		encoder->buffer->data[before] = '{';
		return;
	}
	cor_encoder_enter(encoder, outer);
	write_rows(encoder, plan, taken, base, outer);
	encoder->depth--;
}

/* Those of embedded structs first. */
static int dump(struct cor_encoder *encoder, const struct cor_schema *schema, char *base)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < schema->len; i++) {
		const struct cor_field *field = &schema->fields[i];
		if (field->type.kind == COR_KIND_EMBED && !field->is_partial)
			rc = dump(encoder, field->type.schema, base + field->offset);
	}
	if (rc == 0 && schema->before_dump)
		rc = schema->before_dump->run(encoder->ctx, base);
	return rc;
}

/*
 * The hooks work on a copy: what a handler answers with may be shared, or constant. NULL for the
 * rows: it is the bare one.
 */
static COR_COLD void write_dumped(struct cor_encoder *encoder, const struct cor_plan *plan,
	const struct cor_row_set *taken, const void *base, const struct cor_step *outer)
{
	void *copy = malloc(plan->schema->size);
	const struct cor_buffer aside = cor_buffer_set_aside(encoder->buffer);
	int rc = copy ? dump(encoder, plan->schema, memcpy(copy, base, plan->schema->size))
		      : -ENOMEM;

	cor_buffer_put_back(encoder->buffer, &aside);
	if (rc == 0 && !taken)
		cor_encoder_bare(encoder, plan->bare, copy, outer);
	else if (rc == 0)
		write_object(encoder, plan, taken, copy, outer);
	else
		cor_encoder_fail(encoder, rc > 0 ? -COR_EINVALID : rc, outer,
			rc > 0 ? ".before_dump has returned a positive number"
			       : ".before_dump has failed");
	free(copy);
}

void cor_encoder_object(struct cor_encoder *encoder, const struct cor_plan *plan,
	const struct cor_row_set *taken, const void *base, const struct cor_step *outer)
{
	if (COR_UNLIKELY(plan->has_dump_hooks) && encoder->ctx)
		write_dumped(encoder, plan, taken, base, outer);
	else
		write_object(encoder, plan, taken, base, outer);
}

void cor_encoder_bare_struct(struct cor_encoder *encoder, const struct cor_plan *plan,
	const void *base, const struct cor_step *step)
{
	if (COR_UNLIKELY(plan->has_dump_hooks) && encoder->ctx)
		write_dumped(encoder, plan, NULL, base, step);
	else
		cor_encoder_bare(encoder, plan->bare, base, step);
}
