/* SPDX-License-Identifier: MIT */
/**
 * Numbers as text, in the grammar of JSON (RFC 8259, section 6): no plus sign, no leading zero, no
 * blank.
 *
 * 64-bit integers are exact. A double is read as the nearest one (ties to even) and printed in the
 * shortest form that reads back as the same. Nothing here yields, allocates or depends on the
 * locale; any thread.
 */
#ifndef CORACLE_BASE_NUMBER_H
#define CORACLE_BASE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/str.h>

#define COR_NUMBER_BYTES 40 /* room for printing any number, and for what is written behind it */

/*
 * Read a number that is the whole text. *ret is untouched on failure.
 * Returns 0, -COR_ESYNTAX (for integers also: a fraction or an exponent), -ERANGE.
 */
int cor_number_parse_int64(struct cor_str text, int64_t *ret) COR_CHECKED;
int cor_number_parse_uint64(struct cor_str text, uint64_t *ret) COR_CHECKED;
/** Too small becomes zero; too large is -ERANGE. */
int cor_number_parse_double(struct cor_str text, double *ret) COR_CHECKED;

/* Write a number without a NUL; its length. The room behind it may be written to. */
size_t cor_number_print_int64(int64_t value, char out[COR_NUMBER_BYTES]);
size_t cor_number_print_uint64(uint64_t value, char out[COR_NUMBER_BYTES]);
/**
 * Plain from 1e-5 up to below 1e17, with ".0" where it is an integer ("1.0", "-0.0"), else with an
 * exponent ("1e300", "1.5e-7"). 0 if it is not finite.
 */
size_t cor_number_print_double(double value, char out[COR_NUMBER_BYTES]);

#endif
