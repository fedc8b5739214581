/* SPDX-License-Identifier: MIT */
/** The digits of a number, many at once. */
#ifndef CORACLE_BASE_DIGITS_H
#define CORACLE_BASE_DIGITS_H

#include "base/vector.h"
#include "base/words.h"

#define COR_DIGITS_FOUR  10000     /* four digits are below that */
#define COR_DIGITS_EIGHT 100000000 /* eight */

/**
 * Eight characters or digits are a word whose lowest byte is the first of them, on every machine.
 */
static inline void cor_digits_put_word(char *out, uint64_t word)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	memcpy(out, &word, sizeof word);
}

/**
 * The eight digits of a number below 10^8: all divided at once, into fours, pairs and digits. What
 * is left of x behind its quotient q by n goes `bits` above q: q | (x - q * n) << bits.
 */
static inline uint64_t cor_digits_divide(uint64_t x, uint64_t q, uint64_t n, int bits)
{
	return (x << bits) - q * ((n << bits) - 1);
}

static inline uint64_t cor_digits_eight(uint32_t value)
{
	uint64_t fours = cor_digits_divide(value, value / COR_DIGITS_FOUR, COR_DIGITS_FOUR, 32);
	uint64_t pairs = cor_digits_divide(
		fours, (fours * 10486 >> 20) & 0x0000007f0000007f, 100, 16);

	return cor_digits_divide(pairs, (pairs * 103 >> 10) & 0x000f000f000f000f, 10, 8);
}

/** What is known of sixteen digits once they are written. */
struct cor_sixteen {
	uint64_t head; /* the first eight of them, as text */
	unsigned used; /* a bit for each that is not zero, that of the first one lowest */
};

#if defined(COR_VECTORS) && defined(__SSE2__)

/** Write sixteen digits as text. */
static inline struct cor_sixteen cor_digits_put_sixteen(char *out, uint64_t value)
{
	const __m128i four = _mm_set1_epi64x(COR_DIGITS_FOUR);
	__m128i eights = _mm_set_epi64x(
		(int64_t)(value % COR_DIGITS_EIGHT), (int64_t)(value / COR_DIGITS_EIGHT));
	__m128i high = _mm_srli_epi64(_mm_mul_epu32(eights, _mm_set1_epi64x(0xd1b71759)), 45);
	__m128i low = _mm_sub_epi32(eights, _mm_mul_epu32(high, four));
	__m128i fours = _mm_or_si128(high, _mm_slli_epi64(low, 32));

	/* x and its quotient q side by side: 1 * x - 100 * q */
	const __m128i hundred = _mm_set1_epi32((int)((uint32_t)-100 << 16 | 1));
	high = _mm_srli_epi16(_mm_mulhi_epu16(fours, _mm_set1_epi16(10486)), 4);
	low = _mm_madd_epi16(_mm_or_si128(fours, _mm_slli_epi32(high, 16)), hundred);
	__m128i pairs = _mm_or_si128(high, _mm_slli_epi32(low, 16));

	high = _mm_mulhi_epu16(pairs, _mm_set1_epi16(6554));
	low = _mm_sub_epi16(pairs, _mm_mullo_epi16(high, _mm_set1_epi16(10)));
	__m128i digits = _mm_or_si128(high, _mm_slli_epi16(low, 8));

	__m128i text = _mm_or_si128(digits, _mm_set1_epi8('0'));
	__m128i zeros = _mm_cmpeq_epi8(digits, _mm_setzero_si128());
	_mm_storeu_si128((__m128i *)(void *)out, text);
	return (struct cor_sixteen){ (uint64_t)_mm_cvtsi128_si64(text),
		0xffff ^ (unsigned)_mm_movemask_epi8(zeros) };
}

#else

/* The lowest bit of each byte, that of the lowest byte lowest. */
static inline unsigned cor_digits_bits(uint64_t word)
{
	return (unsigned)((word & COR_WORD_EACH(1)) * UINT64_C(0x0102040810204080) >> 56);
}

static inline struct cor_sixteen cor_digits_put_sixteen(char *out, uint64_t value)
{
	uint64_t head = cor_digits_eight((uint32_t)(value / COR_DIGITS_EIGHT));
	uint64_t tail = cor_digits_eight((uint32_t)(value % COR_DIGITS_EIGHT));
	/* A digit that is not zero reaches the highest bit. */
	unsigned used = cor_digits_bits((head + COR_WORD_EACH(0x7f)) >> 7) |
			cor_digits_bits((tail + COR_WORD_EACH(0x7f)) >> 7) << 8;

	cor_digits_put_word(out, head | COR_WORD_EACH('0'));
	cor_digits_put_word(out + 8, tail | COR_WORD_EACH('0'));
	return (struct cor_sixteen){ head | COR_WORD_EACH('0'), used };
}

#endif

#endif
