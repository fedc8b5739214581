/* SPDX-License-Identifier: MIT */
#include "schema/put.h"

#include <string.h>

#include "base/compiler.h"
#include "base/number.h"
#include "base/timestamp.h"
#include "json/plain.h"
#include "json/writer.h"
#include "schema/plan.h"
#include "schema/value.h"

_Static_assert(COR_PUT_BYTES >= COR_NUMBER_BYTES, "room for a number");
_Static_assert(COR_PUT_BYTES >= COR_TIMESTAMP_BYTES, "room for a time");
_Static_assert(COR_PUT_BYTES > COR_UUID_TEXT_BYTES, "room for a UUID and its NUL");

static COR_OUT_OF_LINE char *grow(struct cor_put_target *put, const char *out, size_t bytes)
{
	struct cor_buffer *buffer = put->buffer;

	buffer->len = (size_t)(out - buffer->data);
	if (!cor_buffer_can_have(buffer, bytes))
		return NULL;
	put->end = buffer->data + buffer->capacity;
	return buffer->data + buffer->len;
}

/* Where `out` is, once so many bytes are free there; NULL: they cannot be had. */
static inline char *have(struct cor_put_target *put, char *out, size_t bytes)
{
	return COR_LIKELY((size_t)(put->end - out) >= bytes) ? out : grow(put, out, bytes);
}

char *cor_put_bool(
	struct cor_put_target *put, const struct cor_put_step *step, const void *at, char *out)
{
	bool value;

	(void)put;
	(void)step;
	cor_member_get(at, &value);
	memcpy(out, value ? "true" : "false", 5);
	return out + (value ? 4 : 5);
}

char *cor_put_int32(
	struct cor_put_target *put, const struct cor_put_step *step, const void *at, char *out)
{
	int32_t value;

	(void)put;
	(void)step;
	cor_member_get(at, &value);
	return out + cor_number_print_int64(value, out);
}

char *cor_put_int64(
	struct cor_put_target *put, const struct cor_put_step *step, const void *at, char *out)
{
	int64_t value;

	(void)put;
	(void)step;
	cor_member_get(at, &value);
	return out + cor_number_print_int64(value, out);
}

char *cor_put_uint32(
	struct cor_put_target *put, const struct cor_put_step *step, const void *at, char *out)
{
	uint32_t value;

	(void)put;
	(void)step;
	cor_member_get(at, &value);
	return out + cor_number_print_uint64(value, out);
}

char *cor_put_uint64(
	struct cor_put_target *put, const struct cor_put_step *step, const void *at, char *out)
{
	uint64_t value;

	(void)put;
	(void)step;
	cor_member_get(at, &value);
	return out + cor_number_print_uint64(value, out);
}

char *cor_put_double(
	struct cor_put_target *put, const struct cor_put_step *step, const void *at, char *out)
{
	double value;

	(void)put;
	(void)step;
	cor_member_get(at, &value);
	size_t len = cor_number_print_double(value, out);
	return len != 0 ? out + len : NULL;
}

/* What is not plain throughout: escaped, or seen to be UTF-8. If it is not, nobody is told here. */
static COR_OUT_OF_LINE char *put_odd(struct cor_put_target *put, const struct cor_put_step *step,
	const char *out, struct cor_str text)
{
	struct cor_buffer *buffer = put->buffer;

	buffer->len = (size_t)(out - buffer->data);
	cor_json_write_odd(buffer, text);
	if (cor_buffer_error(buffer) < 0) {
		if (cor_buffer_error(buffer) != -ENOMEM)
			buffer->error = 0;
		return NULL;
	}
	put->end = buffer->data + buffer->capacity;
	return have(put, buffer->data + buffer->len, step->room);
}

static inline char *put_string(
	struct cor_put_target *put, const struct cor_put_step *step, char *out, struct cor_str text)
{
	out = have(put, out, text.len + step->room);
	if (COR_UNLIKELY(!out))
		return NULL;
	if (COR_UNLIKELY(!cor_json_copy_plain(out, text.data, text.len)))
		return put_odd(put, step, out, text);
	return out + text.len;
}

char *cor_put_text(
	struct cor_put_target *put, const struct cor_put_step *step, const void *at, char *out)
{
	const char *text;

	cor_member_get(at, &text);
	return text ? put_string(put, step, out, (struct cor_str){ text, strlen(text) }) : NULL;
}

char *cor_put_str(
	struct cor_put_target *put, const struct cor_put_step *step, const void *at, char *out)
{
	struct cor_str text;

	cor_member_get(at, &text);
	return text.data ? put_string(put, step, out, text) : NULL;
}

char *cor_put_chars(
	struct cor_put_target *put, const struct cor_put_step *step, const void *at, char *out)
{
	size_t len = strnlen(at, step->rule->size);

	if (len == step->rule->size)
		return NULL;
	return put_string(put, step, out, (struct cor_str){ at, len });
}

char *cor_put_time(
	struct cor_put_target *put, const struct cor_put_step *step, const void *at, char *out)
{
	struct timespec time;

	(void)put;
	(void)step;
	cor_member_get(at, &time);
	size_t len = cor_timestamp_print(&time, out);
	return len != 0 ? out + len : NULL;
}

char *cor_put_uuid(
	struct cor_put_target *put, const struct cor_put_step *step, const void *at, char *out)
{
	struct cor_uuid uuid;

	(void)put;
	(void)step;
	cor_member_get(at, &uuid);
	cor_uuid_print(&uuid, out);
	return out + COR_UUID_TEXT_BYTES - 1;
}

