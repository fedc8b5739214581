/* SPDX-License-Identifier: MIT */
#include <coracle/decimal_number.h>

#include <errno.h>
#include <stdbool.h>

#include <coracle/error.h>

#include "base/decimal.h"

#define DIGITS COR_DECIMAL_NUMBER_DIGITS
#define LIMIT  INT64_C(1000000000000000000) /* the first that has too many digits */

static int64_t ten_to(unsigned exponent)
{
	int64_t power = 1;

	while (exponent-- > 0)
		power *= 10;
	return power;
}

/* *value * 10^count, if it has no more digits than it may. */
static bool append_zeros(int64_t *value, int64_t count)
{
	int64_t scaled = *value;

	for (; count > 0 && scaled != 0; count--) {
		if (scaled >= LIMIT / 10 || scaled <= -LIMIT / 10)
			return false;
		scaled *= 10;
	}
	*value = scaled;
	return true;
}

/* A 0 has no digits to be kept but those of its scale. */
static int from_digits(const struct cor_decimal *decimal, struct cor_decimal_number *ret)
{
	int64_t value = (int64_t)decimal->digits;
	int64_t scale = decimal->exponent < 0 ? -decimal->exponent : 0;

	if (decimal->inexact || decimal->digits >= (uint64_t)LIMIT || scale > DIGITS ||
		!append_zeros(&value, decimal->exponent))
		return -ERANGE;
	ret->unscaled = decimal->negative ? -value : value;
	ret->scale = (uint8_t)scale;
	return 0;
}

int cor_decimal_number_parse(struct cor_str text, struct cor_decimal_number *ret)
{
	struct cor_decimal decimal;

	if (text.len == 0 || cor_decimal_scan(text.data, text.data + text.len, &decimal) < 0 ||
		decimal.text.len != text.len)
		return -COR_ESYNTAX;
	return from_digits(&decimal, ret);
}

size_t cor_decimal_number_print(
	const struct cor_decimal_number *number, char out[COR_DECIMAL_NUMBER_BYTES])
{
	uint64_t left = (uint64_t)(number->unscaled < 0 ? 0 - (uint64_t)number->unscaled
							: (uint64_t)number->unscaled);
	char reversed[COR_DECIMAL_NUMBER_BYTES];
	size_t len = 0, digits = 0, written = 0;

	if (left >= (uint64_t)LIMIT || number->scale > DIGITS)
		return 0;
	for (; left != 0 || digits <= number->scale; left /= 10, digits++) {
		if (digits == number->scale && digits != 0)
			reversed[len++] = '.';
		reversed[len++] = (char)('0' + left % 10);
	}
	if (number->unscaled < 0)
		out[written++] = '-';
	while (len > 0)
		out[written++] = reversed[--len];
	out[written] = '\0';
	return written;
}

int cor_decimal_number_compare(
	const struct cor_decimal_number *a, const struct cor_decimal_number *b)
{
	__int128 left = (__int128)a->unscaled * ten_to(b->scale);
	__int128 right = (__int128)b->unscaled * ten_to(a->scale);

	return (left > right) - (left < right);
}

int cor_decimal_number_rescale(struct cor_decimal_number *number, uint8_t scale)
{
	int64_t value = number->unscaled;

	if (scale > DIGITS)
		return -ERANGE;
	if (scale >= number->scale) {
		if (!append_zeros(&value, scale - number->scale))
			return -ERANGE;
	} else {
		int64_t power = ten_to(number->scale - scale);
		if (value % power != 0)
			return -EDOM;
		value /= power;
	}
	number->unscaled = value;
	number->scale = scale;
	return 0;
}

int cor_decimal_number_multiply(const struct cor_decimal_number *a,
	const struct cor_decimal_number *b, struct cor_decimal_number *ret)
{
	__int128 product = (__int128)a->unscaled * b->unscaled;
	unsigned scale = (unsigned)a->scale + b->scale;

	while (scale > 0 && product % 10 == 0 &&
		(scale > DIGITS || product >= LIMIT || product <= -LIMIT)) {
		product /= 10;
		scale--;
	}
	if (scale > DIGITS || product >= LIMIT || product <= -LIMIT)
		return -ERANGE;
	ret->unscaled = (int64_t)product;
	ret->scale = (uint8_t)scale;
	return 0;
}
