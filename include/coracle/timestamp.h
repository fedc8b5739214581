/* SPDX-License-Identifier: MIT */
/**
 * Points in time as text: the date-time of RFC 3339, section 5.6.
 *
 * A member of type struct timespec needs none of this: its row reads and writes that form,
 * or an HTTP-date in a header of those, such as Last-Modified. cor_now() is in clock.h.
 *
 * Strict: four digits of year, 'T' or 't' between date and time, 'Z', 'z' or an offset, one to nine
 * digits of fraction if there is a point. Offsets (from -23:59 to +23:59) are applied, so that a
 * struct timespec is always UTC; -00:00 is UTC as well. A leap second (23:59:60 UTC on the last day
 * of a month, whatever the offset says) is taken as POSIX time takes it: it is the first second of
 * the next day. Any other :60 is refused.
 *
 * Nothing here yields, allocates, or depends on the time zone or the locale; any thread.
 */
#ifndef CORACLE_TIMESTAMP_H
#define CORACLE_TIMESTAMP_H

#include <stddef.h>
#include <time.h>

#include <coracle/api.h>
#include <coracle/str.h>

COR_BEGIN_DECLS

#define COR_TIMESTAMP_BYTES 32 /* room for any timestamp and its NUL */

/**
 * Write it in UTC with a 'Z' and the fewest digits of fraction that keep every nanosecond, and a
 * NUL. Returns the bytes before the NUL; 0 with *out untouched if the year is not 0000 to 9999 or
 * tv_nsec not 0 to 999,999,999.
 */
COR_API size_t cor_timestamp_print(const struct timespec *time, char out[COR_TIMESTAMP_BYTES]);

/**
 * Read a timestamp that is the whole text. *ret is untouched on failure.
 * Returns 0, -COR_ESYNTAX, -EDOM (no such day; the text is well-formed), or -ERANGE: no such time
 * or offset, or in UTC before the year 0000 or after 9999.
 */
COR_API int cor_timestamp_parse(struct cor_str text, struct timespec *ret) COR_CHECKED;

COR_END_DECLS
#endif
