/* SPDX-License-Identifier: MIT */
/**
 * The shortest decimal that reads back as a given double, and among those the nearest.
 *
 * Schubfach (Raffaello Giulietti, "The Schubfach way to render doubles", 2020). Every real number
 * that rounds to the double lies in an interval around it; scaled by a power of ten, the interval
 * is so wide that it holds one to ten integers (or one multiple of ten, which is then shorter).
 *
 * One product of the double with that power has the digits of all candidates; it also tells which
 * of them it is, unless two distances are the same to its last bits. What that leaves, and powers
 * of two, are decided exactly, by three products that are rounded as Schubfach asks.
 *
 * The first is inline because it is the inner loop of writing doubles.
 */
#ifndef CORACLE_BASE_SHORTEST_H
#define CORACLE_BASE_SHORTEST_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/compiler.h"
#include "base/powers.h"

struct cor_shortest {
	uint64_t tens; /* of 15 or 16 digits, but perhaps with zeros at the end */
	unsigned last; /* one digit */
	int exponent;  /* the value is (10 * tens + last) * 10^exponent */
};

#define COR_SHORTEST_MANTISSA_BITS 52
#define COR_SHORTEST_BINARY_MIN    -1074
#define COR_SHORTEST_SIXTEEN       UINT64_C(10000000000000000) /* so many digits are below that */

/** Private to the functions below: mantissa * 2^binary. */
struct cor_shortest_parts {
	uint64_t mantissa;
	int binary;
};

/** Private to the functions below: what brings it to the scale of 10^exponent, or a bit less. */
struct cor_shortest_scaling {
	struct cor_power power; /* cut off */
	int exponent;
	int shift; /* 1 to 4 */
};

static inline struct cor_shortest_scaling cor_shortest_scaling_of(int binary, bool lopsided)
{
	/* floor(log10(2^binary)), or of three quarters of it: GCC and Clang shift arithmetically */
	/* cppcheck-suppress shiftNegativeLHS */
	int exponent = (binary * 315653 - (lopsided ? 131237 : 0)) >> 20;

	return (struct cor_shortest_scaling){
		.power = cor_powers[-exponent - COR_POWERS_MIN],
		.exponent = exponent,
		.shift = binary + ((-exponent * 217707) >> 16) + 1,
	};
}

/** Private to cor_shortest(): the same by three products. */
struct cor_shortest cor_shortest_exactly(struct cor_shortest_parts parts);

/**
 * Private to cor_shortest(): by one product, if the neighbours are as far away on both sides; false
 * where it may be wrong. Nobody can predict which candidate it will be, so that nothing branches on
 * that.
 */
static inline bool cor_shortest_at_once(struct cor_shortest_parts parts, struct cor_shortest *ret)
{
	struct cor_shortest_scaling scaling = cor_shortest_scaling_of(parts.binary, false);
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
	if ((nearest - reach + 2 <= 4) | (fraction + (UINT64_C(1) << 63) + 1 <= 1))
		return false;
	*ret = (struct cor_shortest){
		.tens = tens + (is_ten & (above < below)),
		.last = (unsigned)(digit + (fraction >> 63)) & (is_ten - 1U),
		.exponent = scaling.exponent,
	};
	return ret->tens < COR_SHORTEST_SIXTEEN;
}

/** `value` is positive and finite. */
static inline struct cor_shortest cor_shortest(double value)
{
	struct cor_shortest shortest;
	uint64_t bits;

	memcpy(&bits, &value, sizeof bits);
	uint64_t fraction = bits & ((UINT64_C(1) << COR_SHORTEST_MANTISSA_BITS) - 1);
	int biased = (int)(bits >> COR_SHORTEST_MANTISSA_BITS);
	struct cor_shortest_parts parts = { fraction | UINT64_C(1) << COR_SHORTEST_MANTISSA_BITS,
		biased - 1 + COR_SHORTEST_BINARY_MIN };

	if (COR_UNLIKELY(biased == 0)) /* fewer digits */
		return cor_shortest_exactly(
			(struct cor_shortest_parts){ fraction, COR_SHORTEST_BINARY_MIN });
	if (COR_LIKELY(fraction != 0) && COR_LIKELY(cor_shortest_at_once(parts, &shortest)))
		return shortest;
	return cor_shortest_exactly(parts);
}

#endif
