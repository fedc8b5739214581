/* SPDX-License-Identifier: MIT */
/**
 * UTF-8 (RFC 3629): no overlong form, no surrogate, nothing above U+10FFFF.
 *
 * Nothing here yields or allocates; any thread.
 */
#ifndef CORACLE_BASE_UTF8_H
#define CORACLE_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/str.h>

/** Whether the text is well-formed. */
bool cor_utf8_valid(struct cor_str text);

/**
 * The code points of a well-formed text. It lies between len / 4 and len: a caller with a limit on
 * it can often do without counting.
 */
size_t cor_utf8_count(struct cor_str text);

/** How many bytes at the front are ASCII. */
size_t cor_utf8_ascii_prefix(struct cor_str text);

/** Write a code point (a Unicode scalar value, which is not checked); the bytes written, 1 to 4. */
unsigned cor_utf8_encode(uint32_t code_point, char out[4]);

/** Put '?' for each byte that is part of no well-formed sequence, and for each NUL. */
void cor_utf8_mend(char *text, size_t len);

static inline bool cor_utf8_is_continuation(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

/**
 * The length (2 to 4) of the well-formed sequence that begins at `at`, where the byte is not ASCII;
 * 0 if it is not well-formed or not whole before `end`.
 */
static inline unsigned cor_utf8_sequence(const char *at, const char *end)
{
	unsigned char lead = (unsigned char)at[0];
	ptrdiff_t left = end - at;

	if (left < 2 || lead < 0xc2 || !cor_utf8_is_continuation(at[1]))
		return 0;
	if (lead < 0xe0)
		return 2;

	unsigned char second = (unsigned char)at[1];
	if (left < 3 || !cor_utf8_is_continuation(at[2]))
		return 0;
	if (lead < 0xf0) {
		bool overlong = lead == 0xe0 && second < 0xa0;
		bool surrogate = lead == 0xed && second >= 0xa0;
		return overlong || surrogate ? 0 : 3;
	}
	if (left < 4 || lead > 0xf4 || !cor_utf8_is_continuation(at[3]))
		return 0;
	bool overlong = lead == 0xf0 && second < 0x90;
	bool too_large = lead == 0xf4 && second >= 0x90;
	return overlong || too_large ? 0 : 4;
}

#endif
