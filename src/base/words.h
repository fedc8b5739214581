/* SPDX-License-Identifier: MIT */
/**
 * Comparing and copying short texts where they stand, a word at a time: a call to libc costs more
 * than their bytes.
 */
#ifndef CORACLE_BASE_WORDS_H
#define CORACLE_BASE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <coracle/str.h>

#include "base/vector.h"

static inline uint64_t cor_word_at(const char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof word);
	return word;
}

static inline uint32_t cor_half_at(const char *at)
{
	uint32_t half;

	memcpy(&half, at, sizeof half);
	return half;
}

/** A word made of less than eight bytes: in no order of use to anyone, but always the same. */
static inline uint64_t cor_word_of_few(const char *at, size_t len)
{
	if (len >= 4)
		return cor_half_at(at) | (uint64_t)cor_half_at(at + len - 4) << 32;
	if (len == 0)
		return 0;
	return (uint8_t)at[0] | (uint32_t)(uint8_t)at[len / 2] << 8 |
	       (uint32_t)(uint8_t)at[len - 1] << 16;
}

#define COR_WORD_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/** Whether each byte of a word is ASCII and lies between those of two others, which are ASCII. */
static inline bool cor_word_between(uint64_t word, uint64_t low, uint64_t high)
{
	uint64_t tops = COR_WORD_EACH(0x80);

	/*
	 * Such bytes never borrow from one another: the highest bit stays where the difference is
	 * not negative.
	 */
	return (((word | tops) - low) & ((high | tops) - word) & ~word & tops) == tops;
}

/** Which byte in memory is the first of a word that is not zero. */
static inline unsigned cor_word_first(uint64_t word)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return (unsigned)__builtin_ctzll(word) >> 3;
#else
	return (unsigned)__builtin_clzll(word) >> 3;
#endif
}

#ifdef COR_VECTORS

/** A bit for each of sixteen bytes that is the same in both. */
static inline unsigned cor_vectors_equal_bits(const char *a, const char *b)
{
	return cor_vector_bits(cor_vector_at(a) == cor_vector_at(b));
}

/** Whether sixteen bytes are the same. */
static inline bool cor_vectors_same(const char *a, const char *b)
{
	return cor_vectors_equal_bits(a, b) == 0xffff;
}

/** How many of sixteen bytes are the same, counted from the first. */
static inline unsigned cor_vectors_common(const char *a, const char *b)
{
	return (unsigned)__builtin_ctz(~cor_vectors_equal_bits(a, b));
}

#else

static inline bool cor_vectors_same(const char *a, const char *b)
{
	return ((cor_word_at(a) ^ cor_word_at(b)) | (cor_word_at(a + 8) ^ cor_word_at(b + 8))) == 0;
}

static inline unsigned cor_vectors_common(const char *a, const char *b)
{
	uint64_t first = cor_word_at(a) ^ cor_word_at(b);
	uint64_t second = cor_word_at(a + 8) ^ cor_word_at(b + 8);

	if (first != 0)
		return cor_word_first(first);
	return second != 0 ? 8 + cor_word_first(second) : 16;
}

#endif

/** Copy a text, which may be empty. Short ones, too, are copied in pieces that overlap. */
static inline void cor_words_copy(char *out, struct cor_str text)
{
	size_t len = text.len;

	if (len > 32) {
		memcpy(out, text.data, len);
	} else if (len >= 16) {
		memcpy(out, text.data, 16);
		memcpy(out + len - 16, text.data + len - 16, 16);
	} else if (len >= 8) {
		memcpy(out, text.data, 8);
		memcpy(out + len - 8, text.data + len - 8, 8);
	} else if (len >= 4) {
		memcpy(out, text.data, 4);
		memcpy(out + len - 4, text.data + len - 4, 4);
	} else if (len != 0) {
		out[0] = text.data[0];
		out[len / 2] = text.data[len / 2];
		out[len - 1] = text.data[len - 1];
	}
}

/** Whether the bytes are the same. The last piece of each text overlaps the one before it. */
static inline __attribute__((always_inline)) bool cor_words_same(struct cor_str a, struct cor_str b)
{
	size_t len = a.len;

	if (len != b.len)
		return false;
	if (len > 16) {
		for (size_t i = 0; i + 16 < len; i += 16)
			if (!cor_vectors_same(a.data + i, b.data + i))
				return false;
		return cor_vectors_same(a.data + len - 16, b.data + len - 16);
	}
	if (len >= 8)
		return ((cor_word_at(a.data) ^ cor_word_at(b.data)) |
			       (cor_word_at(a.data + len - 8) ^ cor_word_at(b.data + len - 8))) ==
		       0;
	if (len >= 4)
		return cor_half_at(a.data) == cor_half_at(b.data) &&
		       cor_half_at(a.data + len - 4) == cor_half_at(b.data + len - 4);
	for (size_t i = 0; i < len; i++)
		if (a.data[i] != b.data[i])
			return false;
	return true;
}

#endif
