/* SPDX-License-Identifier: MIT */
#include "schema/encode.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/computed.h>
#include <coracle/error.h>

#include "base/compiler.h"
#include "base/utf8.h"
#include "json/writer.h"
#include "schema/encoder.h"
#include "schema/json_hooks.h"
#include "schema/put.h"
#include "schema/mask_plan.h"
#include "schema/value.h"

void cor_encoder_fail(
	struct cor_encoder *encoder, int error, const struct cor_step *step, const char *detail)
{
	char where[128];

	if (encoder->fault && encoder->fault->text[0] == '\0') {
		cor_step_print(step, false, where, sizeof where);
		snprintf(encoder->fault->text, sizeof encoder->fault->text, "%s: %s%s%s",
			encoder->root->symbol, where, where[0] ? " " : "", detail);
	}
	cor_buffer_fail(encoder->buffer, error);
}

#define TEXT_OF_(number) #number
#define TEXT_OF(number)  TEXT_OF_(number)

COR_COLD void cor_encoder_refuse_depth(struct cor_encoder *encoder, const struct cor_step *step)
{
	cor_encoder_fail(encoder, -COR_ETOOLARGE, step,
		"is nested deeper than " TEXT_OF(
			COR_JSON_OUTPUT_DEPTH_MAX) " levels, or in a circle");
}

/* Arrays and objects count alike, as they do for the reader. */
static void enter(struct cor_encoder *encoder, const struct cor_step *step)
{
	if (++encoder->depth > COR_JSON_OUTPUT_DEPTH_MAX)
		cor_encoder_refuse_depth(encoder, step);
}

/* Whether what is put cannot be nested too deep. */
static inline bool can_put(const struct cor_encoder *encoder)
{
	return encoder->depth <= COR_JSON_OUTPUT_DEPTH_MAX - COR_PUT_DEPTH;
}

/* Items as put_rows() writes rows: how many. */
static size_t put_items(struct cor_buffer *buffer, const struct cor_value_rule *rule,
	const struct cor_array_value *array)
{
	const ptrdiff_t bytes = 1 + (ptrdiff_t)cor_put_bytes(rule);
	const char *item = array->items, *end = buffer->data + buffer->capacity;
	char *out = buffer->data + buffer->len;
	size_t i = 0;

	for (; i < array->len; i++, item += rule->size) {
		if (COR_UNLIKELY(end - out < bytes)) {
			buffer->len = (size_t)(out - buffer->data);
			if (!cor_buffer_can_have(buffer, (size_t)bytes))
				break;
			out = buffer->data + buffer->len;
			end = buffer->data + buffer->capacity;
		}
		*out = ',';
		char *stop = rule->facts->put(rule, item, out + (i != 0), end);
		if (!stop)
			break;
		out = stop;
	}
	buffer->len = (size_t)(out - buffer->data);
	return i;
}

static void write_array(struct cor_encoder *encoder, const struct cor_row *row, const void *at,
	const struct cor_step *outer)
{
	struct cor_step step = { .outer = outer };
	struct cor_array_value array;

	cor_member_get(at, &array);
	if (!array.items && array.len != 0) {
		cor_encoder_fail(encoder, -COR_EINVALID, outer, "has a length, but no items");
		return;
	}
	enter(encoder, outer);
	cor_buffer_byte(encoder->buffer, '[');
	if (row->rule.facts->put && !encoder->mask && can_put(encoder))
		step.index = put_items(encoder->buffer, &row->rule, &array);
	for (; step.index < array.len && cor_buffer_error(encoder->buffer) == 0; step.index++) {
		if (step.index != 0)
			cor_buffer_byte(encoder->buffer, ',');
		row->rule.facts->encode(encoder, &row->rule,
			(const char *)array.items + step.index * row->rule.size, &step);
	}
	cor_buffer_byte(encoder->buffer, ']');
	encoder->depth--;
}

static const char *fault_of_key(const struct cor_plan *known, const char *key)
{
	if (!key)
		return "has a key that is NULL";
	if (!cor_utf8_valid(cor_str(key)))
		return "has a key that is not UTF-8";
	return known && cor_key_index_find(&known->keys, cor_str(key)) >= 0
		       ? "has a key that is a row's"
		       : NULL;
}

