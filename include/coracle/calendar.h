/* SPDX-License-Identifier: MIT */
/**
 * Days, times of day and durations, without time zones, as text (RFC 3339 section 5.6 and appendix
 * A). Nothing here yields, allocates or depends on the locale; any thread. For a point in time use
 * struct timespec and timestamp.h.
 *
 * A member of these types needs none of it: its row reads and writes the text.
 */
#ifndef CORACLE_CALENDAR_H
#define CORACLE_CALENDAR_H

#include <stdint.h>

#include <coracle/api.h>
#include <coracle/str.h>

COR_BEGIN_DECLS

/** A day of the Gregorian calendar, also before there was one. Zeroed it is none. */
struct cor_date {
	int16_t year;  /* 0 to 9999 */
	uint8_t month; /* 1 to 12; 0: there is no date */
	uint8_t day;   /* 1 to 31 */
};

/** A time of day. Zeroed it is midnight. */
struct cor_time {
	uint8_t hour;        /* 0 to 23 */
	uint8_t minute;      /* 0 to 59 */
	uint8_t second;      /* 0 to 59: a day without its time zone has no leap second */
	uint32_t nanosecond; /* 0 to 999,999,999 */
};

/** A length of time. Zeroed it is none at all, which is a duration. */
struct cor_duration {
	int64_t nanoseconds; /* not negative */
};

#define COR_DATE_BYTES     11 /* room for any date and its NUL */
#define COR_TIME_BYTES     19
#define COR_DURATION_BYTES 32

/**
 * Read a date that is the whole text: 2026-01-31 (full-date). Returns 0, -COR_ESYNTAX, or -EDOM (no
 * such day; the text is well-formed); *ret is untouched on failure.
 */
COR_API int cor_date_parse(struct cor_str text, struct cor_date *ret) COR_CHECKED;

/**
 * Write it, and a NUL. Returns the bytes before the NUL; 0 with *out untouched if there is no such
 * day.
 */
COR_API size_t cor_date_print(const struct cor_date *date, char out[COR_DATE_BYTES]);

/** Days since 1970-01-01, for a date that is one. */
COR_API int64_t cor_date_days(const struct cor_date *date);

/** The date of that day. Returns 0, or -ERANGE (not in the years 0 to 9999). */
COR_API int cor_date_from_days(int64_t days, struct cor_date *ret) COR_CHECKED;

/**
 * Read a time of day that is the whole text: 09:30:00 or 09:30:00.25 (partial-time, with at most
 * nine digits of fraction), and 09:30, as browsers send it. Returns 0, -COR_ESYNTAX, or -ERANGE (no
 * such time; the text is well-formed); *ret is untouched on failure.
 */
COR_API int cor_time_parse(struct cor_str text, struct cor_time *ret) COR_CHECKED;

/**
 * Write it with its seconds, the fewest digits of fraction that keep every nanosecond, and a NUL.
 * Returns the bytes before the NUL; 0 with *out untouched if there is no such time.
 */
COR_API size_t cor_time_print(const struct cor_time *time, char out[COR_TIME_BYTES]);

/**
 * Read a duration that is the whole text: P1DT2H3M4.5S, of ISO 8601 what has one length. Weeks (7
 * days), days (24 hours), hours, minutes and seconds, each once, in this order, as whole numbers;
 * the seconds may have up to nine digits of fraction. Years and months, a sign, a comma and
 * fractions of anything else are not taken. Returns 0, -COR_ESYNTAX, or -ERANGE (more than 2^63 - 1
 * ns, some 292 years); *ret is untouched on failure.
 */
COR_API int cor_duration_parse(struct cor_str text, struct cor_duration *ret) COR_CHECKED;

/**
 * Write it in days, hours, minutes and seconds, without those that are 0 (PT0S where all are), and
 * a NUL. Returns the bytes before the NUL; 0 with *out untouched if it is negative.
 */
COR_API size_t cor_duration_print(
	const struct cor_duration *duration, char out[COR_DURATION_BYTES]);

COR_END_DECLS
#endif
