/* SPDX-License-Identifier: MIT */
#include "schema/encode.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <coracle/error.h>

#include "base/timestamp.h"
#include "json/reader.h"
#include "json/writer.h"
#include "schema/path.h"
#include "schema/plan.h"
#include "schema/value.h"

struct encoder {
	struct cor_buffer *buffer;
	enum cor_use use;
	unsigned depth;
	const struct cor_schema *root;
	struct cor_encode_fault *fault;
};

/* The first fault is the one that is told. */
static void fail(
	struct encoder *encoder, int error, const struct cor_step *step, const char *detail)
{
	char where[128];

	if (encoder->fault && encoder->fault->text[0] == '\0') {
		cor_step_print(step, false, where, sizeof where);
		snprintf(encoder->fault->text, sizeof encoder->fault->text, "%s: %s %s",
			encoder->root->symbol, where, detail);
	}
	cor_buffer_fail(encoder->buffer, error);
}

#define TEXT_OF_(number) #number
#define TEXT_OF(number)  TEXT_OF_(number)

static __attribute__((noinline, cold)) void refuse_depth(
	struct encoder *encoder, const struct cor_step *step)
{
	fail(encoder, -COR_ETOOLARGE, step,
		"is nested deeper than " TEXT_OF(
			COR_JSON_OUTPUT_DEPTH_MAX) " levels, or in a circle");
}

/* Arrays and objects count alike, as they do for the reader. */
static void enter(struct encoder *encoder, const struct cor_step *step)
{
	if (++encoder->depth > COR_JSON_OUTPUT_DEPTH_MAX)
		refuse_depth(encoder, step);
}

static void write_object(struct encoder *encoder, const struct cor_plan *plan,
	const struct cor_row_set *taken, const void *base, const struct cor_step *outer);

static void write_nested(struct encoder *encoder, const struct cor_plan *plan, const void *base,
	const struct cor_step *step)
{
	write_object(encoder, plan, &plan->taken[encoder->use], base, step);
}

static void write_text(struct encoder *encoder, struct cor_str text, const struct cor_step *step)
{
	cor_json_write_string(encoder->buffer, text);
	if (cor_buffer_error(encoder->buffer) == -COR_EINVALID)
		fail(encoder, -COR_EINVALID, step, "is not UTF-8");
}

static void write_chars(struct encoder *encoder, const struct cor_rule *rule, const char *chars,
	const struct cor_step *step)
{
	size_t len = strnlen(chars, rule->size);

	if (len == rule->size)
		fail(encoder, -COR_EINVALID, step, "has no NUL at its end");
	else
		write_text(encoder, (struct cor_str){ chars, len }, step);
}

static void write_double(struct encoder *encoder, const void *at, const struct cor_step *step)
{
	double value;

	cor_member_get(at, &value);
	cor_json_write_double(encoder->buffer, value);
	if (cor_buffer_error(encoder->buffer) == -COR_EINVALID)
		fail(encoder, -COR_EINVALID, step, "is NaN or infinite: JSON has neither");
}

static void write_timestamp(struct encoder *encoder, const void *at, const struct cor_step *step)
{
	struct timespec time;
	char *room = cor_buffer_reserve(encoder->buffer, COR_TIMESTAMP_BYTES + 2);

	if (!room)
		return;
	cor_member_get(at, &time);
	size_t len = cor_timestamp_print(&time, room + 1);
	if (len == 0) {
		fail(encoder, -COR_EINVALID, step, "is not a time of the years 0000 to 9999");
		return;
	}
	room[0] = room[len + 1] = '"';
	encoder->buffer->len += len + 2;
}

static void write_uuid(struct encoder *encoder, const void *at)
{
	char text[COR_UUID_TEXT_BYTES + 1];
	struct cor_uuid uuid;

	cor_member_get(at, &uuid);
	text[0] = '"';
	cor_uuid_print(&uuid, text + 1);
	text[COR_UUID_TEXT_BYTES] = '"';
	cor_buffer_append(encoder->buffer, text, sizeof text);
}

/* Its levels count on from those around it. */
static int check_raw(const struct encoder *encoder, struct cor_str text)
{
	struct cor_json_reader reader;

	cor_json_reader_init(&reader, text, NULL, COR_JSON_OUTPUT_DEPTH_MAX);
	reader.depth = encoder->depth;
	int rc = cor_json_skip(&reader, NULL);
	return rc < 0 ? rc : cor_json_finish(&reader);
}

