/* SPDX-License-Identifier: MIT */
/* Set-Cookie: what is read lies in the text, within its limits. */
#include <stdlib.h>
#include <string.h>

#include "http/set_cookie.h"
#include "target.h"

#define NOW 1790000000

static void check(struct cor_str part, const char *text, size_t size)
{
	if (part.len && (part.data < text || part.data + part.len > text + size))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1);
	struct cor_set_cookie it;

	if (!copy)
		abort();
	memcpy(copy, data, size);
	if (cor_set_cookie_parse((struct cor_str){ copy, size }, NOW, &it) == 0) {
		check(it.name, copy, size);
		check(it.value, copy, size);
		check(it.domain, copy, size);
		check(it.path, copy, size);
		if (it.name.len + it.value.len == 0 ||
			it.name.len + it.value.len > COR_COOKIE_BYTES ||
			(it.path.len && it.path.data[0] != '/') ||
			(it.is_persistent && it.expires_s > NOW + COR_COOKIE_AGE_MAX_S))
			abort();
	}
	free(copy);
	return 0;
}
