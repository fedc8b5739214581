/* SPDX-License-Identifier: MIT */
#include "schema/row_text.h"

#include <stdio.h>

#include <coracle/error.h>
#include <coracle/upload.h>

#include "base/timestamp.h"
#include "schema/bind.h"
#include "schema/describe.h"
#include "schema/encoder.h"
#include "schema/http_date.h"
#include "schema/value.h"
#include "schema/walk.h"

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
static int append_value(
	const struct cor_field *field, enum cor_use use, const void *at, struct cor_buffer *buffer)
{
	const struct cor_kind_facts *facts = cor_kind_facts(field->type.kind);
	struct cor_encoder encoder = { .buffer = buffer };

	if (field->shape != COR_SHAPE_ONE || !cor_kind_is_scalar(field->type.kind))
		return -COR_EINVALID;
	if (cor_row_is_http_date(field, use))
		return cor_http_date_print(at, buffer);
	if (facts->print)
		return facts->print(field, at, buffer);
	facts->encode(&encoder, NULL, at, NULL);
	return 1;
}

/* A value of which no half is left in the buffer. */
static int append_whole(
	const struct cor_field *field, enum cor_use use, const void *at, struct cor_buffer *buffer)
{
	size_t before = buffer->len;

	if (cor_buffer_error(buffer) < 0)
		return cor_buffer_error(buffer);
	int rc = append_value(field, use, at, buffer);
	if (cor_buffer_error(buffer) < 0) {
		rc = cor_buffer_error(buffer);
		buffer->len = before;
		buffer->error = 0;
	}
	return rc;
}

static bool is_there(const struct cor_field *field, const char *base)
{
	enum cor_opt_state state = COR_SET;

	if (field->is_opt)
		cor_member_get(base + field->state_offset, &state);
	return state == COR_SET;
}

int cor_row_text(const struct cor_field *field, const void *value, struct cor_buffer *buffer)
{
	const char *base = value;

	return is_there(field, base)
		       ? append_whole(field, COR_USE_ANSWER, base + field->offset, buffer)
		       : 0;
}

/* --- rows as pairs --- */

struct pairs {
	const struct cor_schema *schema;
	cor_pair_taker *take;
	void *arg;
	struct cor_buffer text;
	struct cor_encode_fault *fault;
};

static int refuse_row(struct pairs *pairs, const struct cor_field *field)
{
	snprintf(pairs->fault->text, sizeof pairs->fault->text, "%s: %s %s", pairs->schema->symbol,
		cor_row_key(field),
		cor_row_is_file(field)
			? "is not a file: its .name is NULL"
			: "has no text: it is not a number, not a name of its enum, or not text");
	return -COR_EINVALID;
}

static int write_file(struct pairs *pairs, const struct cor_field *field, const void *at)
{
	const struct cor_upload *file = at;

	if (!file->name)
		return cor_row_is_required(field) ? refuse_row(pairs, field) : 0;
	return pairs->take(pairs->arg, field,
		&(const struct cor_bind_pair){ cor_str(cor_row_key(field)), { "", 0 }, file });
}

/* A required text that is empty is sent as such. */
static int write_one(struct pairs *pairs, const struct cor_field *field, const void *at)
{
	if (cor_row_is_file(field))
		return write_file(pairs, field, at);
	pairs->text.len = 0;
	int rc = append_whole(field, COR_USE_REQUEST, at, &pairs->text);
	if (rc == -COR_EINVALID)
		return refuse_row(pairs, field);
	if (rc < 0 || (rc == 0 && !cor_row_is_required(field)))
		return rc;
	const struct cor_str text = { pairs->text.data ? pairs->text.data : "", pairs->text.len };
	return pairs->take(pairs->arg, field,
		&(const struct cor_bind_pair){ cor_str(cor_row_key(field)), text, NULL });
}

static int write_items(struct pairs *pairs, const struct cor_field *field, const void *at)
{
	struct cor_field item = *field;
	struct cor_array_value array;
	int rc = 0;

	item.shape = COR_SHAPE_ONE;
	item.presence = 0; /* an empty item is one */
	cor_member_get(at, &array);
	if (array.len && !array.items)
		return refuse_row(pairs, field);
	for (size_t i = 0; rc == 0 && i < array.len; i++)
		rc = write_one(pairs, &item, (const char *)array.items + i * field->type.size);
	return rc;
}

static bool is_given(const struct cor_field *field, const char *base)
{
	const struct cor_given *given = (const void *)(base + field->given_offset);

	return !field->is_partial ||
	       (given->rows[field->given_row / 64] >> field->given_row % 64 & 1) != 0;
}

int cor_rows_to_pairs(const struct cor_schema *schema, enum cor_from source,
	enum cor_from default_from, const void *value, cor_pair_taker *take, void *arg,
	struct cor_encode_fault *ret_fault)
{
	struct pairs pairs = { schema, take, arg, { 0 }, ret_fault };
	const char *base = value;
	struct cor_rows rows;
	int rc = 0;

	for (const struct cor_field *field = cor_rows_first(&rows, schema); rc == 0 && field;
		field = cor_rows_next(&rows)) {
		if (field->access == COR_READ_ONLY || field->computed ||
			cor_row_source(field, default_from) != source || !is_given(field, base) ||
			!is_there(field, base))
			continue;
		rc = field->shape == COR_SHAPE_ARRAY
			     ? write_items(&pairs, field, base + field->offset)
			     : write_one(&pairs, field, base + field->offset);
	}
	cor_buffer_finish(&pairs.text);
	return rc;
}
