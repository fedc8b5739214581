/* SPDX-License-Identifier: MIT */
#include "http/method.h"

#include <string.h>

/* Each comparison is one of a constant size. */
enum cor_method cor_method_find(const char *text, size_t len)
{
#define ROW(NAME, key, takes_body)                                                                 \
	if (len == sizeof #NAME - 1 && memcmp(text, #NAME, sizeof #NAME - 1) == 0)                 \
		return COR_METHOD_##NAME;
	COR_METHOD_VERBS(ROW)
	COR_METHOD_OTHERS(ROW)
#undef ROW
	return COR_METHOD_OTHER;
}