/* `known` is the plan of the object that it is the rest of, or NULL. */
static void write_member(struct cor_encoder *encoder, const struct cor_row *row,
	const struct cor_plan *known, const char *item, const struct cor_step *outer)
{
	struct cor_step step = { .outer = outer };
	const char *key;

	cor_member_get(item, &key);
	const char *fault = fault_of_key(known, key);
	step.key = cor_str(key);
	if (fault) {
		cor_encoder_fail(encoder, -COR_EINVALID, outer, fault);
		return;
	}
	cor_json_write_string(encoder->buffer, step.key);
	cor_buffer_byte(encoder->buffer, ':');
	row->rule.facts->encode(encoder, &row->rule, item + row->value_offset, &step);
}

static void write_dict(struct cor_encoder *encoder, const struct cor_row *row, const void *at,
	const struct cor_step *step)
{
	struct cor_array_value array;

	cor_member_get(at, &array);
	if (!array.items && array.len != 0) {
		cor_encoder_fail(encoder, -COR_EINVALID, step, "has a length, but no items");
		return;
	}
	enter(encoder, step);
	cor_buffer_byte(encoder->buffer, '{');
	for (size_t i = 0; i < array.len && cor_buffer_error(encoder->buffer) == 0; i++) {
		if (i != 0)
			cor_buffer_byte(encoder->buffer, ',');
		write_member(
			encoder, row, NULL, (const char *)array.items + i * row->item_bytes, step);
	}
	cor_buffer_byte(encoder->buffer, '}');
	encoder->depth--;
}

/* What no row has, behind the rows. */
static COR_COLD char write_rest(struct cor_encoder *encoder, const struct cor_plan *plan,
	const void *base, char opening, const struct cor_step *outer)
{
	const struct cor_row *row = plan->rest;
	struct cor_array_value array;

	cor_member_get((const char *)base + row->offset, &array);
	if (!array.items && array.len != 0) {
		cor_encoder_fail(encoder, -COR_EINVALID, outer, "has a length, but no items");
		return opening;
	}
	for (size_t i = 0; i < array.len && cor_buffer_error(encoder->buffer) == 0; i++) {
		cor_buffer_byte(encoder->buffer, opening);
		opening = ',';
		write_member(
			encoder, row, plan, (const char *)array.items + i * row->item_bytes, outer);
	}
	return opening;
}

static bool is_no_array(const void *at)
{
	struct cor_array_value array;

	cor_member_get(at, &array);
	return !array.items && array.len == 0;
}

bool cor_encoder_is_empty(const struct cor_row *row, const void *base)
{
	const char *at = (const char *)base + row->offset;
	cor_value_is_empty *is_empty_kind = row->rule.facts->is_empty;
	enum cor_opt_state state;

	if (row->is_opt) {
		cor_member_get((const char *)base + row->field->state_offset, &state);
		return state == COR_ABSENT;
	}
	if (row->is_array)
		return is_no_array(at);
	return is_empty_kind && is_empty_kind(&row->rule, at);
}

enum shape { SHAPE_OMITTED, SHAPE_NULL, SHAPE_FALLBACK, SHAPE_CONSTANT, SHAPE_VALUE };

/*
 * Left out, a row with a fallback would mean the fallback: it is written, even as the fallback
 * itself.
 */
static enum shape shape_of_empty(const struct cor_row *row)
{
	if (row->optional && !row->is_opt)
		return SHAPE_OMITTED;
	if (row->nullable && row->rule.facts->has_null)
		return SHAPE_NULL;
	if (!row->fallback.data || row->is_array || row->rule.facts->empty_has_json)
		return SHAPE_VALUE;
	return SHAPE_FALLBACK;
}

/* An empty char[N] is a text that was given where null would have been the fallback. */
static bool is_nothing(const struct cor_row *row, const void *base)
{
	return cor_encoder_is_empty(row, base) &&
	       !(row->fallback.data && row->rule.facts->empty_has_json);
}

/* What was given and is nothing took something away. */
static enum shape shape_of_partial(const struct cor_row *row, const void *base)
{
	const struct cor_field *field = row->field;
	const struct cor_given *given = (const void *)((const char *)base + field->given_offset);
	enum cor_opt_state state = COR_SET;

	if (!(given->rows[field->given_row / 64] >> field->given_row % 64 & 1))
		return SHAPE_OMITTED;
	if (row->is_opt)
		cor_member_get((const char *)base + field->state_offset, &state);
	if (state != COR_SET)
		return SHAPE_NULL;
	return row->nullable && is_nothing(row, base) ? SHAPE_NULL : SHAPE_VALUE;
}

