/* SPDX-License-Identifier: MIT */
/** Whether a number is a multiple of another one. Private to the schema folder. Any thread. */
#ifndef CORACLE_SCHEMA_MULTIPLE_H
#define CORACLE_SCHEMA_MULTIPLE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * As the decimals that the two doubles, which are finite, are written as: 0.3 is a multiple of 0.1,
 * though the doubles next to them are not of one another. `of` is above 0.
 */
bool cor_multiple_holds(double value, double of);

/** The same of digits * 10^exponent, of which there are no more than 18. */
bool cor_multiple_holds_digits(uint64_t digits, int64_t exponent, double of);

/** How many digits `of` has behind the point, as a decimal: 2 of 0.01, 0 of 3. */
uint32_t cor_multiple_places(double of);

#endif
