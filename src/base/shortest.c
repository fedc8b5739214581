/* SPDX-License-Identifier: MIT */
/*
 * Schubfach (Raffaello Giulietti, "The Schubfach way to render doubles", 2020). Every real number
 * that rounds to the double lies in an interval around it; scaled by a power of ten, the interval
 * is so wide that it holds one to ten integers (or one multiple of ten, which is then shorter).
 * Three multiplications find its bounds.
 */
#include "base/shortest.h"

#include <stdbool.h>
#include <string.h>

#include "base/powers.h"

#define MANTISSA_BITS 52
#define MANTISSA_MASK ((UINT64_C(1) << MANTISSA_BITS) - 1)

/* factor * power / 2^128, with the lowest bit set if anything was cut off ("round to odd"). */
static uint64_t scale(struct cor_power power, uint64_t factor)
{
	unsigned __int128 low = (unsigned __int128)power.low * factor;
	unsigned __int128 sum = (unsigned __int128)power.high * factor + (uint64_t)(low >> 64);

	return (uint64_t)(sum >> 64) | ((uint64_t)sum > 1);
}

static struct cor_shortest without_zeros(uint64_t digits, int exponent)
{
	while (__builtin_expect(digits % 10 == 0, 0)) {
		digits /= 10;
		exponent++;
	}
	return (struct cor_shortest){ digits, exponent };
}

/*
 * Choose between the candidates, given the value and its bounds times 4 in units of 10^exponent.
 * Nobody can predict which it will be, so all are computed: a wrong guess would cost more.
 */
static inline struct cor_shortest choose(
	uint64_t lower, uint64_t value, uint64_t upper, int exponent)
{
	uint64_t below = value / 4, tens = below / 10;
	bool tens_below = lower <= 40 * tens, tens_above = upper >= 40 * tens + 40;
	bool is_ten = (tens_below != tens_above) & (below >= 10);
	bool is_below = lower <= 4 * below, is_above = upper >= 4 * below + 4;
	uint64_t middle = 4 * below + 2;
	bool nearer_above = (value > middle) | ((value == middle) & (below & 1));
	uint64_t one = below + (is_below != is_above ? is_above : nearer_above);
	uint64_t ten = tens + tens_above;

	return without_zeros(is_ten ? ten : one, exponent + is_ten);
}

struct cor_shortest cor_shortest(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof bits);
	uint64_t fraction = bits & MANTISSA_MASK;
	int biased = (int)(bits >> MANTISSA_BITS);
	uint64_t mantissa = biased ? fraction | UINT64_C(1) << MANTISSA_BITS : fraction;
	int binary = (biased ? biased : 1) - 1075;

	/* At a power of two the neighbour below is only half as far away. */
	bool lopsided = fraction == 0 && biased > 1;
	bool odd = mantissa & 1; /* the bounds themselves round to even: away from us */

	/* floor(log10(2^binary)), or of three quarters of it: GCC and Clang shift arithmetically */
	/* cppcheck-suppress shiftNegativeLHS */
	int exponent = (binary * 315653 - (lopsided ? 131237 : 0)) >> 20;
	int shift = binary + ((-exponent * 217707) >> 16) + 1;
	struct cor_power power = cor_powers[-exponent - COR_POWERS_MIN];
	if (-exponent < 0 || -exponent > COR_POWERS_EXACT_MAX)
		power.low++; /* the algorithm wants them rounded up; none ends in 64 ones */

	uint64_t lower = scale(power, (4 * mantissa - 2 + lopsided) << shift);
	uint64_t middle = scale(power, (4 * mantissa) << shift);
	uint64_t upper = scale(power, (4 * mantissa + 2) << shift);
	return choose(lower + odd, middle, upper - odd, exponent);
}