static bool is_blank(const struct cor_row *row, const void *at)
{
	struct cor_array_value array;
	struct cor_str str;
	const char *text;

	if (row->is_array) {
		cor_member_get(at, &array);
		return array.len == 0;
	}
	switch (row->rule.kind) {
	case COR_KIND_TEXT:
		cor_member_get(at, &text);
		return text && text[0] == '\0';
	case COR_KIND_STR:
		cor_member_get(at, &str);
		return str.len == 0;
	default:
		return row->rule.kind == COR_KIND_CHARS && *(const char *)at == '\0';
	}
}

/*
 * Code of the service runs with the buffer, which is the thread's, put away: it may not yield, but
 * where it does another answer is written meanwhile, and this one stays apart from it.
 */
static COR_COLD bool is_wanted(
	const struct cor_encoder *encoder, const struct cor_field *field, const void *owner)
{
	if (!encoder->ctx)
		return false;
	const struct cor_buffer aside = cor_buffer_set_aside(encoder->buffer);
	bool wanted = field->when(encoder->ctx, owner);
	cor_buffer_put_back(encoder->buffer, &aside);
	return wanted;
}

/* An answer may have less than what is kept. */
static COR_COLD enum shape shape_in_answer(const struct cor_encoder *encoder,
	const struct cor_row *row, const void *base, enum shape shape)
{
	const struct cor_field *field = row->field;
	const char *owner = (const char *)base + field->owner_offset;

	if (field->when && !is_wanted(encoder, field, owner))
		return SHAPE_OMITTED;
	if ((field->omit & COR_OMIT_NULL) && shape == SHAPE_NULL)
		return SHAPE_OMITTED;
	if ((field->omit & COR_OMIT_EMPTY) && shape == SHAPE_VALUE &&
		is_blank(row, (const char *)base + row->offset))
		return SHAPE_OMITTED;
	return shape;
}

static enum shape shape_at_rest(const struct cor_row *row, const void *base)
{
	enum cor_opt_state state;

	if (row->is_partial)
		return shape_of_partial(row, base);
	if (row->rule.constant.data)
		return SHAPE_CONSTANT;
	if (row->is_opt) {
		cor_member_get((const char *)base + row->field->state_offset, &state);
		if (state != COR_SET)
			return state == COR_NULL ? SHAPE_NULL : SHAPE_OMITTED;
	}
	return cor_encoder_is_empty(row, base) ? shape_of_empty(row) : SHAPE_VALUE;
}

static inline enum shape shape_of(
	const struct cor_encoder *encoder, const struct cor_row *row, const void *base)
{
	if (row->is_plain)
		return SHAPE_VALUE;
	enum shape shape = shape_at_rest(row, base);
	return row->is_conditional && encoder->use == COR_USE_ANSWER
		       ? shape_in_answer(encoder, row, base, shape)
		       : shape;
}

/* In an answer an object's fallback is not the text that a request would have. */
static void write_fallback(
	struct cor_encoder *encoder, const struct cor_row *row, const struct cor_step *step)
{
	bool is_answered = encoder->use == COR_USE_ANSWER && cor_kind_is_nested(row->rule.kind);

	if (!is_answered)
		cor_buffer_append_str(encoder->buffer, row->fallback);
	else if (row->answered.data)
		cor_buffer_append_str(encoder->buffer, row->answered);
	else
		cor_encoder_fail(encoder, -COR_EINVALID, step,
			"is empty, and its .fallback lacks what an answer must have");
}

static inline void write_value(struct cor_encoder *encoder, const struct cor_row *row,
	const void *base, enum shape shape, const struct cor_step *step)
{
	const char *at = (const char *)base + row->offset;

	if (shape == SHAPE_VALUE && row->is_dict)
		write_dict(encoder, row, at, step);
	else if (shape == SHAPE_VALUE && row->is_array)
		write_array(encoder, row, at, step);
	else if (shape == SHAPE_VALUE)
		row->rule.facts->encode(encoder, &row->rule, at, step);
	else if (shape == SHAPE_FALLBACK)
		write_fallback(encoder, row, step);
	else if (shape == SHAPE_CONSTANT)
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

	if (!encoder->ctx || (field->when && !is_wanted(encoder, field, owner)))
		return false;
	const struct cor_buffer aside = cor_buffer_set_aside(encoder->buffer);
	field->computed->run(encoder->ctx, owner, &room);
	cor_buffer_put_back(encoder->buffer, &aside);
	return write_row(encoder, row->value, &room, opening, outer);
}

