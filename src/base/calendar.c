/* SPDX-License-Identifier: MIT */
#include <coracle/calendar.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include <coracle/error.h>

#include "base/timestamp.h"

#define SECOND_NS       INT64_C(1000000000)
#define DAY_S           86400
#define FRACTION_DIGITS 9

/* Exactly `count` digits. */
static bool read_digits(const char *at, int count, unsigned *ret)
{
	unsigned value = 0;

	for (int i = 0; i < count; i++) {
		if (at[i] < '0' || at[i] > '9')
			return false;
		value = value * 10 + (unsigned)(at[i] - '0');
	}
	*ret = value;
	return true;
}

/* "25" behind a point, in nanoseconds; behind it, or NULL. */
static const char *read_fraction(const char *at, const char *end, uint32_t *ret_ns)
{
	uint32_t ns = 0;
	int digits = 0;

	for (; at < end && *at >= '0' && *at <= '9'; at++, digits++) {
		if (digits == FRACTION_DIGITS)
			return NULL;
		ns = ns * 10 + (uint32_t)(*at - '0');
	}
	if (digits == 0)
		return NULL;
	for (; digits < FRACTION_DIGITS; digits++)
		ns *= 10;
	*ret_ns = ns;
	return at;
}

/* ".25" without zeros at its end; nothing where it is 0. Its bytes. */
static size_t print_fraction(uint32_t ns, char *out)
{
	size_t len = FRACTION_DIGITS + 1;

	if (ns == 0)
		return 0;
	out[0] = '.';
	for (size_t i = FRACTION_DIGITS; i > 0; i--, ns /= 10)
		out[i] = (char)('0' + ns % 10);
	while (out[len - 1] == '0')
		len--;
	return len;
}

/* --- days --- */

