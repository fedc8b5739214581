/* SPDX-License-Identifier: MIT */
/**
 * A number on its way from text to binary: scan it once, then take what is wanted of it.
 *
 * The scan is inline because it is the inner loop of reading JSON.
 */
#ifndef CORACLE_BASE_DECIMAL_H
#define CORACLE_BASE_DECIMAL_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/str.h>

#include "base/words.h"

#define COR_DECIMAL_DIGITS 19 /* so many always fit into 64 bits */

#define COR_DECIMAL_EXACT (UINT64_C(1) << 53) /* integers up to here are doubles without error */
#define COR_DECIMAL_TENS  23

/**
 * The powers of ten that are doubles without error: one operation with one of them and an exact
 * integer rounds once.
 */
extern const double cor_decimal_tens[COR_DECIMAL_TENS] __attribute__((visibility("hidden")));

/**
 * The value is digits * 10^exponent, with its sign; where it is inexact, a little more than that.
 */
struct cor_decimal {
	uint64_t digits; /* the first 19 significant digits */
	int64_t exponent;
	bool negative;
	bool integral;       /* written without fraction and exponent */
	bool inexact;        /* digits that are not zero follow behind the 19 */
	struct cor_str text; /* as written; after an error up to where it is wrong */
};

/**
 * Private to the scan: the exponent behind the 'e'. Where it ends, NULL and *ret_wrong if it is not
 * well-formed.
 */
const char *cor_decimal_scan_exponent(
	const char *at, const char *end, struct cor_decimal *decimal, const char **ret_wrong);
/** Private to the scan: take the digits again where there are more than 19. */
void cor_decimal_scan_long(const char *first, const char *end, struct cor_decimal *decimal);

/**
 * The number in eight bytes of 0 to 9, the first digit in the lowest: in pairs, in fours, then all.
 */
static inline uint64_t cor_decimal_eight(uint64_t word)
{
	word = word * 10 + (word >> 8);
	uint64_t odd = (word & 0x000000ff000000ff) * 0x000f424000000064;
	uint64_t even = (word >> 16 & 0x000000ff000000ff) * 0x0000271000000001;

	return (odd + even) >> 32;
}

/** The digits at the front, appended to *digits (which wraps around); where they end. */
static inline const char *cor_decimal_scan_digits(const char *at, const char *end, uint64_t *digits)
{
	uint64_t value = *digits;

	for (; at < end; at++) {
		unsigned digit = (unsigned)(unsigned char)*at - '0';
		if (digit > 9)
			break;
		value = value * 10 + digit;
	}
	*digits = value;
	return at;
}

/** In eight bytes that were XORed with '0': something in each that is not a digit. */
static inline uint64_t cor_decimal_others(uint64_t word)
{
	/* Where the high half is not 0 now, or adding 6 carries into it, no digit stood. */
	return (word | (word + 0x0606060606060606)) & 0xf0f0f0f0f0f0f0f0;
}

/** Append the digits of such a word, 0 to 7, that stand before `others`; how many. */
static inline unsigned cor_decimal_few(uint64_t word, uint64_t others, uint64_t *digits)
{
	static const uint32_t tens[8] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000 };
	unsigned count = (unsigned)__builtin_ctzll(others) >> 3;

	/* Shifted up, the digits have zeros before them (in two steps: never 64 bits). */
	word = word << 8 << (56 - 8 * count);
	*digits = *digits * tens[count] + cor_decimal_eight(word);
	return count;
}

/**
 * The same, eight at a time and without a loop for fewer: for fractions, whose length nobody can
 * predict.
 */
static inline const char *cor_decimal_scan_eights(const char *at, const char *end, uint64_t *digits)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	while (end - at >= 8) {
		uint64_t word = cor_word_at(at) ^ 0x3030303030303030;
		uint64_t others = cor_decimal_others(word);
		if (others != 0)
			return at + cor_decimal_few(word, others, digits);
		*digits = *digits * 100000000 + cor_decimal_eight(word);
		at += 8;
	}
#endif
	return cor_decimal_scan_digits(at, end, digits);
}

/**
 * The same for up to 7 digits, without any loop where eight bytes can be looked at; none of more
 * digits.
 */
static inline const char *cor_decimal_scan_few(const char *at, const char *end, uint64_t *digits)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	if (end - at >= 8) {
		uint64_t word = cor_word_at(at) ^ 0x3030303030303030;
		uint64_t others = cor_decimal_others(word);
		return others == 0 ? at : at + cor_decimal_few(word, others, digits);
	}
#endif
	const char *stop = cor_decimal_scan_digits(at, end, digits);
	return stop - at < 8 ? stop : at;
}