/*
 * Rows from the i'th on, as long as the buffer has room for them and they are always written:
 * straight into it, with nothing but their own memory looked at. Returns the row where that ends.
 */
static inline uint32_t put_rows(struct cor_buffer *buffer, const struct cor_plan *plan,
	const struct cor_row_set *taken, uint32_t i, const void *base, char *opening)
{
	const struct cor_row *row = plan->rows + i, *last = plan->rows + plan->len;
	const char *end = buffer->data + buffer->capacity;
	char *out = buffer->data + buffer->len;
	char first = *opening;

	for (; row < last; row++) {
		if (COR_UNLIKELY(!(taken->words[row->index / 64] & row->bit)))
			continue;
		if (COR_UNLIKELY(end - out < (ptrdiff_t)row->put_bytes)) {
			buffer->len = (size_t)(out - buffer->data);
			if (!row->put || !cor_buffer_can_have(buffer, row->put_bytes))
				break;
			out = buffer->data + buffer->len;
			end = buffer->data + buffer->capacity;
		}
		char *stop = cor_put_row(row, base, first, out, end);
		if (!stop)
			break;
		out = stop;
		first = ',';
	}
	*opening = first;
	buffer->len = (size_t)(out - buffer->data);
	return (uint32_t)(row - plan->rows);
}

/* Any row. Returns whether anything was written. */
static bool write_row(struct cor_encoder *encoder, const struct cor_row *row, const void *base,
	char opening, const struct cor_step *outer)
{
	const struct cor_step step = { .outer = outer, .key = row->key };

	if (COR_UNLIKELY(!row->is_plain) && row->field->computed)
		return write_computed(encoder, row, base, opening, outer);
	enum shape shape = shape_of(encoder, row, base);

	if (shape == SHAPE_OMITTED)
		return false;
	char *out = cor_buffer_reserve(encoder->buffer, row->prefix.len);
	if (!out)
		return true;
	memcpy(out, row->prefix.data, row->prefix.len);
	out[0] = opening;
	encoder->buffer->len += row->prefix.len;
	write_value(encoder, row, base, shape, &step);
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
	enum shape shape = shape_of(encoder, row, base);

	if (shape == SHAPE_OMITTED)
		cor_encoder_fail(encoder, -COR_EINVALID, step, "is absent, but cannot be left out");
	else
		write_value(encoder, row, base, shape, step);
}

/* The part of it that the client wants, and of what it holds. */
static COR_COLD void write_masked(struct cor_encoder *encoder, const struct cor_plan *plan,
	const struct cor_row_set *taken, const void *base, const struct cor_step *outer)
{
	const struct cor_mask *mask = encoder->mask;
	char opening = '{';

	enter(encoder, outer);
	for (uint32_t i = 0; i < plan->len && cor_buffer_error(encoder->buffer) == 0; i++) {
		if (!cor_row_set_has(taken, i) || !cor_row_set_has(&mask->taken, i))
			continue;
		encoder->mask = mask->inner[i];
		if (write_row(encoder, &plan->rows[i], base, opening, outer))
			opening = ',';
	}
	encoder->mask = NULL;
	if (plan->rest && mask->has_rest)
		opening = write_rest(encoder, plan, base, opening, outer);
	encoder->mask = mask;
	close_object(encoder->buffer, opening);
	encoder->depth--;
}

