/* SPDX-License-Identifier: MIT */
/* A type that functions of the service make of a string, and back. */
#include "schema/custom.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <coracle/error.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "base/violation_texts.h"
#include "json/writer.h"
#include "schema/copier.h"
#include "schema/decoder.h"
#include "schema/encoder.h"
#include "schema/value.h"

#define ROOM_BYTES 256 /* on the stack, for what is written: most texts are short */

/* Without the character that was cut at its end. */
static void end_cleanly(char *text)
{
	struct cor_str whole = cor_str(text);

	for (unsigned i = 0; i < 4 && whole.len != 0 && !cor_utf8_valid(whole); i++)
		whole.len--;
	text[cor_utf8_valid(whole) ? whole.len : 0] = '\0';
}

static void refuse(struct cor_conversion *conversion, const char *format, va_list args)
	COR_PRINTF(2, 0);
static void refuse(struct cor_conversion *conversion, const char *format, va_list args)
{
	vsnprintf(conversion->refusal, sizeof conversion->refusal, format, args);
	end_cleanly(conversion->refusal);
}

int cor_refuse(struct cor_conversion *conversion, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	refuse(conversion, format, args);
	va_end(args);
	conversion->refused = NULL;
	return -COR_EINVALID;
}

int cor_refuse_row(struct cor_conversion *conversion, const struct cor_schema *schema,
	size_t offset, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	refuse(conversion, format, args);
	va_end(args);
	conversion->refused = schema;
	conversion->refused_offset = offset;
	return -COR_EINVALID;
}

const char *cor_conversion_reason(const struct cor_conversion *conversion, const char *otherwise)
{
	return conversion->refusal[0] ? conversion->refusal : otherwise;
}

bool cor_bytes_are_zero(const void *at, size_t len)
{
	const char *bytes = at;

	return bytes[0] == 0 && memcmp(bytes, bytes + 1, len - 1) == 0;
}

/* --- reading --- */

int cor_value_custom(const struct cor_report *report, const struct cor_value_rule *rule, void *at,
	struct cor_str text, const struct cor_step *step)
{
	const struct cor_text_kind *kind = rule->text_kind;
	struct cor_conversion conversion = { .arena = report->arena };

	if (cor_value_has_nul(report, rule, text, step) ||
		(rule->is_limited && !cor_value_limits_hold(report, rule, text, step)))
		return 0;
	text.data = cor_arena_copy(report->arena, text.data, text.len);
	if (!text.data)
		return -ENOMEM;
	memset(at, 0, rule->size);
	int rc = kind->read(&conversion, text, at);
	if (rc == -ENOMEM)
		return rc;
	if (rc < 0 && kind->noun && !conversion.refusal[0])
		cor_report(report, step, COR_SAYS_FORM, kind->noun);
	else if (rc < 0)
		cor_report(
			report, step, "%s", cor_conversion_reason(&conversion, COR_SAYS_INVALID));
	return 0;
}

/* --- writing --- */

/* Its text, of which the conversion's arena or the service has the memory. */
static int write_text(struct cor_conversion *conversion, const struct cor_text_kind *kind,
	const void *at, struct cor_str *ret)
{
	*ret = (struct cor_str){ 0 };
	int rc = kind->write(conversion, at, ret);
	if (rc < 0 && rc != -ENOMEM)
		return -COR_EINVALID;
	return rc == 0 && !ret->data && ret->len != 0 ? -COR_EINVALID : rc;
}

void cor_encode_custom(struct cor_encoder *encoder, const struct cor_value_rule *rule,
	const void *at, const struct cor_step *step)
{
	char room[ROOM_BYTES] __attribute__((aligned(16)));
	struct cor_arena scratch;
	struct cor_conversion conversion = { .arena = &scratch };
	struct cor_str text;

	cor_arena_init(&scratch, room, sizeof room, 0);
	int rc = write_text(&conversion, rule->text_kind, at, &text);
	if (rc < 0) {
		cor_encoder_fail(encoder, rc, step,
			cor_conversion_reason(&conversion, "cannot be written as text"));
	} else {
		cor_json_write_string(encoder->buffer, text);
		if (cor_buffer_error(encoder->buffer) == -COR_EINVALID)
			cor_encoder_fail(encoder, -COR_EINVALID, step, "is not UTF-8");
	}
	cor_arena_finish(&scratch);
}

int cor_print_custom(const struct cor_field *field, const void *at, struct cor_buffer *buffer)
{
	char room[ROOM_BYTES] __attribute__((aligned(16)));
	struct cor_arena scratch;
	struct cor_conversion conversion = { .arena = &scratch };
	struct cor_str text;

	cor_arena_init(&scratch, room, sizeof room, 0);
	int rc = write_text(&conversion, field->type.text_kind, at, &text);
	if (rc == 0 && !cor_utf8_valid(text))
		rc = -COR_EINVALID;
	if (rc == 0)
		cor_buffer_append_str(buffer, text);
	rc = rc < 0 ? rc : text.len != 0;
	cor_arena_finish(&scratch);
	return rc;
}

/* --- copies --- */

static int copy_by_text(
	struct cor_copier *copier, const struct cor_type *type, void *at, struct cor_arena *scratch)
{
	struct cor_conversion from = { .arena = scratch }, to = { .arena = copier->arena };
	void *copy = cor_arena_zalloc(scratch, type->size);
	struct cor_str text;

	if (!copy)
		return -ENOMEM;
	int rc = write_text(&from, type->text_kind, at, &text);
	if (rc < 0)
		return rc;
	text.data = cor_arena_copy(copier->arena, text.data, text.len);
	if (!text.data)
		return -ENOMEM;
	rc = type->text_kind->read(&to, text, copy);
	if (rc == 0)
		memcpy(at, copy, type->size);
	return rc < 0 && rc != -ENOMEM ? -COR_EINVALID : rc;
}

/* What pointers it has nobody knows: only its own functions can follow them. */
int cor_copy_custom(struct cor_copier *copier, const struct cor_field *field, void *at)
{
	struct cor_arena scratch;

	if (field->type.text_kind->is_flat || cor_bytes_are_zero(at, field->type.size))
		return 0;
	if (copier->foreign)
		return -COR_EINVALID;
	cor_arena_init(&scratch, NULL, 0, 0);
	int rc = copy_by_text(copier, &field->type, at, &scratch);
	cor_arena_finish(&scratch);
	return rc;
}
