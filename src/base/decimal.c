/* SPDX-License-Identifier: MIT */
#include "base/decimal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/powers.h"

#define EXPONENT_LIMIT 1000000000000000 /* beyond what any text in memory can balance */
#define SLOW_DIGITS    800              /* no tie between two doubles has more than 768 */
#define EXPONENT_BYTES 24

const double cor_decimal_tens[COR_DECIMAL_TENS] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8,
	1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };

const char *cor_decimal_scan_exponent(
	const char *at, const char *end, struct cor_decimal *decimal, const char **ret_wrong)
{
	bool negative = at < end && *at == '-';
	int64_t exponent = 0;

	if (at < end && (*at == '-' || *at == '+'))
		at++;
	const char *first = at;
	for (; at < end && *at >= '0' && *at <= '9'; at++) {
		if (exponent < EXPONENT_LIMIT)
			exponent = exponent * 10 + (*at - '0');
	}
	if (at == first) {
		*ret_wrong = at;
		return NULL;
	}
	decimal->exponent += negative ? -exponent : exponent;
	decimal->integral = false;
	return at;
}

uint64_t cor_decimal_last_word(const char *at, const char *end)
{
	char few[8] = { 0 };

	for (size_t i = 0; i < 8 && at + i < end; i++)
		few[i] = at[i];
	return cor_word_at(few);
}

void cor_decimal_scan_long(const char *first, const char *end, struct cor_decimal *decimal)
{
	int taken = 0;
	int64_t dropped = 0;

	decimal->digits = 0;
	for (const char *at = first; at < end; at++) {
		if (*at == '.' || (taken == 0 && *at == '0'))
			continue;
		if (taken < COR_DECIMAL_DIGITS) {
			decimal->digits = decimal->digits * 10 + (uint64_t)(*at - '0');
			taken++;
			continue;
		}
		dropped++;
		decimal->inexact |= *at != '0';
	}
	decimal->exponent += dropped;
}

/*
 * What was written without its sign. Twenty digits fit if they begin with 1 and do not wrap around.
 */
static int magnitude(const struct cor_decimal *decimal, uint64_t *ret)
{
	size_t count = decimal->text.len - decimal->negative;

	if (!decimal->integral)
		return -COR_ESYNTAX;
	if (count <= COR_DECIMAL_DIGITS) {
		*ret = decimal->digits;
		return 0;
	}
	const char *last = decimal->text.data + decimal->text.len - 1;
	if (count > COR_DECIMAL_DIGITS + 1 || decimal->digits >= UINT64_C(2000000000000000000))
		return -ERANGE;
	uint64_t wrapped = decimal->digits * 10 + (uint64_t)(*last - '0');
	if (wrapped < UINT64_C(10000000000000000000))
		return -ERANGE;
	*ret = wrapped;
	return 0;
}

int cor_decimal_int64(const struct cor_decimal *decimal, int64_t *ret)
{
	uint64_t value;
	int rc = magnitude(decimal, &value);

	if (rc < 0)
		return rc;
	if (value > (uint64_t)INT64_MAX + decimal->negative)
		return -ERANGE;
	*ret = (int64_t)(decimal->negative ? -value : value);
	return 0;
}

int cor_decimal_uint64(const struct cor_decimal *decimal, uint64_t *ret)
{
	uint64_t value;
	int rc = magnitude(decimal, &value);

	if (rc < 0)
		return rc;
	if (decimal->negative && value != 0)
		return -ERANGE;
	*ret = value;
	return 0;
}

static double from_bits(uint64_t bits)
{
	double value;

	memcpy(&value, &bits, sizeof value);
	return value;
}

/*
 * Clinger's fast path: digits and power are doubles without error, so one operation rounds once.
 * (FLT_EVAL_METHOD is 0 on the machines we build for.)
 */
static bool exactly(uint64_t digits, int64_t exponent, double *ret)
{
	if (digits > COR_DECIMAL_EXACT || exponent <= -COR_DECIMAL_TENS ||
		exponent >= COR_DECIMAL_TENS)
		return false;
	double value = (double)(int64_t)digits;
	*ret = exponent < 0 ? value / cor_decimal_tens[-exponent]
			    : value * cor_decimal_tens[exponent];
	return true;
}

