/* SPDX-License-Identifier: MIT */
#include <coracle/error.h>

#include "base/timestamp.h"
#include "json/writer.h"
#include "schema/bind.h"
#include "schema/value.h"

static int append_text(struct cor_buffer *buffer, struct cor_str text)
{
	if (text.len == 0)
		return 0;
	cor_buffer_append_str(buffer, text);
	return 1;
}

static int append_string(const struct cor_field *field, const void *at, struct cor_buffer *buffer)
{
	const char *chars = at;
	struct cor_str text;

	if (field->kind == COR_KIND_CHARS)
		return append_text(buffer, (struct cor_str){ chars, strnlen(chars, field->size) });
	if (field->kind == COR_KIND_STR) {
		cor_member_get(at, &text);
		return append_text(buffer, text);
	}
	cor_member_get(at, &chars);
	return append_text(buffer, cor_str(chars));
}

static int append_enum(const struct cor_field *field, const void *at, struct cor_buffer *buffer)
{
	uint32_t value;

	cor_member_get(at, &value);
	for (uint32_t i = 0; i < field->names_len; i++)
		if (field->names[i].value == value)
			return append_text(buffer, cor_str(field->names[i].name));
	return value == 0 && (field->presence & COR_OPTIONAL) ? 0 : -COR_EINVALID;
}

static int append_number(const struct cor_field *field, const void *at, struct cor_buffer *buffer)
{
	union {
		int32_t i32;
		uint32_t u32;
		int64_t i64;
		uint64_t u64;
		double real;
	} value;

	if (field->kind == COR_KIND_INT32) {
		cor_member_get(at, &value.i32);
		cor_json_write_int64(buffer, value.i32);
	} else if (field->kind == COR_KIND_UINT32) {
		cor_member_get(at, &value.u32);
		cor_json_write_uint64(buffer, value.u32);
	} else if (field->kind == COR_KIND_INT64) {
		cor_member_get(at, &value.i64);
		cor_json_write_int64(buffer, value.i64);
	} else if (field->kind == COR_KIND_UINT64) {
		cor_member_get(at, &value.u64);
		cor_json_write_uint64(buffer, value.u64);
	} else {
		cor_member_get(at, &value.real);
		cor_json_write_double(buffer, value.real);
	}
	return 1;
}

static int append_bool(const void *at, struct cor_buffer *buffer)
{
	bool value;

	cor_member_get(at, &value);
	cor_json_write_bool(buffer, value);
	return 1;
}

static int append_timestamp(const void *at, struct cor_buffer *buffer)
{
	char text[COR_TIMESTAMP_BYTES];
	struct timespec time;

	cor_member_get(at, &time);
	size_t len = cor_timestamp_print(&time, text);
	return len ? append_text(buffer, (struct cor_str){ text, len }) : -COR_EINVALID;
}

static int append_uuid(const void *at, struct cor_buffer *buffer)
{
	char text[COR_UUID_TEXT_BYTES];
	struct cor_uuid uuid;

	cor_member_get(at, &uuid);
	cor_uuid_print(&uuid, text);
	return append_text(buffer, cor_str(text));
}

static int append_value(const struct cor_field *field, const void *at, struct cor_buffer *buffer)
{
	switch (field->kind) {
	case COR_KIND_BOOL:
		return append_bool(at, buffer);
	case COR_KIND_INT32:
	case COR_KIND_INT64:
	case COR_KIND_UINT32:
	case COR_KIND_UINT64:
	case COR_KIND_DOUBLE:
		return append_number(field, at, buffer);
	case COR_KIND_TEXT:
	case COR_KIND_STR:
	case COR_KIND_CHARS:
		return append_string(field, at, buffer);
	case COR_KIND_TIMESTAMP:
		return append_timestamp(at, buffer);
	case COR_KIND_UUID:
		return append_uuid(at, buffer);
	case COR_KIND_ENUM:
		return append_enum(field, at, buffer);
	default:
		return -COR_EINVALID;
	}
}

int cor_row_text(const struct cor_field *field, const void *value, struct cor_buffer *buffer)
{
	const char *base = value;
	enum cor_opt_state state;
	size_t before = buffer->len;

	if (cor_buffer_error(buffer) < 0)
		return cor_buffer_error(buffer);
	if (field->is_opt) {
		cor_member_get(base + field->state_offset, &state);
		if (state != COR_SET)
			return 0;
	}
	int rc = append_value(field, base + field->offset, buffer);
	if (cor_buffer_error(buffer) < 0) {
		rc = cor_buffer_error(buffer);
		buffer->len = before;
		buffer->error = 0;
	}
	return rc;
}
