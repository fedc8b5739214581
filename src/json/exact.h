/* SPDX-License-Identifier: MIT */
/**
 * The exact value of a number as it is written, however long it is (RFC 8259, section 6).
 *
 * 10, 1e1 and 1000e-2 are one value here, 1e400 and 2^64 are values like others.
 */
#ifndef CORACLE_JSON_EXACT_H
#define CORACLE_JSON_EXACT_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/str.h>

/**
 * 0.ddd * 10^point: the first digit is not 0, nor is the last; a '.' may stand among them, which
 * does not count. Zero has no digits.
 */
struct cor_json_exact {
	bool negative;
	const char *digits;
	const char *end;
	int64_t point; /* exponents of more than 17 digits are all taken as 10^17 */
};

/** `number` is well-formed. */
struct cor_json_exact cor_json_exact(struct cor_str number);

/** Whether two numbers are the same value; -0 is 0. */
bool cor_json_exact_equal(const struct cor_json_exact *a, const struct cor_json_exact *b);

/** The whole number: 0, -COR_EINVALID (it has a fraction), -ERANGE. *ret is untouched then. */
int cor_json_exact_int64(const struct cor_json_exact *exact, int64_t *ret);
int cor_json_exact_uint64(const struct cor_json_exact *exact, uint64_t *ret);

#endif
