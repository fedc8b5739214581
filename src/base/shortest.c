/* SPDX-License-Identifier: MIT */
/*
 * Schubfach (Raffaello Giulietti, "The Schubfach way to render doubles", 2020). Every real number
 * that rounds to the double lies in an interval around it; scaled by a power of ten, the interval
 * is so wide that it holds one to ten integers (or one multiple of ten, which is then shorter).
 *
 * One product of the double with that power has the digits of all candidates; it also tells which
 * of them it is, unless two distances are the same to its last bits. What that leaves, and powers
 * of two, are decided exactly, by three products that are rounded as Schubfach asks.
 */
#include "base/shortest.h"

#include <stdbool.h>
#include <string.h>

#include "base/compiler.h"
#include "base/powers.h"

#define MANTISSA_BITS 52
#define MANTISSA_MASK ((UINT64_C(1) << MANTISSA_BITS) - 1)
#define HALF          (UINT64_C(1) << 63)
#define BINARY_MIN    -1074
#define SIXTEEN       UINT64_C(10000000000000000) /* numbers of so many digits are below that */

/* mantissa * 2^binary */
struct parts {
	uint64_t mantissa;
	int binary;
};

/* What brings it to the scale of 10^exponent: as much as it is wide, or less. */
struct scaling {
	struct cor_power power; /* cut off */
	int exponent;
	int shift; /* 1 to 4 */
};

static inline struct scaling scaling_of(int binary, bool lopsided)
{
	/* floor(log10(2^binary)), or of three quarters of it: GCC and Clang shift arithmetically */
	/* cppcheck-suppress shiftNegativeLHS */
	int exponent = (binary * 315653 - (lopsided ? 131237 : 0)) >> 20;

	return (struct scaling){
		.power = cor_powers[-exponent - COR_POWERS_MIN],
		.exponent = exponent,
		.shift = binary + ((-exponent * 217707) >> 16) + 1,
	};
}

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
	for (; digits < SIXTEEN; exponent--)
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

static COR_OUT_OF_LINE struct cor_shortest decide(struct parts parts)
{
	uint64_t mantissa = parts.mantissa;
	/* At a power of two the neighbour below is only half as far away. */
	bool lopsided = mantissa == UINT64_C(1) << MANTISSA_BITS && parts.binary > BINARY_MIN;
	bool odd = mantissa & 1; /* the bounds themselves round to even: away from us */
	struct scaling scaling = scaling_of(parts.binary, lopsided);
	struct cor_power power = scaling.power;

	if (-scaling.exponent < 0 || -scaling.exponent > COR_POWERS_EXACT_MAX)
		power.low++; /* the algorithm wants them rounded up; none ends in 64 ones */
	uint64_t lower = scale(power, (4 * mantissa - 2 + lopsided) << scaling.shift);
	uint64_t middle = scale(power, (4 * mantissa) << scaling.shift);
	uint64_t upper = scale(power, (4 * mantissa + 2) << scaling.shift);
	return choose(lower + odd, middle, upper - odd, scaling.exponent);
}

/*
 * The same by one product, if the neighbours are as far away on both sides; false where it may be
 * wrong. Nobody can predict which candidate it will be, so that nothing branches on that.
 */
static inline bool choose_at_once(struct parts parts, struct cor_shortest *ret)
{
	struct scaling scaling = scaling_of(parts.binary, false);
	uint64_t factor = parts.mantissa << scaling.shift;
	unsigned __int128 low = (unsigned __int128)scaling.power.low * factor;
	unsigned __int128 product = (unsigned __int128)scaling.power.high * factor +
				    (uint64_t)(low >> 64);
	uint64_t whole = (uint64_t)(product >> 64), fraction = (uint64_t)product;
	uint64_t tens = whole / 10, digit = whole % 10;

	/* In units of 2^-60: how far it is to the tens around it, and how far it rounds. */
	uint64_t below = digit << 60 | fraction >> 4, above = (UINT64_C(10) << 60) - below;
	uint64_t reach = scaling.power.high >> (5 - scaling.shift);
	uint64_t nearest = below < above ? below : above;
	bool is_ten = nearest < reach;

	/* Each of them may be off by one unit and a little; a half may be a little less. */
	if ((nearest - reach + 2 <= 4) | (fraction + HALF + 1 <= 1))
		return false;
	*ret = (struct cor_shortest){
		.tens = tens + (is_ten & (above < below)),
		.last = (unsigned)(digit + (fraction >> 63)) & (is_ten - 1U),
		.exponent = scaling.exponent,
	};
	return ret->tens < SIXTEEN;
}

struct cor_shortest cor_shortest(double value)
{
	struct cor_shortest shortest;
	uint64_t bits;

	memcpy(&bits, &value, sizeof bits);
	uint64_t fraction = bits & MANTISSA_MASK;
	int biased = (int)(bits >> MANTISSA_BITS);
	struct parts parts = { fraction | UINT64_C(1) << MANTISSA_BITS, biased - 1 + BINARY_MIN };

	if (COR_UNLIKELY(biased == 0)) /* fewer digits */
		return decide((struct parts){ fraction, BINARY_MIN });
	if (COR_LIKELY(fraction != 0) && COR_LIKELY(choose_at_once(parts, &shortest)))
		return shortest;
	return decide(parts);
}
