/* SPDX-License-Identifier: MIT */
#include "http/head.h"

#include <strings.h>

int cor_head_find(const struct cor_head_field *fields, size_t len, const char *bytes,
	struct cor_str name, size_t from)
{
	for (size_t i = from; i < len; i++)
		if (fields[i].name.len == name.len &&
			strncasecmp(bytes + fields[i].name.at, name.data, name.len) == 0)
			return (int)i;
	return -1;
}
