/* SPDX-License-Identifier: MIT */
/**
 * Whole numbers that are written with a fraction or an exponent. Private to the schema folder.
 *
 * To JSON Schema (2020-12, core 4.2.3, validation 6.1.1) 1.0 and 1e3 are integers. The double that
 * the reader made of such a text may have been rounded, so the digits are looked at.
 */
#ifndef CORACLE_SCHEMA_WHOLE_NUMBER_H
#define CORACLE_SCHEMA_WHOLE_NUMBER_H

#include <coracle/str.h>
#include <stdint.h>

enum cor_whole {
	COR_WHOLE_YES,
	COR_WHOLE_NO,        /* it has a fraction */
	COR_WHOLE_TOO_LARGE, /* its magnitude is above 2^64 - 1 */
};

/** The magnitude of a well-formed JSON number. */
enum cor_whole cor_whole_read(struct cor_str number, bool *ret_negative, uint64_t *ret_magnitude);

#endif
