/* SPDX-License-Identifier: MIT */
#include "schema/row_text.h"

#include <coracle/error.h>

#include "base/timestamp.h"
#include "schema/bind.h"
#include "schema/encoder.h"
#include "schema/http_date.h"
#include "schema/value.h"

static int append_text(struct cor_buffer *buffer, struct cor_str text)
{
	if (text.len == 0)
		return 0;
	if (!text.data)
		return -COR_EINVALID;
	cor_buffer_append_str(buffer, text);
	return 1;
}

int cor_print_text(const struct cor_field *field, const void *at, struct cor_buffer *buffer)
{
	const char *text;

	(void)field;
	cor_member_get(at, &text);
	return append_text(buffer, cor_str(text));
}

int cor_print_str(const struct cor_field *field, const void *at, struct cor_buffer *buffer)
{
	struct cor_str text;

	(void)field;
	cor_member_get(at, &text);
	return append_text(buffer, text);
}

int cor_print_chars(const struct cor_field *field, const void *at, struct cor_buffer *buffer)
{
	const char *chars = at;

	return append_text(buffer, (struct cor_str){ chars, strnlen(chars, field->type.size) });
}

int cor_print_enum(const struct cor_field *field, const void *at, struct cor_buffer *buffer)
{
	uint32_t value;

	cor_member_get(at, &value);
	for (uint32_t i = 0; i < field->type.names_len; i++)
		if (field->type.names[i].value == value)
			return append_text(buffer, cor_str(field->type.names[i].name));
	return value == 0 && (field->presence & COR_OPTIONAL) ? 0 : -COR_EINVALID;
}

int cor_print_time(const struct cor_field *field, const void *at, struct cor_buffer *buffer)
{
	char text[COR_TIMESTAMP_BYTES];
	struct timespec time;

	(void)field;
	cor_member_get(at, &time);
	size_t len = cor_timestamp_print(&time, text);
	return len ? append_text(buffer, (struct cor_str){ text, len }) : -COR_EINVALID;
}

int cor_print_uuid(const struct cor_field *field, const void *at, struct cor_buffer *buffer)
{
	char text[COR_UUID_TEXT_BYTES];
	struct cor_uuid uuid;

	(void)field;
	cor_member_get(at, &uuid);
	cor_uuid_print(&uuid, text);
	return append_text(buffer, cor_str(text));
}

/* Of 64 bits, which JSON has in quotes. */
int cor_print_whole(const struct cor_field *field, const void *at, struct cor_buffer *buffer)
{
	struct cor_encoder encoder = { .buffer = buffer };

	if (cor_kind_facts(field->type.kind)->number == COR_NUMBER_INTEGER)
		cor_encode_int64(&encoder, NULL, at, NULL);
	else
		cor_encode_uint64(&encoder, NULL, at, NULL);
	return 1;
}

/* Booleans and numbers are in JSON what they are as text. */
static int append_value(const struct cor_field *field, const void *at, struct cor_buffer *buffer)
{
	const struct cor_kind_facts *facts = cor_kind_facts(field->type.kind);
	struct cor_encoder encoder = { .buffer = buffer };

	if (field->shape != COR_SHAPE_ONE || !cor_kind_is_scalar(field->type.kind))
		return -COR_EINVALID;
	if (cor_row_is_http_date(field, COR_USE_ANSWER))
		return cor_http_date_print(at, buffer);
	if (facts->print)
		return facts->print(field, at, buffer);
	facts->encode(&encoder, NULL, at, NULL);
	return 1;
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
