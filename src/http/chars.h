/* SPDX-License-Identifier: MIT */
/**
 * Classes of bytes: one table for all of the grammar of RFC 9110, RFC 9112 and RFC 3986.
 */
#ifndef CORACLE_HTTP_CHARS_H
#define CORACLE_HTTP_CHARS_H

#include <stdbool.h>
#include <stdint.h>

enum cor_char_class {
	COR_CHAR_TOKEN = 1, /* tchar, RFC 9110 section 5.6.2 */
	COR_CHAR_PATH =
		2, /* in the path of a target: RFC 3986, and what head_parser.h adds; '%' too */
	COR_CHAR_QUERY = 4, /* in its query */
	COR_CHAR_HOST = 8,  /* reg-name without '%', RFC 3986 section 3.2.2 */
	COR_CHAR_DIGIT = 16,
	COR_CHAR_HEX = 32,
	COR_CHAR_UNRESERVED = 64, /* RFC 3986 section 2.3 */
};

extern const uint8_t cor_chars[256] __attribute__((visibility("hidden")));

static inline bool cor_char_is(char byte, enum cor_char_class class_)
{
	return cor_chars[(unsigned char)byte] & class_;
}

/** The value of a hex digit; only for COR_CHAR_HEX. */
static inline unsigned cor_hex_value(char digit)
{
	return (digit & 15) + (digit >> 6) * 9;
}

/** The first byte at or after `at` that is not in the class. There must be one. */
static inline const char *cor_chars_skip(const char *at, enum cor_char_class class_)
{
	for (;; at += 4) {
		if (!cor_char_is(at[0], class_))
			return at;
		if (!cor_char_is(at[1], class_))
			return at + 1;
		if (!cor_char_is(at[2], class_))
			return at + 2;
		if (!cor_char_is(at[3], class_))
			return at + 3;
	}
}

/** Optional white space: SP and HTAB. */
static inline bool cor_char_is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

#endif
