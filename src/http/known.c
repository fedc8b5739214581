/* SPDX-License-Identifier: MIT */
#include "http/known.h"

#include <stdint.h>

#include "http/fold.h"

static const struct {
	uint8_t len;
	char text[23];
} names[COR_KNOWN_COUNT] = {
#define ROW(name, text_) [COR_KNOWN_##name] = { sizeof(text_) - 1, text_ },
	COR_KNOWN_NAMES(ROW)
#undef ROW
};

/* The first of each length, 0 where there is none: row 0 does not match that length. */
static const uint8_t first_of_length[] = {
	[2] = COR_KNOWN_TE,
	[4] = COR_KNOWN_HOST,
	[5] = COR_KNOWN_RANGE,
	[6] = COR_KNOWN_ACCEPT,
	[7] = COR_KNOWN_UPGRADE,
	[8] = COR_KNOWN_IF_MATCH,
	[9] = COR_KNOWN_FORWARDED,
	[10] = COR_KNOWN_CONNECTION,
	[11] = COR_KNOWN_TRACEPARENT,
	[12] = COR_KNOWN_CONTENT_TYPE,
	[13] = COR_KNOWN_AUTHORIZATION,
	[14] = COR_KNOWN_CONTENT_LENGTH,
	[15] = COR_KNOWN_ACCEPT_ENCODING,
	[16] = COR_KNOWN_CONTENT_ENCODING,
	[17] = COR_KNOWN_TRANSFER_ENCODING,
	[19] = COR_KNOWN_IF_UNMODIFIED_SINCE,
};

enum cor_known cor_known_find(const char *name, size_t len)
{
	if (len >= sizeof first_of_length)
		return COR_KNOWN_COUNT;
	for (unsigned i = first_of_length[len]; i < COR_KNOWN_COUNT && names[i].len == len; i++)
		if (cor_fold_same(name, names[i].text, len))
			return (enum cor_known)i;
	return COR_KNOWN_COUNT;
}

const char *cor_known_name(enum cor_known known)
{
	return names[known].text;
}