/*
 * Two shortcuts for what most numbers are. NULL where they do not apply, which says nothing about
 * the text; else where the number ends: what follows it is for the caller to judge, as behind the
 * scan below.
 */

/**
 * Private to the shortcuts: whether these digits are 1 to `max`, and none but a lone zero begins
 * with 0.
 */
static inline bool cor_decimal_is_whole(const char *first, const char *at, size_t max)
{
	return (size_t)(at - first - 1) < max && (*first != '0' || at - first == 1);
}

/** A natural number of 1 to 18 digits, which fits into all 64-bit integers. */
static inline const char *cor_decimal_scan_natural(
	const char *at, const char *end, uint64_t *ret_value)
{
	const char *first = at;
	uint64_t value = 0;

	at = cor_decimal_scan_digits(at, end, &value);
	if (!cor_decimal_is_whole(first, at, 18) || at == end || *at == '.' || (*at | 0x20) == 'e')
		return NULL;
	*ret_value = value;
	return at;
}

/** Private to the shortcuts: less than eight bytes, and zeros behind them. */
uint64_t cor_decimal_last_word(const char *at, const char *end);

/**
 * Private to the shortcuts: the eight bytes that stand there, XORed with '0'. Where the text ends
 * before, bytes that are no digits.
 */
static inline uint64_t cor_decimal_word(const char *at, const char *end)
{
	uint64_t word = __builtin_expect(end - at >= 8, 1) ? cor_word_at(at)
							   : cor_decimal_last_word(at, end);

	return word ^ 0x3030303030303030;
}

/** Private to the shortcuts: whether a byte that was XORed with '0' is a letter E. */
static inline bool cor_decimal_is_e(uint8_t byte)
{
	return (byte | 0x20) == ('E' ^ '0');
}

/**
 * An integer of at most seven digits, with its sign and without any loop. NULL as above.
 */
static inline const char *cor_decimal_scan_seven_whole(
	const char *at, const char *end, int64_t *ret_value)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	if (at >= end)
		return NULL;
	bool negative = *at == '-';
	at += negative;
	uint64_t word = cor_decimal_word(at, end);
	uint64_t others = cor_decimal_others(word);
	if (others == 0 || (others & 0xff) != 0)
		return NULL;
	unsigned bits = (unsigned)__builtin_ctzll(others) & 56u;
	uint8_t behind = (uint8_t)(word >> bits);
	if (((word & 0xff) == 0 && bits > 8) || behind == ('.' ^ '0') || cor_decimal_is_e(behind))
		return NULL;
	int64_t value = (int64_t)cor_decimal_eight(word << (64 - bits));
	*ret_value = negative ? -value : value;
	return at + bits / 8;
#else
	(void)at;
	(void)end;
	(void)ret_value;
	return NULL;
#endif
}

/**
 * A number of at most seven digits and points, with its sign and without any loop: the digits
 * before and behind the point are moved together. They and the power are doubles without error, so
 * that one division rounds once. NULL as above.
 */
static inline const char *cor_decimal_scan_seven(const char *at, const char *end, double *ret_value)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	if (at >= end)
		return NULL;
	bool negative = *at == '-';
	at += negative;
	uint64_t word = cor_decimal_word(at, end);
	uint64_t others = cor_decimal_others(word);
	if (others == 0 || (others & 0xff) != 0)
		return NULL;
	unsigned bits = (unsigned)__builtin_ctzll(others) & 56u, fraction = 0;
	if ((word & 0xff) == 0 && bits > 8)
		return NULL;
	uint8_t behind = (uint8_t)(word >> bits);
	if (behind == ('.' ^ '0')) {
		uint64_t low = word & ((UINT64_C(1) << bits) - 1);
		others = others >> bits >> 8;
		if (others == 0 || (others & 0xff) != 0)
			return NULL;
		fraction = (unsigned)__builtin_ctzll(others) & 56u;
		word = low | word >> bits >> 8 << bits;
		behind = (uint8_t)(word >> bits >> fraction);
		at++;
	}
	if (cor_decimal_is_e(behind))
		return NULL;
	double value = (double)(int64_t)cor_decimal_eight(word << (64 - bits - fraction)) /
		       cor_decimal_tens[fraction / 8];
	*ret_value = negative ? -value : value;
	return at + (bits + fraction) / 8;
#else
	(void)at;
	(void)end;
	(void)ret_value;
	return NULL;
#endif
}