char *cor_put_enum(
	struct cor_put_target *put, const struct cor_put_step *step, const void *at, char *out)
{
	const struct cor_enum_index *names = step->rule->names;
	uint32_t value;

	cor_member_get(at, &value);
	const struct cor_enum_name *name = cor_enum_index_name(names, value);
	return name ? put_string(put, step, out, names->names.keys[name - names->table]) : NULL;
}

/* All of an array. The comma behind its last item becomes the bracket. */
COR_IN_LINE char *put_all(struct cor_put_target *put, const struct cor_put_step *step,
	const struct cor_array_value *array, char *out, cor_put_value *put_number, size_t bytes)
{
	const struct cor_put_program *inner = step->inner;
	const char *item = array->items, *end = item + array->len * bytes;

	for (; item < end; item += bytes) {
		out = have(put, out, inner->room);
		if (out)
			out = put_number(put, inner->steps, item, out);
		if (!out)
			return NULL;
		*out++ = ',';
	}
	out[-1] = ']';
	return have(put, out, step->room);
}

/* Doubles, of which there may be many, without a call by pointer. */
static inline char *put_numbers(struct cor_put_target *put, const struct cor_put_step *step,
	const struct cor_array_value *array, char *out)
{
	cor_put_value *put_number = step->rule->facts->put;

	if (put_number == cor_put_double)
		return put_all(put, step, array, out, cor_put_double, sizeof(double));
	return put_all(put, step, array, out, put_number, step->rule->size);
}

/* An array that is being written. */
struct frame {
	const struct cor_put_step *items; /* the step that has begun it */
	const char *base;                 /* of what it is in */
	const char *end;                  /* of its items */
};

/*
 * One item behind the other, but numbers at once. *out is NULL where that cannot be. Returns the
 * step before the next one.
 */
COR_IN_LINE const struct cor_put_step *begin_array(struct cor_put_target *put,
	const struct cor_put_step *step, struct frame **frame, const char **base, const char *at,
	char **out)
{
	struct cor_array_value array;

	cor_member_get(at, &array);
	if (array.len == 0) {
		**out = ']';
		*out = have(put, *out + 1, step->room);
	} else if (!array.items) {
		*out = NULL;
	} else if (step->action == COR_PUT_NUMBERS) {
		*out = put_numbers(put, step, &array, *out);
	} else {
		*++*frame = (struct frame){ step, *base,
			(const char *)array.items + array.len * step->rule->size };
		*base = array.items;
		*out = have(put, *out, step->inner->room);
		return step->inner->steps - 1;
	}
	return step;
}

/* The same steps for the next item, or what stands behind the array, whose last comma goes. */
COR_IN_LINE const struct cor_put_step *next_item(struct cor_put_target *put,
	const struct cor_put_step *step, struct frame **frame, const char **base, const char *next,
	char **out)
{
	const struct frame *array = *frame;

	/* begin_array() has filled it in: NOLINTBEGIN(*analyzer-*) */
	if (next != array->end) {
		*base = next;
		*out = have(put, *out, step->room);
		return array->items->inner->steps - 1;
	}
	(*out)[-1] = ']';
	*out = have(put, *out, array->items->room);
	*base = array->base;
	/* NOLINTEND(*analyzer-*) */
	--*frame;
	return array->items;
}

static char *run(
	struct cor_put_target *put, const struct cor_put_step *step, const char *base, char *out)
{
	struct frame frames[COR_PUT_DEPTH + 1], *frame = frames;

	for (; out; step++) {
		const char *at = base + step->offset;
		memcpy(out, step->text, COR_PUT_TEXT_BYTES);
		out += step->len;
		switch ((enum cor_put_action)step->action) {
		case COR_PUT_NOTHING:
			continue;
		case COR_PUT_BOOL:
			out = cor_put_bool(put, step, at, out);
			continue;
		case COR_PUT_INT32:
			out = cor_put_int32(put, step, at, out);
			continue;
		case COR_PUT_INT64:
			out = cor_put_int64(put, step, at, out);
			continue;
		case COR_PUT_DOUBLE:
			out = cor_put_double(put, step, at, out);
			continue;
		case COR_PUT_TEXT:
			out = cor_put_text(put, step, at, out);
			continue;
		case COR_PUT_TIME:
			out = cor_put_time(put, step, at, out);
			continue;
		case COR_PUT_NAME:
			out = cor_put_enum(put, step, at, out);
			continue;
		case COR_PUT_OTHER:
			out = step->rule->facts->put(put, step, at, out);
			continue;
		case COR_PUT_NUMBERS:
		case COR_PUT_ITEMS:
			step = begin_array(put, step, &frame, &base, at, &out);
			continue;
		case COR_PUT_NEXT:
			step = next_item(put, step, &frame, &base, at, &out);
			continue;
		case COR_PUT_END:
			return out;
		default:
			__builtin_unreachable(); /* hence no check of its bounds */
		}
	}
	return NULL;
}

bool cor_put_append(
	const struct cor_put_program *program, const void *base, struct cor_buffer *buffer)
{
	struct cor_put_target put = { buffer, buffer->data + buffer->capacity };
	size_t before = buffer->len;
	char *out = have(&put, buffer->data + before, program->room);

	if (out)
		out = run(&put, program->steps, base, out);
	buffer->len = out ? (size_t)(out - buffer->data) : before;
	return out != NULL;
}
