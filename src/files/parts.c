/* SPDX-License-Identifier: MIT */
#include "files/parts.h"

#include <stdio.h>

#include <coracle/random.h>

#include "runtime/extents.h"

#define HEAD_BYTES 512 /* of a part: types are constants, or a service's own, cut if longer */

struct cor_str cor_content_range_print(
	char out[COR_CONTENT_RANGE_BYTES], const struct cor_range *range, int64_t whole)
{
	int len = snprintf(out, COR_CONTENT_RANGE_BYTES, "bytes %lld-%lld/%lld",
		(long long)range->first, (long long)(range->first + range->bytes - 1),
		(long long)whole);

	return (struct cor_str){ out, (size_t)len };
}

void cor_parts_begin(struct cor_parts *parts, struct cor_str of_type, int64_t whole)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
	unsigned char drawn[COR_BOUNDARY_BYTES];

	*parts = (struct cor_parts){ .of_type = of_type, .whole = whole };
	cor_random_fill(drawn, sizeof drawn);
	for (size_t i = 0; i < sizeof drawn; i++)
		parts->boundary[i] = digits[drawn[i] % 32];
	int len = snprintf(parts->type_text, sizeof parts->type_text,
		"multipart/byteranges; boundary=%s", parts->boundary);
	parts->media_type = (struct cor_str){ parts->type_text, (size_t)len };
}

/* The first begins with an empty line: nothing is before it. */
static size_t print_head(
	const struct cor_parts *parts, const struct cor_range *range, char out[HEAD_BYTES])
{
	char text[COR_CONTENT_RANGE_BYTES];
	struct cor_str content_range = cor_content_range_print(text, range, parts->whole);
	int len = snprintf(out, HEAD_BYTES,
		"\r\n--%s\r\nContent-Range: %.*s\r\nContent-Type: %.*s\r\n\r\n", parts->boundary,
		(int)content_range.len, content_range.data, (int)parts->of_type.len,
		parts->of_type.data);

	return (size_t)len < HEAD_BYTES ? (size_t)len : HEAD_BYTES - 1;
}

static size_t print_end(const struct cor_parts *parts, char out[HEAD_BYTES])
{
	return (size_t)snprintf(out, HEAD_BYTES, "\r\n--%s--\r\n", parts->boundary);
}

size_t cor_parts_bytes(const struct cor_parts *parts, const struct cor_range *ranges, int len)
{
	char text[HEAD_BYTES];
	size_t bytes = print_end(parts, text);

	for (int i = 0; i < len; i++)
		bytes += print_head(parts, &ranges[i], text);
	return bytes;
}

void cor_parts_add_head(
	const struct cor_parts *parts, struct cor_extents *extents, const struct cor_range *range)
{
	char text[HEAD_BYTES];

	cor_extents_add_text(extents, (struct cor_str){ text, print_head(parts, range, text) });
}

void cor_parts_add_end(const struct cor_parts *parts, struct cor_extents *extents)
{
	char text[HEAD_BYTES];

	cor_extents_add_text(extents, (struct cor_str){ text, print_end(parts, text) });
}
