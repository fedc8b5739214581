/* SPDX-License-Identifier: MIT */
#include "base/name.h"

#include <string.h>

bool cor_name_is_plain(struct cor_str name)
{
	static const char foreign[] = "\"'`{}<>()\\:;,|";

	if (name.len > COR_NAME_BYTES_MAX)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.data[i];
		if (c <= ' ' || c == 0x7f || memchr(foreign, c, sizeof foreign - 1))
			return false;
	}
	return true;
}
