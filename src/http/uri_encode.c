/* SPDX-License-Identifier: MIT */
#include "http/uri_encode.h"

#include <string.h>

#include <coracle/uri.h>

#include "http/chars.h"

#define ENCODED_BYTES 3 /* of one byte: %XX */

static char *put_encoded(char *out, char byte)
{
	static const char digits[] = "0123456789ABCDEF";

	*out++ = '%';
	*out++ = digits[(unsigned char)byte >> 4];
	*out++ = digits[byte & 15];
	return out;
}

char *cor_percent_encode(struct cor_arena *arena, const char *text)
{
	struct cor_str rest = cor_str(text);
	size_t room;

	if (__builtin_mul_overflow(rest.len, ENCODED_BYTES, &room) || room == SIZE_MAX)
		return NULL;
	char *encoded = cor_arena_alloc(arena, room + 1);
	if (!encoded)
		return NULL;
	char *out = encoded;
	for (size_t i = 0; i < rest.len; i++) {
		if (cor_char_is(rest.data[i], COR_CHAR_UNRESERVED))
			*out++ = rest.data[i];
		else
			out = put_encoded(out, rest.data[i]);
	}
	*out = '\0';
	return encoded;
}

void cor_percent_append(struct cor_buffer *buffer, struct cor_str text)
{
	char encoded[ENCODED_BYTES];

	for (size_t i = 0; i < text.len; i++) {
		if (cor_char_is(text.data[i], COR_CHAR_UNRESERVED))
			cor_buffer_byte(buffer, text.data[i]);
		else
			cor_buffer_append(buffer, encoded,
				(size_t)(put_encoded(encoded, text.data[i]) - encoded));
	}
}

/* In a path (RFC 3986 section 3.3): not what browsers send raw, and '%' only where it encodes. */
static bool may_stay(struct cor_str path, size_t i)
{
	char byte = path.data[i];

	if (byte == '%')
		return path.len - i >= 3 && cor_char_is(path.data[i + 1], COR_CHAR_HEX) &&
		       cor_char_is(path.data[i + 2], COR_CHAR_HEX);
	return cor_char_is(byte, COR_CHAR_PATH) && !memchr("[]^|", byte, 4);
}

void cor_uri_reference(struct cor_buffer *buffer, struct cor_str path)
{
	char encoded[ENCODED_BYTES];

	if (path.len == 0 || path.data[0] != '/')
		return;
	if (path.len >= 2 && path.data[1] == '/')
		cor_buffer_literal(buffer, "/.");
	for (size_t i = 0; i < path.len; i++) {
		if (may_stay(path, i))
			cor_buffer_byte(buffer, path.data[i]);
		else
			cor_buffer_append(buffer, encoded,
				(size_t)(put_encoded(encoded, path.data[i]) - encoded));
	}
}
