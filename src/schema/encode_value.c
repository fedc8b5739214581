/* SPDX-License-Identifier: MIT */
/* One member into one value of JSON text, by its kind. */
#include <string.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "base/timestamp.h"
#include "json/reader.h"
#include "json/writer.h"
#include "schema/encoder.h"
#include "schema/value.h"

void cor_encode_bool(struct cor_encoder *encoder, const struct cor_value_rule *rule, const void *at,
	const struct cor_step *step)
{
	bool value;

	(void)rule;
	(void)step;
	cor_member_get(at, &value);
	cor_json_write_bool(encoder->buffer, value);
}

void cor_encode_int32(struct cor_encoder *encoder, const struct cor_value_rule *rule,
	const void *at, const struct cor_step *step)
{
	int32_t value;

	(void)rule;
	(void)step;
	cor_member_get(at, &value);
	cor_json_write_int64(encoder->buffer, value);
}

void cor_encode_int64(struct cor_encoder *encoder, const struct cor_value_rule *rule,
	const void *at, const struct cor_step *step)
{
	int64_t value;

	(void)rule;
	(void)step;
	cor_member_get(at, &value);
	cor_json_write_int64(encoder->buffer, value);
}

void cor_encode_uint32(struct cor_encoder *encoder, const struct cor_value_rule *rule,
	const void *at, const struct cor_step *step)
{
	uint32_t value;

	(void)rule;
	(void)step;
	cor_member_get(at, &value);
	cor_json_write_uint64(encoder->buffer, value);
}

void cor_encode_uint64(struct cor_encoder *encoder, const struct cor_value_rule *rule,
	const void *at, const struct cor_step *step)
{
	uint64_t value;

	(void)rule;
	(void)step;
	cor_member_get(at, &value);
	cor_json_write_uint64(encoder->buffer, value);
}

void cor_encode_quoted_number(struct cor_encoder *encoder, const struct cor_value_rule *rule,
	const void *at, const struct cor_step *step)
{
	cor_buffer_byte(encoder->buffer, '"');
	if (rule->facts->number == COR_NUMBER_INTEGER)
		cor_encode_int64(encoder, rule, at, step);
	else
		cor_encode_uint64(encoder, rule, at, step);
	cor_buffer_byte(encoder->buffer, '"');
}

void cor_encode_double(struct cor_encoder *encoder, const struct cor_value_rule *rule,
	const void *at, const struct cor_step *step)
{
	double value;

	(void)rule;
	cor_member_get(at, &value);
	cor_json_write_double(encoder->buffer, value);
	if (cor_buffer_error(encoder->buffer) == -COR_EINVALID)
		cor_encoder_fail(
			encoder, -COR_EINVALID, step, "is NaN or infinite: JSON has neither");
}

static void write_text(
	struct cor_encoder *encoder, struct cor_str text, const struct cor_step *step)
{
	cor_json_write_string(encoder->buffer, text);
	if (cor_buffer_error(encoder->buffer) == -COR_EINVALID)
		cor_encoder_fail(encoder, -COR_EINVALID, step, "is not UTF-8");
}

void cor_encode_text(struct cor_encoder *encoder, const struct cor_value_rule *rule, const void *at,
	const struct cor_step *step)
{
	const char *string;

	(void)rule;
	cor_member_get(at, &string);
	if (string)
		write_text(encoder, cor_str(string), step);
	else
		cor_encoder_fail(encoder, -COR_EINVALID, step, "is required, but NULL");
}

void cor_encode_str(struct cor_encoder *encoder, const struct cor_value_rule *rule, const void *at,
	const struct cor_step *step)
{
	struct cor_str text;

	(void)rule;
	cor_member_get(at, &text);
	if (COR_UNLIKELY(!text.data && text.len != 0))
		cor_encoder_fail(encoder, -COR_EINVALID, step, "has a length, but no text");
	else
		write_text(encoder, text, step);
}

