/* SPDX-License-Identifier: MIT */
/**
 * Comparing without regard to case, a word at a time.
 */
#ifndef CORACLE_HTTP_FOLD_H
#define CORACLE_HTTP_FOLD_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include <coracle/str.h>

#include "base/words.h"

#define COR_EACH_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

static inline uint64_t cor_fold_word(const char *at)
{
	return cor_word_at(at) | COR_EACH_BYTE(0x20);
}

static inline uint32_t cor_fold_half(const char *at)
{
	return cor_half_at(at) | 0x20202020;
}

/**
 * Whether `len` bytes of text are `lower` in any case, where `lower` consists of a-z, 0-9 and
 * "-/.;=+*" and text holds no control: then the 0x20 bit turns upper case into lower, and nothing
 * else into a byte of `lower`. Both ends are compared as words that overlap in the middle.
 */
static inline bool cor_fold_same(const char *text, const char *lower, size_t len)
{
	if (len >= 8) {
		for (size_t i = 0; i + 8 < len; i += 8)
			if (cor_fold_word(text + i) != cor_fold_word(lower + i))
				return false;
		return cor_fold_word(text + len - 8) == cor_fold_word(lower + len - 8);
	}
	if (len >= 4)
		return cor_fold_half(text) == cor_fold_half(lower) &&
		       cor_fold_half(text + len - 4) == cor_fold_half(lower + len - 4);
	for (size_t i = 0; i < len; i++)
		if ((text[i] | 0x20) != lower[i])
			return false;
	return true;
}

static inline bool cor_fold_equal(struct cor_str text, struct cor_str lower)
{
	return text.len == lower.len && cor_fold_same(text.data, lower.data, lower.len);
}

/** Whether two names are the same in any case: the first letter tells most of them apart. */
static inline bool cor_fold_same_name(const char *a, const char *b)
{
	return (a[0] | 0x20) == (b[0] | 0x20) && strcasecmp(a, b) == 0;
}

#endif