/** Private to the shortcuts: the digits of a word that was XORed with '0' up to `bits`, 1 to 64. */
static inline uint64_t cor_decimal_first(uint64_t word, unsigned bits)
{
	return cor_decimal_eight(word << (64 - bits));
}

/** Private to the shortcut below: the fraction behind `whole`, up to 15 digits. NULL as above. */
static inline const char *cor_decimal_scan_fraction(
	const char *at, const char *end, uint64_t *digits, unsigned *ret_places)
{
	unsigned places = 0;

	if (end - at <= 16)
		return NULL;
	uint64_t word = cor_word_at(at) ^ 0x3030303030303030;
	uint64_t others = cor_decimal_others(word);
	if (others == 0) {
		*digits = *digits * 100000000 + cor_decimal_eight(word);
		places = 8;
		word = cor_word_at(at + 8) ^ 0x3030303030303030;
		others = cor_decimal_others(word);
		if (others == 0)
			return NULL;
	}
	unsigned few = cor_decimal_few(word, others, digits);
	*ret_places = places + few;
	return places + few != 0 ? at + places + few : NULL;
}

/**
 * The same for up to seven digits before the point and 15 behind it, as doubles are printed; no
 * more than 19 together. NULL as above, and where the text ends within some bytes.
 */
static inline const char *cor_decimal_scan_double(
	const char *at, const char *end, uint64_t *ret_digits, unsigned *ret_places)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	if (end - at <= 8)
		return NULL;
	uint64_t word = cor_word_at(at) ^ 0x3030303030303030;
	uint64_t others = cor_decimal_others(word);
	if (others == 0 || (others & 0xff) != 0)
		return NULL;
	unsigned bits = (unsigned)__builtin_ctzll(others) & 56u;
	if (((word & 0xff) == 0 && bits > 8) || at[bits / 8] != '.')
		return NULL;
	*ret_digits = cor_decimal_first(word, bits);
	at = cor_decimal_scan_fraction(at + bits / 8 + 1, end, ret_digits, ret_places);
	if (!at || (*at | 0x20) == 'e' || bits / 8 + *ret_places > COR_DECIMAL_DIGITS)
		return NULL;
	return at;
#else
	(void)at;
	(void)end;
	(void)ret_digits;
	(void)ret_places;
	return NULL;
#endif
}

/** Record that the number breaks the grammar at `wrong`. */
static inline int cor_decimal_fail(
	struct cor_decimal *decimal, const char *start, const char *wrong)
{
	decimal->text = (struct cor_str){ start, (size_t)(wrong - start) };
	return -COR_ESYNTAX;
}

/**
 * Scan the number at `at`, as far as it goes: what follows it is for the caller to judge.
 * Returns 0 or -COR_ESYNTAX; then only ret->text counts.
 */
static inline int cor_decimal_scan(const char *at, const char *end, struct cor_decimal *ret)
{
	const char *start = at;

	ret->negative = at < end && *at == '-';
	at += ret->negative;
	ret->digits = 0;
	ret->exponent = 0;
	ret->integral = true;
	ret->inexact = false;
	const char *first = at;
	at = cor_decimal_scan_digits(at, end, &ret->digits);
	ptrdiff_t count = at - first;
	if (count == 0)
		return cor_decimal_fail(ret, start, at);
	if (*first == '0' && count > 1)
		return cor_decimal_fail(ret, start, first + 1);
	if (at < end && *at == '.') {
		const char *fraction = ++at;
		at = cor_decimal_scan_eights(at, end, &ret->digits);
		if (at == fraction)
			return cor_decimal_fail(ret, start, at);
		ret->exponent = fraction - at;
		ret->integral = false;
		count += at - fraction;
	}
	if (__builtin_expect(count > COR_DECIMAL_DIGITS, 0))
		cor_decimal_scan_long(first, at, ret);
	if (at < end && (*at | 0x20) == 'e') {
		const char *wrong;
		at = cor_decimal_scan_exponent(at + 1, end, ret, &wrong);
		if (!at)
			return cor_decimal_fail(ret, start, wrong);
	}
	ret->text = (struct cor_str){ start, (size_t)(at - start) };
	return 0;
}

/* The integer that was written. 0, -COR_ESYNTAX (it was written as none), -ERANGE. */
int cor_decimal_int64(const struct cor_decimal *decimal, int64_t *ret);
int cor_decimal_uint64(const struct cor_decimal *decimal, uint64_t *ret);

/** The nearest double, ties to even; infinite when out of range. */
double cor_decimal_double(const struct cor_decimal *decimal);
/** The double nearest to digits * 10^exponent, which has no more than 19 digits. */
double cor_decimal_real(uint64_t digits, int64_t exponent);

#endif