static unsigned days_in_month(int year, unsigned month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

static bool is_date(int year, unsigned month, unsigned day)
{
	return year >= 0 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 &&
	       day <= days_in_month(year, month);
}

int cor_date_parse(struct cor_str text, struct cor_date *ret)
{
	const char *at = text.data;
	unsigned year, month, day;

	if (text.len != COR_DATE_BYTES - 1 || at[4] != '-' || at[7] != '-' ||
		!read_digits(at, 4, &year) || !read_digits(at + 5, 2, &month) ||
		!read_digits(at + 8, 2, &day))
		return -COR_ESYNTAX;
	if (!is_date((int)year, month, day))
		return -EDOM;
	*ret = (struct cor_date){ (int16_t)year, (uint8_t)month, (uint8_t)day };
	return 0;
}

size_t cor_date_print(const struct cor_date *date, char out[COR_DATE_BYTES])
{
	char text[16];

	if (!is_date(date->year, date->month, date->day))
		return 0;
	snprintf(text, sizeof text, "%04u-%02u-%02u", (unsigned)date->year % 10000, date->month,
		date->day);
	memcpy(out, text, COR_DATE_BYTES);
	return COR_DATE_BYTES - 1;
}

int64_t cor_date_days(const struct cor_date *date)
{
	return cor_timestamp_days(date->year, date->month, date->day);
}

int cor_date_from_days(int64_t days, struct cor_date *ret)
{
	char text[COR_TIMESTAMP_BYTES];
	struct timespec midnight;

	if (__builtin_mul_overflow(days, (int64_t)DAY_S, &midnight.tv_sec))
		return -ERANGE;
	midnight.tv_nsec = 0;
	if (cor_timestamp_print(&midnight, text) == 0)
		return -ERANGE;
	return cor_date_parse((struct cor_str){ text, COR_DATE_BYTES - 1 }, ret);
}

/* --- times of day --- */

/* What stands behind "09:30". */
static int read_seconds(const char *at, const char *end, unsigned *ret_second, uint32_t *ret_ns)
{
	*ret_second = 0;
	*ret_ns = 0;
	if (at == end)
		return 0;
	if (end - at < 3 || *at != ':' || !read_digits(at + 1, 2, ret_second))
		return -COR_ESYNTAX;
	at += 3;
	if (at < end && *at == '.')
		at = read_fraction(at + 1, end, ret_ns);
	return at == end ? 0 : -COR_ESYNTAX;
}

static bool is_time(unsigned hour, unsigned minute, unsigned second, uint32_t ns)
{
	return hour <= 23 && minute <= 59 && second <= 59 && ns < SECOND_NS;
}

int cor_time_parse(struct cor_str text, struct cor_time *ret)
{
	const char *at = text.data;
	unsigned hour, minute, second;
	uint32_t ns;

	if (text.len < 5 || at[2] != ':' || !read_digits(at, 2, &hour) ||
		!read_digits(at + 3, 2, &minute))
		return -COR_ESYNTAX;
	int rc = read_seconds(at + 5, at + text.len, &second, &ns);
	if (rc < 0)
		return rc;
	if (!is_time(hour, minute, second, ns))
		return -ERANGE;
	*ret = (struct cor_time){ (uint8_t)hour, (uint8_t)minute, (uint8_t)second, ns };
	return 0;
}

size_t cor_time_print(const struct cor_time *time, char out[COR_TIME_BYTES])
{
	if (!is_time(time->hour, time->minute, time->second, time->nanosecond))
		return 0;
	size_t len = (size_t)snprintf(
		out, COR_TIME_BYTES, "%02u:%02u:%02u", time->hour, time->minute, time->second);
	len += print_fraction(time->nanosecond, out + len);
	out[len] = '\0';
	return len;
}

/* --- durations --- */

static const struct unit {
	char letter;
	bool is_of_day; /* behind the T */
	int64_t ns;
} units[] = {
	{ 'W', false, 7 * DAY_S *SECOND_NS },
	{ 'D', false, DAY_S *SECOND_NS },
	{ 'H', true, 3600 * SECOND_NS },
	{ 'M', true, 60 * SECOND_NS },
	{ 'S', true, SECOND_NS },
};
#define UNITS (sizeof units / sizeof units[0])

/* A duration while it is read. */
struct reader {
	const char *at, *end;
	size_t unit; /* the first that may come */
	bool is_of_day;
	int64_t ns;
	bool is_too_long;
};

static void add(struct reader *reader, int64_t count, int64_t ns, uint32_t fraction_ns)
{
	int64_t part;

	reader->is_too_long |= __builtin_mul_overflow(count, ns, &part) ||
			       __builtin_add_overflow(reader->ns, part, &reader->ns) ||
			       __builtin_add_overflow(reader->ns, fraction_ns, &reader->ns);
}

static bool read_count(struct reader *reader, int64_t *ret)
{
	const char *first = reader->at;
	int64_t count = 0;

	for (; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9'; reader->at++)
		if (__builtin_mul_overflow(count, (int64_t)10, &count) ||
			__builtin_add_overflow(count, *reader->at - '0', &count)) {
			reader->is_too_long = true;
			count = 0;
		}
	*ret = count;
	return reader->at > first;
}

/* "3.5S" */
static bool read_part(struct reader *reader)
{
	uint32_t fraction_ns = 0;
	bool has_fraction = false;
	int64_t count;

	if (!read_count(reader, &count))
		return false;
	if (reader->at < reader->end && *reader->at == '.') {
		reader->at = read_fraction(reader->at + 1, reader->end, &fraction_ns);
		has_fraction = true;
	}
	if (!reader->at || reader->at == reader->end)
		return false;
	for (size_t i = reader->unit; i < UNITS; i++) {
		if (units[i].letter != *reader->at || units[i].is_of_day != reader->is_of_day)
			continue;
		reader->at++;
		reader->unit = i + 1;
		add(reader, count, units[i].ns, fraction_ns);
		return !has_fraction || units[i].letter == 'S';
	}
	return false;
}

int cor_duration_parse(struct cor_str text, struct cor_duration *ret)
{
	struct reader reader = { .at = text.data, .end = text.data + text.len };

	if (text.len < 2 || *reader.at++ != 'P')
		return -COR_ESYNTAX;
	while (reader.at < reader.end) {
		if (*reader.at == 'T' && !reader.is_of_day) {
			reader.is_of_day = true;
			reader.at++;
		}
		if (!read_part(&reader))
			return -COR_ESYNTAX;
	}
	if (reader.is_too_long)
		return -ERANGE;
	ret->nanoseconds = reader.ns;
	return 0;
}

size_t cor_duration_print(const struct cor_duration *duration, char out[COR_DURATION_BYTES])
{
	int64_t left = duration->nanoseconds;
	size_t len = 1;
	bool is_of_day = false;

	if (left < 0)
		return 0;
	out[0] = 'P';
	for (size_t i = 1; i < UNITS; i++) {
		int64_t count = left / units[i].ns;
		left %= units[i].ns;
		bool is_last = units[i].letter == 'S' && (left != 0 || len == 1);
		if (count == 0 && !is_last)
			continue;
		if (units[i].is_of_day && !is_of_day)
			out[len++] = 'T';
		is_of_day = units[i].is_of_day;
		len += (size_t)snprintf(
			out + len, COR_DURATION_BYTES - len, "%lld", (long long)count);
		if (units[i].letter == 'S')
			len += print_fraction((uint32_t)left, out + len);
		out[len++] = units[i].letter;
	}
	out[len] = '\0';
	return len;
}
