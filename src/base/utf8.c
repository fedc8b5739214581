/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"

#include <string.h>

#define EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (value))

static uint64_t load8(const char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof word);
	return word;
}

static const char *pass_ascii(const char *at, const char *end)
{
	while (end - at >= 8 && (load8(at) & EACH_BYTE(0x80)) == 0)
		at += 8;
	while (at < end && (unsigned char)*at < 0x80)
		at++;
	return at;
}

size_t cor_utf8_ascii_prefix(struct cor_str text)
{
	if (text.len == 0)
		return 0;
	return (size_t)(pass_ascii(text.data, text.data + text.len) - text.data);
}

bool cor_utf8_valid(struct cor_str text)
{
	if (text.len == 0)
		return true;

	const char *end = text.data + text.len;
	const char *at = pass_ascii(text.data, end);
	while (at < end) {
		unsigned len = cor_utf8_sequence(at, end);
		if (len == 0)
			return false;
		at += len;
		if (at < end && (unsigned char)*at < 0x80)
			at = pass_ascii(at, end);
	}
	return true;
}

/* How many of the eight bytes are 10xxxxxx. */
static unsigned continuations(uint64_t word)
{
	uint64_t marks = (word >> 7) & ~(word >> 6) & EACH_BYTE(1);

	return (unsigned)((marks * EACH_BYTE(1)) >> 56);
}

size_t cor_utf8_count(struct cor_str text)
{
	size_t count = text.len;
	size_t i = 0;

	for (; text.len - i >= 8; i += 8)
		count -= continuations(load8(text.data + i));
	for (; i < text.len; i++)
		count -= cor_utf8_is_continuation(text.data[i]);
	return count;
}

static char continuation(uint32_t code_point, unsigned shift)
{
	return (char)(0x80 | ((code_point >> shift) & 0x3f));
}

unsigned cor_utf8_encode(uint32_t code_point, char out[4])
{
	if (code_point < 0x80) {
		out[0] = (char)code_point;
		return 1;
	}
	if (code_point < 0x800) {
		out[0] = (char)(0xc0 | code_point >> 6);
		out[1] = continuation(code_point, 0);
		return 2;
	}
	if (code_point < 0x10000) {
		out[0] = (char)(0xe0 | code_point >> 12);
		out[1] = continuation(code_point, 6);
		out[2] = continuation(code_point, 0);
		return 3;
	}
	out[0] = (char)(0xf0 | code_point >> 18);
	out[1] = continuation(code_point, 12);
	out[2] = continuation(code_point, 6);
	out[3] = continuation(code_point, 0);
	return 4;
}

void cor_utf8_mend(char *text, size_t len)
{
	for (char *at = text, *end = text + len; at < end;) {
		bool is_ascii = (unsigned char)*at < 0x80;
		unsigned bytes = is_ascii ? 1 : cor_utf8_sequence(at, end);
		if (bytes == 0 || *at == '\0')
			*at = '?';
		at += bytes ? bytes : 1;
	}
}
