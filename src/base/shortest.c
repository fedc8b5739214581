/* SPDX-License-Identifier: MIT */
#include "base/shortest.h"

/* factor * power / 2^128, with the lowest bit set if anything was cut off ("round to odd"). */
static uint64_t scale(struct cor_power power, uint64_t factor)
{
	unsigned __int128 low = (unsigned __int128)power.low * factor;
	unsigned __int128 sum = (unsigned __int128)power.high * factor + (uint64_t)(low >> 64);

	return (uint64_t)(sum >> 64) | ((uint64_t)sum > 1);
}

/* digits * 10^exponent, of up to seventeen digits */
static struct cor_shortest with_zeros(uint64_t digits, int exponent)
{
	for (; digits < COR_SHORTEST_SIXTEEN; exponent--)
		digits *= 10;
	return (struct cor_shortest){ digits / 10, (unsigned)(digits % 10), exponent };
}

/* Choose between the candidates, given the value and its bounds times 4 in units of 10^exponent. */
static struct cor_shortest choose(uint64_t lower, uint64_t value, uint64_t upper, int exponent)
{
	uint64_t below = value / 4, tens = below / 10;
	bool tens_below = lower <= 40 * tens, tens_above = upper >= 40 * tens + 40;
	bool is_below = lower <= 4 * below, is_above = upper >= 4 * below + 4;
	uint64_t middle = 4 * below + 2;
	bool nearer_above = (value > middle) | ((value == middle) & (below & 1));

	if (below >= 10 && tens_below != tens_above)
		return with_zeros(tens + tens_above, exponent + 1);
	return with_zeros(below + (is_below != is_above ? is_above : nearer_above), exponent);
}

struct cor_shortest cor_shortest_exactly(struct cor_shortest_parts parts)
{
	uint64_t mantissa = parts.mantissa;
	/* At a power of two the neighbour below is only half as far away. */
	bool lopsided = mantissa == UINT64_C(1) << COR_SHORTEST_MANTISSA_BITS &&
			parts.binary > COR_SHORTEST_BINARY_MIN;
	bool odd = mantissa & 1; /* the bounds themselves round to even: away from us */
	struct cor_shortest_scaling scaling = cor_shortest_scaling_of(parts.binary, lopsided);
	struct cor_power power = scaling.power;

	if (-scaling.exponent < 0 || -scaling.exponent > COR_POWERS_EXACT_MAX)
		power.low++; /* the algorithm wants them rounded up; none ends in 64 ones */
	uint64_t lower = scale(power, (4 * mantissa - 2 + lopsided) << scaling.shift);
	uint64_t middle = scale(power, (4 * mantissa) << scaling.shift);
	uint64_t upper = scale(power, (4 * mantissa + 2) << scaling.shift);
	return choose(lower + odd, middle, upper - odd, scaling.exponent);
}
