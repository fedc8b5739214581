/* SPDX-License-Identifier: MIT */
/** Powers of ten to 128 bits, for reading and printing doubles. The table is made by powers.py. */
#ifndef CORACLE_BASE_POWERS_H
#define CORACLE_BASE_POWERS_H

#include <stdint.h>

#define COR_POWERS_MIN       -342
#define COR_POWERS_MAX       324
#define COR_POWERS_EXACT_MAX 55 /* from 10^0 to here nothing was cut off */

struct cor_power {
	uint64_t high, low;
};

/**
 * Entry i is 10^(i + COR_POWERS_MIN), scaled by a power of two into [2^127, 2^128) and truncated.
 */
extern const struct cor_power cor_powers[COR_POWERS_MAX - COR_POWERS_MIN + 1]
	__attribute__((visibility("hidden")));

#endif
