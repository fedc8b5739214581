/* SPDX-License-Identifier: MIT */
#include <coracle/json.h>

struct cor_json_place cor_json_place(struct cor_str text, size_t offset)
{
	struct cor_json_place place = { offset < text.len ? offset : text.len, 1, 1 };
	const char *at = text.data, *end = at + place.offset, *feed;

	while (at < end && (feed = memchr(at, '\n', (size_t)(end - at)))) {
		at = feed + 1;
		place.line++;
	}
	place.column += (size_t)(end - at);
	return place;
}
