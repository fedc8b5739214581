/* SPDX-License-Identifier: MIT */
#include "json/exact.h"

#include <coracle/error.h>

#define POINT_MAX    INT64_C(100000000000000000)
#define DIGITS_64BIT 20

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* The exponent from its 'e' on; 0 if there is none. */
static int64_t exponent(const char *at, const char *end)
{
	int64_t value = 0;

	if (at == end)
		return 0;
	bool negative = *++at == '-';
	for (; at < end; at++) {
		if (is_digit(*at) && value < POINT_MAX)
			value = value * 10 + (*at - '0');
	}
	if (value > POINT_MAX)
		value = POINT_MAX;
	return negative ? -value : value;
}

struct cor_json_exact cor_json_exact(struct cor_str number)
{
	const char *at = number.data, *end = at + number.len;
	bool negative = *at == '-';

	at += negative;
	const char *first = at, *stop = at, *point = NULL;
	for (; stop < end && (*stop | 0x20) != 'e'; stop++) {
		if (*stop == '.')
			point = stop;
	}
	int64_t scale = exponent(stop, end);
	if (!point)
		point = stop;
	while (first < stop && (*first == '0' || *first == '.'))
		first++;
	while (stop > first && (stop[-1] == '0' || stop[-1] == '.'))
		stop--;
	if (first < point)
		scale += point - first;
	else if (first < stop)
		scale -= first - point - 1;
	return (struct cor_json_exact){ negative && first < stop, first, stop,
		first < stop ? scale : 0 };
}

/* The next digit, -1 behind the last. */
static int take(const char **at, const char *end)
{
	if (*at < end && **at == '.')
		++*at;
	return *at < end ? *(*at)++ - '0' : -1;
}

bool cor_json_exact_equal(const struct cor_json_exact *a, const struct cor_json_exact *b)
{
	const char *left = a->digits, *right = b->digits;
	int digit;

	if (a->negative != b->negative || a->point != b->point)
		return false;
	do {
		digit = take(&left, a->end);
		if (digit != take(&right, b->end))
			return false;
	} while (digit >= 0);
	return true;
}

static int magnitude(const struct cor_json_exact *exact, uint64_t *ret)
{
	const char *at = exact->digits;
	uint64_t value = 0;

	if (at < exact->end && exact->point <= 0)
		return -COR_EINVALID;
	if (exact->point > DIGITS_64BIT)
		return -ERANGE;
	for (int64_t i = 0; i < exact->point; i++) {
		int digit = take(&at, exact->end);
		if (__builtin_mul_overflow(value, 10, &value) ||
			__builtin_add_overflow(value, digit > 0 ? (unsigned)digit : 0, &value))
			return -ERANGE;
	}
	if (at < exact->end) /* it ends with a digit that is not 0 */
		return -COR_EINVALID;
	*ret = value;
	return 0;
}

int cor_json_exact_int64(const struct cor_json_exact *exact, int64_t *ret)
{
	uint64_t value;
	int rc = magnitude(exact, &value);

	if (rc < 0)
		return rc;
	if (value > (uint64_t)INT64_MAX + exact->negative)
		return -ERANGE;
	*ret = (int64_t)(exact->negative ? -value : value);
	return 0;
}

int cor_json_exact_uint64(const struct cor_json_exact *exact, uint64_t *ret)
{
	uint64_t value;
	int rc = magnitude(exact, &value);

	if (rc < 0)
		return rc;
	if (exact->negative)
		return -ERANGE;
	*ret = value;
	return 0;
}
