/* SPDX-License-Identifier: MIT */
#include "schema/upload.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <coracle/error.h>

#include "base/violation_texts.h"
#include "schema/bind.h"
#include "schema/copier.h"
#include "schema/decoder.h"
#include "schema/encoder.h"
#include "schema/value.h"

int cor_decode_upload(struct cor_decoder *decoder, const struct cor_row *row, void *at,
	const struct cor_step *step)
{
	(void)row;
	(void)at;
	cor_report(&decoder->report, step, COR_SAYS_FILE);
	return cor_json_skip(&decoder->reader, NULL);
}

void cor_encode_upload(struct cor_encoder *encoder, const struct cor_value_rule *rule,
	const void *at, const struct cor_step *step)
{
	(void)rule;
	(void)at;
	cor_encoder_fail(encoder, -COR_EINVALID, step, "is a file, which has no JSON");
}

bool cor_value_is_no_upload(const struct cor_value_rule *rule, const void *at)
{
	struct cor_upload upload;

	(void)rule;
	cor_member_get(at, &upload);
	return !upload.name;
}

static int copy_texts(struct cor_copier *copier, struct cor_upload *upload)
{
	upload->name = cor_arena_strdup(copier->arena, upload->name);
	upload->type = cor_arena_strdup(copier->arena, upload->type ? upload->type : "");
	upload->bytes = cor_arena_copy(copier->arena, upload->bytes, (size_t)upload->size);
	return upload->name && upload->type && upload->bytes ? 0 : -ENOMEM;
}

/* A descriptor belongs to its ctx. Foreign memory has none: see cor_copy_obstacle(). */
int cor_copy_upload(struct cor_copier *copier, const struct cor_field *field, void *at)
{
	struct cor_upload upload;

	(void)field;
	cor_member_get(at, &upload);
	if (!upload.name)
		return 0;
	if (!upload.bytes || copier->foreign)
		return -EOPNOTSUPP;
	int rc = copy_texts(copier, &upload);
	if (rc == 0)
		cor_member_put(at, upload);
	return rc;
}

/* --- the media types of a row --- */

static struct cor_str trim(struct cor_str text)
{
	while (text.len > 0 && text.data[0] == ' ') {
		text.data++;
		text.len--;
	}
	while (text.len > 0 && text.data[text.len - 1] == ' ')
		text.len--;
	return text;
}

/* The next of the list; false: there is none. */
static bool next_type(struct cor_str *rest, struct cor_str *ret)
{
	if (!rest->data)
		return false;
	const char *comma = memchr(rest->data, ',', rest->len);
	size_t len = comma ? (size_t)(comma - rest->data) : rest->len;

	*ret = trim((struct cor_str){ rest->data, len });
	*rest = comma ? (struct cor_str){ comma + 1, rest->len - len - 1 }
		      : (struct cor_str){ NULL, 0 };
	return true;
}

static bool is_half(struct cor_str text)
{
	static const char specials[] = "!#$&^_.+-";

	for (size_t i = 0; i < text.len; i++) {
		char byte = text.data[i];
		if (!(byte >= 'a' && byte <= 'z') && !(byte >= '0' && byte <= '9') &&
			!memchr(specials, byte, sizeof specials - 1))
			return false;
	}
	return text.len > 0;
}

static bool is_type(struct cor_str text)
{
	const char *slash = memchr(text.data, '/', text.len);
	size_t len = slash ? (size_t)(slash - text.data) : 0;

	if (!slash || !is_half((struct cor_str){ text.data, len }))
		return false;
	struct cor_str rest = { slash + 1, text.len - len - 1 };
	return is_half(rest) || cor_str_equal(rest, COR_STR("*"));
}

bool cor_media_types_are_good(const char *list)
{
	struct cor_str rest = cor_str(list), type;
	bool is_good = true;

	while (is_good && next_type(&rest, &type))
		is_good = is_type(type);
	return is_good;
}

static bool allows(struct cor_str wanted, struct cor_str type)
{
	if (wanted.data[wanted.len - 1] != '*')
		return cor_str_equal(wanted, type);
	return type.len >= wanted.len && memcmp(type.data, wanted.data, wanted.len - 1) == 0;
}

bool cor_media_types_allow(const char *list, const char *type)
{
	struct cor_str rest = cor_str(list ? list : ""), wanted = { "", 0 };
	bool is_allowed = !list;

	while (!is_allowed && next_type(&rest, &wanted))
		is_allowed = allows(wanted, cor_str(type ? type : ""));
	return is_allowed;
}

/* --- storing --- */

void cor_upload_store(const struct cor_report *report, const struct cor_value_rule *rule, void *at,
	const struct cor_upload *file, const struct cor_step *step)
{
	if (!file)
		cor_report(report, step, COR_SAYS_FILE);
	else if (!cor_media_types_allow(rule->media_types, file->type))
		cor_report(report, step, COR_SAYS_MEDIA_TYPE, rule->media_types, file->type);
	else if (rule->max_bytes != 0 && file->size > rule->max_bytes)
		cor_report(report, step, COR_SAYS_MAX_BYTES, rule->max_bytes,
			rule->max_bytes == 1 ? "" : "s");
	else
		cor_member_put(at, *file);
}
