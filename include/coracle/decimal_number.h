/* SPDX-License-Identifier: MIT */
/**
 * Decimal numbers without rounding: 19.90 is 1990 with the scale 2, and stays so. Nothing here
 * yields, allocates or depends on the locale; any thread.
 *
 * A member of this type needs none of it: its row reads and writes the text. To calculate, have all
 * in one scale and take the integers: a row with .multiple_of = 0.01 reads each with the scale 2,
 * else cor_decimal_number_rescale() gives it. Without either the client decides how many zeros
 * stand behind the point, and what an int64_t of it still holds.
 */
#ifndef CORACLE_DECIMAL_NUMBER_H
#define CORACLE_DECIMAL_NUMBER_H

#include <stdint.h>

#include <coracle/api.h>
#include <coracle/str.h>

COR_BEGIN_DECLS

/** unscaled / 10^scale. Zeroed it is 0. 1.5 and 1.50 are equal, and written as they are. */
struct cor_decimal_number {
	int64_t unscaled; /* of at most 18 digits */
	uint8_t scale;    /* digits behind the point, 0 to 18 */
};

#define COR_DECIMAL_NUMBER_DIGITS 18
#define COR_DECIMAL_NUMBER_BYTES  24 /* room for any of them and its NUL */

/**
 * Read a number that is the whole text, in the grammar of JSON (RFC 8259 section 6): -19.90, 1e3,
 * 25E-4. Every digit is kept, also a 0 at the end. Returns 0, -COR_ESYNTAX, or -ERANGE (it takes
 * more than 18 digits, or more than 18 behind the point); *ret is untouched on failure.
 */
COR_API int cor_decimal_number_parse(
	struct cor_str text, struct cor_decimal_number *ret) COR_CHECKED;

/**
 * Write it with all digits of its scale and without an exponent, and a NUL. Returns the bytes
 * before the NUL; 0 with *out untouched if it has more digits than it may.
 */
COR_API size_t cor_decimal_number_print(
	const struct cor_decimal_number *number, char out[COR_DECIMAL_NUMBER_BYTES]);

/** Compare two by their value, exactly: below 0, 0 or above 0. */
COR_API int cor_decimal_number_compare(
	const struct cor_decimal_number *a, const struct cor_decimal_number *b);

/**
 * Give it another scale, with the same value. Returns 0, -ERANGE (it takes more than 18 digits), or
 * -EDOM (a digit that is not 0 would be lost); *number is untouched on failure.
 */
COR_API int cor_decimal_number_rescale(
	struct cor_decimal_number *number, uint8_t scale) COR_CHECKED;

/**
 * Multiply two, exactly. The scale of the product is the sum of theirs, less zeros at its end for
 * which there is no room. Returns 0, or -ERANGE (it takes more than 18 digits, or more than 18
 * behind the point); *ret is untouched on failure, and may be one of the two.
 *
 *     const struct cor_decimal_number days = { .unscaled = 90 };
 *     rc = cor_decimal_number_multiply(&daily_price, &days, &price);
 */
COR_API int cor_decimal_number_multiply(const struct cor_decimal_number *a,
	const struct cor_decimal_number *b, struct cor_decimal_number *ret) COR_CHECKED;

COR_END_DECLS
#endif
