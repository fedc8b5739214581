/* SPDX-License-Identifier: MIT */
#include "schema/path.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "base/violation_texts.h"

#define WHERE_BYTES  1024
#define DETAIL_BYTES 600 /* with its marks */
#define KEY_BYTES    128 /* an unknown key may be as long as the body: more of it helps nobody */

/* Text that was cut may end inside a character: drop its beginning. */
static void trim_character(char *text, size_t len)
{
	size_t back = 0;

	while (back < len && back < 3 && cor_utf8_is_continuation(text[len - 1 - back]))
		back++;
	if (back == len)
		return;
	char *lead = text + len - 1 - back;
	if ((uint8_t)*lead >= 0x80 && cor_utf8_sequence(lead, text + len) != back + 1)
		*lead = '\0';
}

struct sink {
	char *text;
	size_t len;
	size_t bytes;
};

static void put(struct sink *sink, const char *data, size_t len)
{
	size_t room = sink->bytes - 1 - sink->len;

	if (len > room)
		len = room;
	memcpy(sink->text + sink->len, data, len);
	sink->len += len;
}

static size_t whole_characters(struct cor_str key, size_t len)
{
	while (len > 0 && cor_utf8_is_continuation(key.data[len]))
		len--;
	return len;
}

/* RFC 6901 section 3: "~" is "~0", "/" is "~1". NUL cannot stand in a C string. */
static void put_key(struct sink *sink, struct cor_str key, bool plain)
{
	bool cut = key.len > KEY_BYTES;
	size_t len = cut ? whole_characters(key, KEY_BYTES) : key.len;

	for (size_t i = 0; i < len; i++) {
		char c = key.data[i];
		if (c == '\0')
			put(sink, "\xef\xbf\xbd", 3);
		else if (c == '~' && !plain)
			put(sink, "~0", 2);
		else if (c == '/' && !plain)
			put(sink, "~1", 2);
		else
			put(sink, &c, 1);
	}
	if (cut)
		put(sink, "...", 3);
}

static void put_step(struct sink *sink, const struct cor_step *step, bool plain)
{
	if (step->outer)
		put_step(sink, step->outer, plain);
	if (!plain)
		put(sink, "/", 1);
	if (step->key.data) {
		put_key(sink, step->key, plain);
	} else if (!plain) {
		char digits[24];
		int len = snprintf(digits, sizeof digits, "%zu", step->index);
		put(sink, digits, len > 0 ? (size_t)len : 0);
	}
}

size_t cor_step_print(const struct cor_step *step, bool plain, char *text, size_t bytes)
{
	struct sink sink = { .text = text, .bytes = bytes };

	if (step)
		put_step(&sink, step, plain);
	text[sink.len] = '\0';
	if (sink.len == bytes - 1)
		trim_character(text, sink.len);
	return strlen(text);
}

void cor_report(
	const struct cor_report *report, const struct cor_step *step, const char *format, ...)
{
	char where[WHERE_BYTES];
	char detail[DETAIL_BYTES];
	va_list args;

	if (report->violations->count >= COR_VIOLATIONS_MAX) {
		report->violations->count++;
		return;
	}
	va_start(args, format);
	int len = vsnprintf(detail, sizeof detail, format, args);
	va_end(args);
	if (len >= (int)sizeof detail)
		trim_character(detail, sizeof detail - 1);
	size_t where_len = cor_step_print(step, report->plain, where, sizeof where);
	cor_violate_saying(report->violations, report->arena, report->in,
		(struct cor_str){ where, where_len }, detail);
}