static void write_raw(struct encoder *encoder, const void *at, const struct cor_step *step)
{
	struct cor_json json;

	cor_member_get(at, &json);
	int rc = check_raw(encoder, json.text);
	if (rc == -COR_ETOOLARGE)
		refuse_depth(encoder, step);
	else if (rc < 0)
		fail(encoder, -COR_EINVALID, step, "is not well-formed JSON");
	else
		cor_buffer_append_str(encoder->buffer, json.text);
}

static void write_enum(struct encoder *encoder, const struct cor_rule *rule, const void *at,
	const struct cor_step *step)
{
	uint32_t value;

	cor_member_get(at, &value);
	const struct cor_enum_name *name = cor_enum_index_name(rule->names, value);
	if (name)
		cor_json_write_string(encoder->buffer, cor_str(name->name));
	else
		fail(encoder, -COR_EINVALID, step, "has a value without a name");
}

static void write_pointer(struct encoder *encoder, const struct cor_rule *rule, const void *at,
	const struct cor_step *step)
{
	const void *nested;

	cor_member_get(at, &nested);
	if (nested)
		write_nested(encoder, rule->plan, nested, step);
	else
		fail(encoder, -COR_EINVALID, step, "is required, but NULL");
}

static void write_string_kind(struct encoder *encoder, const struct cor_rule *rule, const void *at,
	const struct cor_step *step)
{
	struct cor_str text;
	const char *string;

	if (rule->kind == COR_KIND_STR) {
		cor_member_get(at, &text);
		write_text(encoder, text, step);
		return;
	}
	cor_member_get(at, &string);
	if (string)
		write_text(encoder, cor_str(string), step);
	else
		fail(encoder, -COR_EINVALID, step, "is required, but NULL");
}

static void write_integer(struct encoder *encoder, enum cor_kind kind, const void *at)
{
	union {
		int32_t i32;
		uint32_t u32;
		int64_t i64;
		uint64_t u64;
	} value;

	if (kind == COR_KIND_INT32) {
		cor_member_get(at, &value.i32);
		cor_json_write_int64(encoder->buffer, value.i32);
	} else if (kind == COR_KIND_UINT32) {
		cor_member_get(at, &value.u32);
		cor_json_write_uint64(encoder->buffer, value.u32);
	} else if (kind == COR_KIND_INT64) {
		cor_member_get(at, &value.i64);
		cor_json_write_int64(encoder->buffer, value.i64);
	} else {
		cor_member_get(at, &value.u64);
		cor_json_write_uint64(encoder->buffer, value.u64);
	}
}

static void write_bool(struct encoder *encoder, const void *at)
{
	bool value;

	cor_member_get(at, &value);
	cor_json_write_bool(encoder->buffer, value);
}

static void write_value(struct encoder *encoder, const struct cor_rule *rule, const void *at,
	const struct cor_step *step)
{
	switch (rule->kind) {
	case COR_KIND_BOOL:
		write_bool(encoder, at);
		break;
	case COR_KIND_INT32:
	case COR_KIND_INT64:
	case COR_KIND_UINT32:
	case COR_KIND_UINT64:
		write_integer(encoder, rule->kind, at);
		break;
	case COR_KIND_DOUBLE:
		write_double(encoder, at, step);
		break;
	case COR_KIND_TEXT:
	case COR_KIND_STR:
		write_string_kind(encoder, rule, at, step);
		break;
	case COR_KIND_CHARS:
		write_chars(encoder, rule, at, step);
		break;
	case COR_KIND_TIMESTAMP:
		write_timestamp(encoder, at, step);
		break;
	case COR_KIND_UUID:
		write_uuid(encoder, at);
		break;
	case COR_KIND_RAW:
		write_raw(encoder, at, step);
		break;
	case COR_KIND_ENUM:
		write_enum(encoder, rule, at, step);
		break;
	case COR_KIND_OBJECT:
		write_nested(encoder, rule->plan, at, step);
		break;
	default:
		write_pointer(encoder, rule, at, step);
		break;
	}
}

static void write_array(struct encoder *encoder, const struct cor_row *row, const void *at,
	const struct cor_step *outer)
{
	struct cor_step step = { .outer = outer };
	struct cor_array_value array;

	cor_member_get(at, &array);
	if (!array.items && array.len != 0) {
		fail(encoder, -COR_EINVALID, outer, "has a length, but no items");
		return;
	}
	enter(encoder, outer);
	cor_buffer_byte(encoder->buffer, '[');
	for (; step.index < array.len && cor_buffer_error(encoder->buffer) == 0; step.index++) {
		if (step.index != 0)
			cor_buffer_byte(encoder->buffer, ',');
		write_value(encoder, &row->rule,
			(const char *)array.items + step.index * row->rule.size, &step);
	}
	cor_buffer_byte(encoder->buffer, ']');
	encoder->depth--;
}