COR_IN_LINE void write_object(struct cor_encoder *encoder, const struct cor_plan *plan,
	const struct cor_row_set *taken, const void *base, const struct cor_step *outer)
{
	struct cor_buffer *buffer = encoder->buffer;
	char opening = '{';

	if (COR_UNLIKELY(encoder->mask)) {
		write_masked(encoder, plan, taken, base, outer);
		return;
	}
	enter(encoder, outer);
	for (uint32_t i = 0; cor_buffer_error(buffer) == 0; i++) {
		if (can_put(encoder))
			i = put_rows(buffer, plan, taken, i, base, &opening);
		if (i == plan->len)
			break;
		if (cor_row_set_has(taken, i) &&
			write_row(encoder, &plan->rows[i], base, opening, outer))
			opening = ',';
	}
	if (COR_UNLIKELY(plan->rest))
		opening = write_rest(encoder, plan, base, opening, outer);
	close_object(buffer, opening);
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

static COR_COLD void work_on_json(
	struct cor_encoder *encoder, const struct cor_plan *plan, size_t before)
{
	const struct cor_json_hook *failed = NULL;
	char why[128];

	if (!encoder->ctx || cor_buffer_error(encoder->buffer) < 0)
		return;
	int rc = cor_json_hooks_dump(plan, encoder->ctx, encoder->buffer, before, &failed);
	if (rc == 0)
		return;
	const char *what = rc > 0         ? "has returned a positive number"
			   : rc == -EINVAL ? "has left no JSON, or put a node where none can be"
					   : cor_strerror(rc);
	snprintf(why, sizeof why, ".after_dump, %s: %s", failed ? failed->name : "JSON", what);
	cor_encoder_fail(encoder, rc > 0 ? -COR_EINVALID : rc, NULL, why);
}

static inline int append(struct cor_encoder *encoder, struct cor_codec *codec, const void *value)
{
	struct cor_buffer *buffer = encoder->buffer;
	const struct cor_plan *plan = cor_codec_plan(codec, encoder->root);
	struct cor_row_set taken;
	size_t before = buffer->len;

	if (!plan || encoder->root->media != COR_MEDIA_JSON)
		return -COR_ETABLE;
	if (cor_buffer_error(buffer) < 0)
		return cor_buffer_error(buffer);
	if (encoder->fault)
		encoder->fault->text[0] = '\0';
	cor_plan_select(plan, encoder->use, COR_FROM_BODY, COR_FROM_BODY, &taken);
	if (cor_plan_is_bare(plan, encoder->use))
		cor_encoder_bare_struct(encoder, plan, value, NULL);
	else
		cor_encoder_object(encoder, plan, &taken, value, NULL);
	if (COR_UNLIKELY(plan->has_json_hooks[COR_AFTER_DUMP]))
		work_on_json(encoder, plan, before);
	int rc = cor_buffer_error(buffer);
	if (rc < 0) {
		buffer->len = before;
		buffer->error = 0;
	}
	return rc;
}

int cor_encode_append(struct cor_codec *codec, const struct cor_schema *schema, enum cor_use use,
	const void *value, struct cor_buffer *buffer, struct cor_encode_fault *ret_fault)
{
	struct cor_encoder encoder = {
		.buffer = buffer, .use = use, .root = schema, .fault = ret_fault
	};

	return append(&encoder, codec, value);
}

/* With link-time optimisation `inline` counts in other folders: each JSON answer comes here. */
inline int cor_encode_answer(struct cor_codec *codec, const struct cor_schema *schema,
	struct cor_ctx *ctx, const void *value, struct cor_buffer *buffer,
	struct cor_encode_fault *ret_fault)
{
	struct cor_encoder encoder = {
		.buffer = buffer,
		.use = COR_USE_ANSWER,
		.ctx = ctx,
		.root = schema,
		.fault = ret_fault,
	};

	return append(&encoder, codec, value);
}

COR_COLD int cor_encode_masked(struct cor_codec *codec, const struct cor_schema *schema,
	struct cor_ctx *ctx, const struct cor_mask *mask, const void *value,
	struct cor_buffer *buffer, struct cor_encode_fault *ret_fault)
{
	struct cor_encoder encoder = {
		.buffer = buffer,
		.use = COR_USE_ANSWER,
		.ctx = ctx,
		.mask = mask,
		.root = schema,
		.fault = ret_fault,
	};

	return append(&encoder, codec, value);
}

int cor_encode_json(struct cor_codec *codec, struct cor_arena *arena,
	const struct cor_schema *schema, const void *value, struct cor_str *ret_text)
{
	struct cor_buffer buffer = { 0 };
	int rc = cor_encode_append(codec, schema, COR_USE_WHOLE, value, &buffer, NULL);

	if (rc == 0) {
		const char *copy = cor_arena_copy(arena, buffer.data, buffer.len);
		if (copy)
			*ret_text = (struct cor_str){ copy, buffer.len };
		else
			rc = -ENOMEM;
	}
	cor_buffer_finish(&buffer);
	return rc;
}
