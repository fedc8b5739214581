/* SPDX-License-Identifier: MIT */
/** The shortest decimal that reads back as a given double, and among those the nearest. */
#ifndef CORACLE_BASE_SHORTEST_H
#define CORACLE_BASE_SHORTEST_H

#include <stdint.h>

struct cor_shortest {
	uint64_t digits; /* at most 17 of them, without zeros at the end */
	int exponent;    /* the value is digits * 10^exponent */
};

/** `value` is positive and finite. */
struct cor_shortest cor_shortest(double value);

#endif