/* The upper bits of digits * power, in 128; false if the bits cut off could decide the rounding. */
static bool multiply(
	uint64_t digits, const struct cor_power *power, uint64_t *ret_high, uint64_t *ret_low)
{
	unsigned __int128 product = (unsigned __int128)digits * power->high;
	uint64_t high = (uint64_t)(product >> 64);
	uint64_t low = (uint64_t)product;

	if ((high & 0x1ff) == 0x1ff && low + digits < low) {
		unsigned __int128 tail = (unsigned __int128)digits * power->low;
		uint64_t more = low + (uint64_t)(tail >> 64);
		high += more < low;
		low = more;
		if ((high & 0x1ff) == 0x1ff && low + 1 == 0 && (uint64_t)tail + digits < digits)
			return false;
	}
	*ret_high = high;
	*ret_low = low;
	return true;
}

/*
 * The algorithm of Eisel and Lemire ("Number parsing at a gigabyte per second", 2021): one or two
 * multiplications by a rounded power of ten decide nearly every case. False where they do not: ties
 * and subnormal numbers.
 */
static bool nearly(uint64_t digits, int64_t exponent, double *ret)
{
	uint64_t high, low;
	int zeros = __builtin_clzll(digits);
	int64_t binary = ((217706 * exponent) >> 16) + 64 + 1023 - zeros;

	if (!multiply(digits << zeros, &cor_powers[exponent - COR_POWERS_MIN], &high, &low))
		return false;
	int top = (int)(high >> 63);
	uint64_t mantissa = high >> (top + 9);
	binary -= 1 ^ top;
	if (low == 0 && (high & 0x1ff) == 0 && (mantissa & 3) == 1)
		return false;
	mantissa = (mantissa + (mantissa & 1)) >> 1;
	if (mantissa >> 53) {
		mantissa >>= 1;
		binary++;
	}
	if (binary < 1 || binary > 2046)
		return false;
	*ret = from_bits((uint64_t)binary << 52 | (mantissa & ((UINT64_C(1) << 52) - 1)));
	return true;
}

/*
 * The C library rounds what is left. It is given the digits as an integer and an exponent, since
 * how a decimal point looks depends on the locale. `text` has EXPONENT_BYTES of room behind its
 * `len` digits.
 */
static double round_text(char *text, size_t len, int64_t exponent)
{
	snprintf(text + len, EXPONENT_BYTES, "e%lld", (long long)exponent);
	int kept = errno;
	double value = strtod(text, NULL);
	errno = kept;
	return value;
}

static __attribute__((noinline)) double round_short(uint64_t digits, int64_t exponent)
{
	char text[32 + EXPONENT_BYTES];
	int len = snprintf(text, 32, "%llu", (unsigned long long)digits);

	return round_text(text, (size_t)len, exponent);
}

/* From the text itself. Digits beyond SLOW_DIGITS only tell whether there is anything more. */
static __attribute__((noinline)) double round_long(const struct cor_decimal *decimal)
{
	char text[SLOW_DIGITS + 1 + EXPONENT_BYTES];
	size_t len = 0;
	bool more = false;
	int64_t exponent = decimal->exponent; /* of the 19th digit */
	const char *end = decimal->text.data + decimal->text.len;

	for (const char *at = decimal->text.data; at < end && (*at | 0x20) != 'e'; at++) {
		if (*at < '0' || *at > '9' || (len == 0 && *at == '0'))
			continue;
		if (len < SLOW_DIGITS) {
			exponent -= len >= COR_DECIMAL_DIGITS;
			text[len++] = *at;
		} else {
			more |= *at != '0';
		}
	}
	if (more) {
		text[len++] = '1';
		exponent--;
	}
	return round_text(text, len, exponent);
}

double cor_decimal_real(uint64_t digits, int64_t exponent)
{
	double value;

	if (exactly(digits, exponent, &value))
		return value;
	if (digits == 0 || exponent < COR_POWERS_MIN)
		return 0;
	if (exponent > 308)
		return (double)INFINITY;
	return nearly(digits, exponent, &value) ? value : round_short(digits, exponent);
}

/*
 * Between the first 19 digits and one more in the last place: decided if both are rounded to the
 * same.
 */
static double between(const struct cor_decimal *decimal)
{
	double below, above;

	if (decimal->exponent < COR_POWERS_MIN)
		return 0;
	if (decimal->exponent > 308)
		return (double)INFINITY;
	if (nearly(decimal->digits, decimal->exponent, &below) &&
		nearly(decimal->digits + 1, decimal->exponent, &above) && below == above)
		return below;
	return round_long(decimal);
}

double cor_decimal_double(const struct cor_decimal *decimal)
{
	double value = decimal->inexact ? between(decimal)
					: cor_decimal_real(decimal->digits, decimal->exponent);

	return decimal->negative ? -value : value;
}