/* Whether the member is what a zeroed struct holds there, for the kinds where that means "nothing". */
static bool is_empty(const struct cor_row *row, const void *at)
{
	uint32_t value;
	const void *pointer;

	if (row->rule.kind == COR_KIND_ENUM && !row->is_array) {
		cor_member_get(at, &value);
		return value == 0 && !cor_enum_index_name(row->rule.names, value);
	}
	if (row->rule.kind == COR_KIND_CHARS && !row->is_array)
		return *(const char *)at == '\0';
	/* cor_str, cor_json, cor_array, text and pointers all begin with the pointer. */
	if (row->is_array || row->rule.kind == COR_KIND_POINTER ||
		row->rule.kind == COR_KIND_TEXT || row->rule.kind == COR_KIND_STR ||
		row->rule.kind == COR_KIND_RAW) {
		cor_member_get(at, &pointer);
		return !pointer;
	}
	return false;
}

enum shape { SHAPE_OMITTED, SHAPE_NULL, SHAPE_VALUE };

static enum shape shape_of(const struct cor_row *row, const void *base)
{
	const char *at = (const char *)base + row->offset;
	enum cor_opt_state state;

	if (row->is_opt) {
		cor_member_get((const char *)base + row->field->state_offset, &state);
		if (state != COR_SET)
			return state == COR_NULL ? SHAPE_NULL : SHAPE_OMITTED;
	}
	if (!row->optional && !row->nullable)
		return SHAPE_VALUE;
	if (!is_empty(row, at))
		return SHAPE_VALUE;
	if (row->optional && !row->is_opt)
		return SHAPE_OMITTED;
	bool pointer = row->rule.kind == COR_KIND_TEXT || row->rule.kind == COR_KIND_POINTER;
	return row->nullable && pointer ? SHAPE_NULL : SHAPE_VALUE;
}

/* Returns whether anything was written. */
static bool write_row(struct encoder *encoder, const struct cor_row *row, const void *base,
	bool first, const struct cor_step *outer)
{
	const struct cor_step step = { .outer = outer, .key = row->key };
	enum shape shape = shape_of(row, base);
	const char *at = (const char *)base + row->offset;

	if (shape == SHAPE_OMITTED)
		return false;
	cor_buffer_append(encoder->buffer, row->prefix.data + first, row->prefix.len - first);
	if (shape == SHAPE_VALUE && row->is_array)
		write_array(encoder, row, at, &step);
	else if (shape == SHAPE_VALUE)
		write_value(encoder, &row->rule, at, &step);
	else if (row->nullable)
		cor_json_write_null(encoder->buffer);
	else
		fail(encoder, -COR_EINVALID, &step, "is null, but not COR_NULLABLE");
	return true;
}

static void write_object(struct encoder *encoder, const struct cor_plan *plan,
	const struct cor_row_set *taken, const void *base, const struct cor_step *outer)
{
	bool first = true;

	enter(encoder, outer);
	cor_buffer_byte(encoder->buffer, '{');
	for (uint32_t i = 0; i < plan->len && cor_buffer_error(encoder->buffer) == 0; i++)
		if (cor_row_set_has(taken, i) &&
			write_row(encoder, &plan->rows[i], base, first, outer))
			first = false;
	cor_buffer_byte(encoder->buffer, '}');
	encoder->depth--;
}

int cor_encode_append(struct cor_codec *codec, const struct cor_schema *schema, enum cor_use use,
	const void *value, struct cor_buffer *buffer, struct cor_encode_fault *ret_fault)
{
	const struct cor_plan *plan = cor_codec_plan(codec, schema);
	struct encoder encoder = {
		.buffer = buffer, .use = use, .root = schema, .fault = ret_fault
	};
	struct cor_row_set taken;
	size_t before = buffer->len;

	if (!plan || schema->media != COR_MEDIA_JSON)
		return -COR_ETABLE;
	if (cor_buffer_error(buffer) < 0)
		return cor_buffer_error(buffer);
	if (ret_fault)
		ret_fault->text[0] = '\0';
	cor_plan_select(plan, use, COR_FROM_BODY, COR_FROM_BODY, &taken);
	write_object(&encoder, plan, &taken, value, NULL);
	int rc = cor_buffer_error(buffer);
	if (rc < 0) {
		buffer->len = before;
		buffer->error = 0;
	}
	return rc;
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
