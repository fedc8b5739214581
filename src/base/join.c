/* SPDX-License-Identifier: MIT */
#include "base/join.h"

struct cor_str cor_join(struct cor_arena *arena, const struct cor_str *parts, size_t len)
{
	size_t bytes = 0;

	for (size_t i = 0; i < len; i++)
		bytes += parts[i].len;
	char *text = cor_arena_alloc(arena, bytes + 1), *at = text;
	if (!text)
		return (struct cor_str){ NULL, 0 };
	for (size_t i = 0; i < len; at += parts[i++].len)
		if (parts[i].len)
			memcpy(at, parts[i].data, parts[i].len);
	*at = '\0';
	return (struct cor_str){ text, bytes };
}
