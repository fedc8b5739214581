/* SPDX-License-Identifier: MIT */
#include "schema/whole_number.h"

#define EXPONENT_MAX 1000000000 /* beyond it only zero makes sense, and zero needs no exponent */
#define DIGITS_MAX   20         /* of 2^64 */

/* The digits from the first to the last that is not 0; the value is digits * 10^scale. */
struct decimal {
	const char *digits; /* may hold a '.' */
	size_t len;         /* characters, the '.' included */
	size_t count;       /* digits */
	long long scale;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static long long read_exponent(const char *at, const char *end)
{
	bool negative = at < end && *at == '-';
	long long value = 0;

	if (at < end && !is_digit(*at))
		at++;
	for (; at < end && value < EXPONENT_MAX; at++)
		value = value * 10 + (*at - '0');
	return negative ? -value : value;
}

static struct decimal split(const char *at, const char *end)
{
	struct decimal decimal = { .digits = at };
	const char *first = NULL, *last = NULL, *dot = NULL, *stop = at;

	for (; stop < end && (is_digit(*stop) || *stop == '.'); stop++) {
		if (*stop == '.')
			dot = stop;
		else if (*stop != '0')
			last = stop;
		if (!first && last)
			first = stop;
	}
	if (!first)
		return decimal;
	const char *point = dot ? dot : stop;
	decimal.digits = first;
	decimal.len = (size_t)(last - first) + 1;
	decimal.count = decimal.len - (first < point && point < last);
	decimal.scale = last < point ? point - last - 1 : point - last;
	if (stop < end)
		decimal.scale += read_exponent(stop + 1, end);
	return decimal;
}

enum cor_whole cor_whole_read(struct cor_str number, bool *ret_negative, uint64_t *ret_magnitude)
{
	const char *at = number.data, *end = at + number.len;
	bool negative = number.len != 0 && *at == '-';
	struct decimal decimal = split(at + negative, end);
	uint64_t magnitude = 0;

	*ret_negative = negative;
	if (decimal.count != 0 && decimal.scale < 0)
		return COR_WHOLE_NO;
	if (decimal.count != 0 && decimal.scale + (long long)decimal.count > DIGITS_MAX)
		return COR_WHOLE_TOO_LARGE;
	for (size_t i = 0; i < decimal.len; i++) {
		if (decimal.digits[i] == '.')
			continue;
		if (__builtin_mul_overflow(magnitude, 10u, &magnitude) ||
			__builtin_add_overflow(
				magnitude, (uint64_t)(decimal.digits[i] - '0'), &magnitude))
			return COR_WHOLE_TOO_LARGE;
	}
	for (long long i = 0; i < decimal.scale; i++)
		if (__builtin_mul_overflow(magnitude, 10u, &magnitude))
			return COR_WHOLE_TOO_LARGE;
	*ret_magnitude = magnitude;
	return COR_WHOLE_YES;
}
