/* SPDX-License-Identifier: MIT */
#include "websocket13/origin.h"

#include <string.h>
#include <strings.h>

#include "http/origin.h"

static bool is_same(struct cor_str text, struct cor_str other)
{
	return text.len == other.len && strncasecmp(text.data, other.data, other.len) == 0;
}

bool cor_origin_allowed(struct cor_str origin, struct cor_str host, const char *const *list)
{
	if (cor_origin_is_of(origin, host))
		return true;
	for (; list && *list; list++)
		if (strcmp(*list, "*") == 0 || is_same(origin, cor_str(*list)))
			return true;
	return false;
}
