/* SPDX-License-Identifier: MIT */
/**
 * Doubles as they are printed, where sixteen bytes can be looked at at once: "-65.613616999999977".
 *
 * The digits behind the point, however many there are, are taken as sixteen, with zeros behind
 * them. So nothing depends on their count, which nobody can predict, and there is but one power of
 * ten.
 */
#ifndef CORACLE_BASE_PRINTED_H
#define CORACLE_BASE_PRINTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/powers.h"
#include "base/vector.h"
#include "base/words.h"

#define COR_PRINTED_PLACES 16

#if defined(COR_VECTORS) && defined(__SSE2__)

/** Private to the shortcut: sixteen digits, the first in the lowest byte: pairs, fours, eights. */
static inline uint64_t cor_printed_sixteen(__m128i digits)
{
	__m128i pairs = _mm_srli_epi16(_mm_mullo_epi16(digits, _mm_set1_epi16(10 << 8 | 1)), 8);
	__m128i fours = _mm_madd_epi16(pairs, _mm_set1_epi32(1 << 16 | 100));
	__m128i packed = _mm_packs_epi32(fours, fours);
	__m128i eights = _mm_madd_epi16(packed, _mm_set1_epi32(1 << 16 | 10000));
	uint64_t both = (uint64_t)_mm_cvtsi128_si64(eights);

	return (uint32_t)both * UINT64_C(100000000) + (both >> 32);
}

/** Private to the shortcut: the digits at the front, up to 16, as 16 places; how many they are. */
static inline unsigned cor_printed_fraction(const char *at, uint64_t *ret)
{
	static const unsigned char kept[32] = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
		255, 255, 255, 255, 255, 255 };
	__m128i bytes = _mm_sub_epi8((__m128i)cor_vector_at(at), _mm_set1_epi8('0'));
	__m128i digits = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(9)), bytes);
	unsigned count = (unsigned)__builtin_ctz(~(unsigned)_mm_movemask_epi8(digits));
	__m128i mask = (__m128i)cor_vector_at((const char *)kept + 16 - count);

	*ret = cor_printed_sixteen(_mm_and_si128(bytes, mask));
	return count;
}

/**
 * Private to the shortcut: the double nearest to digits * 10^-16, which are not 0. This is the
 * algorithm of Eisel and Lemire. With the power rounded up it leaves no case open (Mushtak and
 * Lemire, "Fast number parsing without fallback", 2022); no tie has so many places.
 */
static inline double cor_printed_nearest(uint64_t digits, bool negative)
{
	const struct cor_power *power = &cor_powers[-COR_PRINTED_PLACES - COR_POWERS_MIN];
	unsigned zeros = (unsigned)__builtin_clzll(digits);
	unsigned __int128 product = (unsigned __int128)(digits << zeros) * power->high;

	if (__builtin_expect((product >> 64 & 0x1ff) == 0x1ff, 0))
		product += (uint64_t)((unsigned __int128)(digits << zeros) * (power->low + 1) >>
				      64);
	uint64_t high = (uint64_t)(product >> 64);
	unsigned top = (unsigned)(high >> 63);
	uint64_t mantissa = high >> (top + 9);
	/* 2^-54 <= 10^-16 * 2^-0.1; what is rounded up to the next power of two carries over */
	uint64_t bits = ((uint64_t)(1023 + 64 - 54 - 2 - zeros + top) << 52) +
			((mantissa + (mantissa & 1)) >> 1);
	double value;

	bits |= (uint64_t)negative << 63;
	memcpy(&value, &bits, sizeof value);
	return value;
}

/**
 * A number of up to three digits before the point and 16 behind it, with its sign. NULL: it is
 * another one, or the text ends within some bytes; else where it ends, as far as it was read: more
 * digits or an exponent may follow, and it is for the caller to look.
 */
static inline const char *cor_printed_scan(const char *at, const char *end, double *ret)
{
	if (end - at <= 24)
		return NULL;
	bool negative = *at == '-';
	if (negative)
		at++;
	unsigned whole = (unsigned)(uint8_t)*at++ - '0';
	if (whole > 9)
		return NULL;
	for (unsigned most = whole == 0 ? 0 : 2; *at != '.'; most--, at++) {
		unsigned digit = (unsigned)(uint8_t)*at - '0';
		if (digit > 9 || most == 0)
			return NULL;
		whole = whole * 10 + digit;
	}
	at++;
	uint64_t fraction;
	unsigned places = cor_printed_fraction(at, &fraction);
	uint64_t digits = whole * UINT64_C(10000000000000000) + fraction;
	if (places == 0 || digits == 0)
		return NULL;
	*ret = cor_printed_nearest(digits, negative);
	return at + places;
}

#else

/* The other shortcuts do as well. */
static inline const char *cor_printed_scan(const char *at, const char *end, double *ret)
{
	(void)at;
	(void)end;
	(void)ret;
	return NULL;
}

#endif

#endif
