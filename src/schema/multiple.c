/* SPDX-License-Identifier: MIT */
#include "schema/multiple.h"

#include "base/decimal.h"
#include "base/number.h"

#define DIGITS 18 /* of a value, at most; of the shortest form of a double 17 */

/* digits * 10^exponent, whose last digit is not 0. */
struct shortest {
	uint64_t digits;
	int64_t exponent;
};

static struct shortest shorten(uint64_t digits, int64_t exponent)
{
	while (digits != 0 && digits % 10 == 0) {
		digits /= 10;
		exponent++;
	}
	return (struct shortest){ digits, exponent };
}

static struct shortest shortest_of(double value)
{
	char text[COR_NUMBER_BYTES];
	size_t len = cor_number_print_double(value, text);
	struct cor_decimal decimal;

	if (cor_decimal_scan(text, text + len, &decimal) < 0)
		return (struct shortest){ 0 };
	return shorten(decimal.digits, decimal.exponent);
}

/* Whether digits * 10^exponent is a multiple of `of`, which has no more than 17 digits. */
static bool divides_larger(uint64_t digits, int64_t exponent, uint64_t of)
{
	uint64_t rest = digits % of;

	for (; exponent > 0 && rest != 0; exponent--)
		rest = rest * 10 % of;
	return rest == 0;
}

static bool is_multiple(struct shortest a, struct shortest b)
{
	int64_t difference = a.exponent - b.exponent;

	if (a.digits == 0)
		return true;
	if (b.digits == 0) /* only 0 is a multiple of 0 */
		return false;
	if (difference >= 0)
		return divides_larger(a.digits, difference, b.digits);
	if (-difference > DIGITS)
		return false;
	unsigned __int128 step = b.digits;
	for (; difference < 0; difference++)
		step *= 10;
	return a.digits % step == 0;
}

bool cor_multiple_holds(double value, double of)
{
	return is_multiple(shortest_of(value), shortest_of(of));
}

bool cor_multiple_holds_digits(uint64_t digits, int64_t exponent, double of)
{
	return is_multiple(shorten(digits, exponent), shortest_of(of));
}

uint32_t cor_multiple_places(double of)
{
	struct shortest shortest = shortest_of(of);

	return shortest.exponent < 0 ? (uint32_t)-shortest.exponent : 0;
}
