/* SPDX-License-Identifier: MIT */
#include "http/chars.h"

#define T COR_CHAR_TOKEN
#define P (COR_CHAR_PATH | COR_CHAR_QUERY)
#define Q COR_CHAR_QUERY
#define H COR_CHAR_HOST
#define D (COR_CHAR_DIGIT | COR_CHAR_HEX)
#define X COR_CHAR_HEX
#define U COR_CHAR_UNRESERVED

/* Not listed: controls, space, '"', '<', '>', DEL and everything above. */
const uint8_t cor_chars[256] = {
	['0' ... '9'] = T | P | H | U | D,
	['a' ... 'f'] = T | P | H | U | X,
	['g' ... 'z'] = T | P | H | U,
	['A' ... 'F'] = T | P | H | U | X,
	['G' ... 'Z'] = T | P | H | U,
	['-'] = T | P | H | U,
	['.'] = T | P | H | U,
	['_'] = T | P | H | U,
	['~'] = T | P | H | U,
	['!'] = T | P | H,
	['$'] = T | P | H,
	['&'] = T | P | H,
	['\''] = T | P | H,
	['*'] = T | P | H,
	['+'] = T | P | H,
	['('] = P | H,
	[')'] = P | H,
	[','] = P | H,
	[';'] = P | H,
	['='] = P | H,
	['/'] = P,
	[':'] = P,
	['@'] = P,
	['['] = P,
	[']'] = P,
	['?'] = Q,
	['{'] = Q,
	['}'] = Q,
	['\\'] = Q,
	['#'] = T,
	['%'] = T | P,
	['^'] = T | P,
	['|'] = T | P,
	['`'] = T | Q,
};