void cor_encode_chars(struct cor_encoder *encoder, const struct cor_value_rule *rule,
	const void *at, const struct cor_step *step)
{
	const char *chars = at;
	size_t len = strnlen(chars, rule->size);

	if (len == rule->size)
		cor_encoder_fail(encoder, -COR_EINVALID, step, "has no NUL at its end");
	else
		write_text(encoder, (struct cor_str){ chars, len }, step);
}

void cor_encode_time(struct cor_encoder *encoder, const struct cor_value_rule *rule, const void *at,
	const struct cor_step *step)
{
	struct timespec time;
	char *room = cor_buffer_reserve(encoder->buffer, COR_TIMESTAMP_BYTES + 2);

	(void)rule;
	if (!room)
		return;
	cor_member_get(at, &time);
	size_t len = cor_timestamp_print(&time, room + 1);
	if (len == 0) {
		cor_encoder_fail(
			encoder, -COR_EINVALID, step, "is not a time of the years 0000 to 9999");
		return;
	}
	room[0] = room[len + 1] = '"';
	encoder->buffer->len += len + 2;
}

void cor_encode_uuid(struct cor_encoder *encoder, const struct cor_value_rule *rule, const void *at,
	const struct cor_step *step)
{
	char text[COR_UUID_TEXT_BYTES + 1];
	struct cor_uuid uuid;

	(void)rule;
	(void)step;
	cor_member_get(at, &uuid);
	text[0] = '"';
	cor_uuid_print(&uuid, text + 1);
	text[COR_UUID_TEXT_BYTES] = '"';
	cor_buffer_append(encoder->buffer, text, sizeof text);
}

/* Its levels count on from those around it. */
static int check_raw(const struct cor_encoder *encoder, struct cor_str text)
{
	struct cor_json_reader reader;

	cor_json_reader_init(&reader, text, NULL, COR_JSON_OUTPUT_DEPTH_MAX);
	reader.depth = encoder->depth;
	int rc = cor_json_skip(&reader, NULL);
	return rc < 0 ? rc : cor_json_finish(&reader);
}

void cor_encode_raw(struct cor_encoder *encoder, const struct cor_value_rule *rule, const void *at,
	const struct cor_step *step)
{
	struct cor_json json;

	(void)rule;
	cor_member_get(at, &json);
	int rc = json.text.data ? check_raw(encoder, json.text) : -COR_EINVALID;
	if (rc == -COR_ETOOLARGE)
		cor_encoder_refuse_depth(encoder, step);
	else if (rc < 0)
		cor_encoder_fail(encoder, -COR_EINVALID, step, "is not well-formed JSON");
	else
		cor_buffer_append_str(encoder->buffer, json.text);
}

void cor_encode_enum(struct cor_encoder *encoder, const struct cor_value_rule *rule, const void *at,
	const struct cor_step *step)
{
	uint32_t value;

	cor_member_get(at, &value);
	const struct cor_enum_name *name = cor_enum_index_name(rule->names, value);
	if (name)
		cor_json_write_string(encoder->buffer, cor_str(name->name));
	else
		cor_encoder_fail(encoder, -COR_EINVALID, step, "has a value without a name");
}

void cor_encode_object(struct cor_encoder *encoder, const struct cor_value_rule *rule,
	const void *at, const struct cor_step *step)
{
	cor_encoder_object(encoder, rule->plan, &rule->plan->taken[encoder->use], at, step);
}

void cor_encode_bare(struct cor_encoder *encoder, const struct cor_value_rule *rule, const void *at,
	const struct cor_step *step)
{
	cor_encoder_bare_struct(encoder, rule->plan, at, step);
}

void cor_encode_pointer(struct cor_encoder *encoder, const struct cor_value_rule *rule,
	const void *at, const struct cor_step *step)
{
	const void *nested;

	cor_member_get(at, &nested);
	if (nested && rule->plan->bare)
		cor_encode_bare(encoder, rule, nested, step);
	else if (nested)
		cor_encode_object(encoder, rule, nested, step);
	else
		cor_encoder_fail(encoder, -COR_EINVALID, step, "is required, but NULL");
}
