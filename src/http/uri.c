/* SPDX-License-Identifier: MIT */
#include "http/uri.h"

#include <errno.h>
#include <stdbool.h>

#include <coracle/error.h>

#include "base/utf8.h"
#include "http/chars.h"

/* Whether the '%' at `i` begins an encoded byte. */
static bool is_encoded(struct cor_str text, size_t i)
{
	return text.len - i >= 3 && cor_char_is(text.data[i + 1], COR_CHAR_HEX) &&
	       cor_char_is(text.data[i + 2], COR_CHAR_HEX);
}

/* What a '+' stands for. */
enum plus {
	PLUS_IS_PLUS,
	PLUS_IS_SPACE,
};

/* Where decoded text goes; there is always room, since decoding shortens. */
struct output {
	char *at;
};

/* Decode, put a NUL behind it, check it. Returns 0 or -COR_ESYNTAX. */
static int decode(struct output *output, struct cor_str text, enum plus plus, struct cor_str *ret)
{
	const char *at = text.data;
	const char *end = at + text.len;
	char *start = output->at;
	char *out = start;

	while (at < end) {
		char byte = *at++;

		if (byte == '%') {
			if (end - at < 2 || !cor_char_is(at[0], COR_CHAR_HEX) ||
				!cor_char_is(at[1], COR_CHAR_HEX))
				return -COR_ESYNTAX;
			byte = (char)(cor_hex_value(at[0]) << 4 | cor_hex_value(at[1]));
			at += 2;
		} else if (byte == '+' && plus == PLUS_IS_SPACE) {
			byte = ' ';
		}
		if (byte == '\0')
			return -COR_ESYNTAX;
		*out++ = byte;
	}
	struct cor_str decoded = { start, (size_t)(out - start) };
	if (!cor_utf8_valid(decoded))
		return -COR_ESYNTAX;
	*out++ = '\0';
	output->at = out;
	*ret = decoded;
	return 0;
}

int cor_uri_decode(struct cor_arena *arena, struct cor_str text, struct cor_str *ret)
{
	struct output output = { cor_arena_alloc(arena, text.len + 1) };

	if (!output.at)
		return -ENOMEM;
	return decode(&output, text, PLUS_IS_PLUS, ret);
}

/* Take what precedes the next `separator` off the front, and the separator. */
static struct cor_str cut(struct cor_str *rest, char separator)
{
	const char *found = rest->len > 0 ? memchr(rest->data, separator, rest->len) : NULL;
	struct cor_str piece = { rest->data, found ? (size_t)(found - rest->data) : rest->len };
	size_t used = piece.len + (found ? 1 : 0);

	rest->data += used;
	rest->len -= used;
	return piece;
}

/* Whether a segment is "." or ".." with any of its dots as %2e. */
static bool is_encoded_dots(struct cor_str segment)
{
	size_t dots = 0;

	for (size_t i = 0; i < segment.len; dots++) {
		if (segment.data[i] == '.')
			i++;
		else if (segment.len - i >= 3 && segment.data[i] == '%' &&
			 segment.data[i + 1] == '2' && (segment.data[i + 2] | 0x20) == 'e')
			i += 3;
		else
			return false;
	}
	return dots == 1 || dots == 2;
}

int cor_uri_check_path(struct cor_str path)
{
	for (size_t i = 0; i < path.len; i++) {
		if (path.data[i] != '%')
			continue;
		if (!is_encoded(path, i) || (path.data[i + 1] == '0' && path.data[i + 2] == '0'))
			return -COR_ESYNTAX;
	}
	while (path.len > 0)
		if (is_encoded_dots(cut(&path, '/')))
			return -COR_ESYNTAX;
	return 0;
}

static size_t count_pairs(struct cor_str text)
{
	size_t pairs = 0;

	while (text.len > 0)
		pairs += cut(&text, '&').len > 0;
	return pairs;
}

static int split_pair(struct output *output, struct cor_str text, struct cor_uri_pair *ret)
{
	struct cor_str name = cut(&text, '=');
	int rc = decode(output, name, PLUS_IS_SPACE, &ret->name);

	if (rc < 0)
		return rc;
	ret->value = (struct cor_str){ ret->name.data + ret->name.len, 0 };
	/* without a '=' nothing is left, and there is no room for a NUL of its own */
	return text.len > 0 ? decode(output, text, PLUS_IS_SPACE, &ret->value) : 0;
}

int cor_uri_split_pairs(struct cor_arena *arena, struct cor_str text, struct cor_uri_pairs *ret)
{
	struct cor_uri_pairs result = { NULL, 0 };
	size_t pairs = count_pairs(text);

	if (pairs > COR_URI_PAIRS_MAX)
		return -COR_ETOOLARGE;
	if (pairs == 0) {
		*ret = result;
		return 0;
	}
	result.items = cor_arena_alloc(arena, pairs * sizeof *result.items);
	struct output output = { cor_arena_alloc(arena, text.len + 1) };
	if (!result.items || !output.at)
		return -ENOMEM;

	while (text.len > 0) {
		struct cor_str pair = cut(&text, '&');
		int rc = pair.len > 0 ? split_pair(&output, pair, &result.items[result.len++]) : 0;
		if (rc < 0)
			return rc;
	}
	*ret = result;
	return 0;
}

const char *cor_uri_fault(struct cor_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '\0')
			return "has a NUL byte, which no text may hold";
		if (text.data[i] != '%')
			continue;
		if (!is_encoded(text, i))
			return "has a '%' that two hexadecimal digits do not follow";
		if (text.data[i + 1] == '0' && text.data[i + 2] == '0')
			return "has a %00, which no text may hold";
	}
	return "is not percent-encoded UTF-8";
}
