/* SPDX-License-Identifier: MIT */
/**
 * Points in time as text: the date-time of RFC 3339, section 5.6.
 *
 * Strict: four digits of year, 'T' or 't' between date and time, 'Z', 'z' or an offset, one to nine digits of fraction
 * if there is a point. Offsets (from -23:59 to +23:59) are applied, so that a struct timespec is always UTC; -00:00
 * is UTC as well. A leap second (23:59:60 UTC on the last day of a month, whatever the offset says) is taken as POSIX
 * time takes it: it is the first second of the next day. Any other :60 is refused.
 *
 * Nothing here yields, allocates, or depends on the time zone or the locale; any thread.
 */
#ifndef CORACLE_BASE_TIMESTAMP_H
#define CORACLE_BASE_TIMESTAMP_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <coracle/api.h>
#include <coracle/str.h>

#define COR_TIMESTAMP_BYTES 32 /* room for any timestamp */

/**
 * Read a timestamp that is the whole text. *ret is untouched on failure.
 * Returns 0, -COR_ESYNTAX, -EDOM (no such day; the text is well-formed), or -ERANGE: no such time or offset, or in UTC before
 * the year 0000 or after 9999.
 */
int cor_timestamp_parse(struct cor_str text, struct timespec *ret) COR_CHECKED;

/**
 * Write it in UTC with a 'Z' and the fewest digits of fraction that keep every nanosecond. No NUL.
 * Returns the bytes written; 0 if the year is not 0000 to 9999 or tv_nsec not 0 to 999,999,999.
 */
size_t cor_timestamp_print(const struct timespec *time, char out[COR_TIMESTAMP_BYTES]);

/** Days since 1970-01-01 of a day of the proleptic Gregorian calendar (month 1 to 12). */
int64_t cor_timestamp_days(int64_t year, unsigned month, unsigned day);

#endif
