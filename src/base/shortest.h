/* SPDX-License-Identifier: MIT */
/** The shortest decimal that reads back as a given double, and among those the nearest. */
#ifndef CORACLE_BASE_SHORTEST_H
#define CORACLE_BASE_SHORTEST_H

#include <stdint.h>

struct cor_shortest {
	uint64_t tens; /* of 15 or 16 digits, but perhaps with zeros at the end */
	unsigned last; /* one digit */
	int exponent;  /* the value is (10 * tens + last) * 10^exponent */
};

/** `value` is positive and finite. */
struct cor_shortest cor_shortest(double value);

#endif
