/* SPDX-License-Identifier: MIT */
/**
 * HTTP dates (RFC 9110 section 5.6.7): always GMT, no locale, no time zone tables. Nothing here
 * yields.
 */
#ifndef CORACLE_BASE_DATE_H
#define CORACLE_BASE_DATE_H

#include <stdint.h>

#include <coracle/api.h>
#include <coracle/str.h>

#define COR_IMF_DATE_BYTES 29

/**
 * Write "Sun, 06 Nov 1994 08:49:37 GMT", without a NUL. Times before year 0 and after year 9999 are
 * written as the nearest that can be.
 */
void cor_imf_date_format(char out[COR_IMF_DATE_BYTES], int64_t unix_s);

/**
 * Read any of the three forms: IMF-fixdate, RFC 850 and asctime. The two-digit year of RFC 850 is
 * the one that is not more than 50 years after `now_s`. The name of the day must be one, but is not
 * compared with the date; a leap second (60) counts as the second after.
 * Returns 0 or -COR_ESYNTAX.
 */
int cor_imf_date_parse(struct cor_str text, int64_t now_s, int64_t *ret_unix_s) COR_CHECKED;

#endif
