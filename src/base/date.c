/* SPDX-License-Identifier: MIT */
#include "base/date.h"

#include <stdbool.h>
#include <string.h>

#include <coracle/error.h>

#include "base/timestamp.h"

#define DAY_S INT64_C(86400)

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char days[] = "SunMonTueWedThuFriSat";
static const char *const long_days[] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday",
	"Friday", "Saturday" };

/* -62167219200 is 0000-01-01, 253402300799 is 9999-12-31T23:59:59 */
#define FIRST_S INT64_C(-62167219200)
#define LAST_S  INT64_C(253402300799)

struct civil {
	int64_t year;
	unsigned month, day; /* from 1 */
	unsigned hour, minute, second;
};

/*
 * The inverse of cor_timestamp_days(): eras of 400 years that begin on the first of March, so that
 * the leap day is the last of its year.
 */
static void civil_from_days(int64_t day, struct civil *ret)
{
	day += 719468;
	int64_t era = (day >= 0 ? day : day - 146096) / 146097;
	unsigned of_era = (unsigned)(day - era * 146097);
	unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
	unsigned month = (5 * of_year + 2) / 153; /* from March */

	ret->day = of_year - (153 * month + 2) / 5 + 1;
	ret->month = month < 10 ? month + 3 : month - 9;
	ret->year = year + era * 400 + (ret->month <= 2);
}

static void two_digits(char *out, unsigned value)
{
	out[0] = (char)('0' + value / 10);
	out[1] = (char)('0' + value % 10);
}

void cor_imf_date_format(char out[COR_IMF_DATE_BYTES], int64_t unix_s)
{
	struct civil civil;

	if (unix_s < FIRST_S)
		unix_s = FIRST_S;
	if (unix_s > LAST_S)
		unix_s = LAST_S;
	int64_t day = (unix_s >= 0 ? unix_s : unix_s - (DAY_S - 1)) / DAY_S;
	unsigned second = (unsigned)(unix_s - day * DAY_S);
	civil_from_days(day, &civil);

	memcpy(out, "Xxx, 00 Xxx 0000 00:00:00 GMT", COR_IMF_DATE_BYTES);
	memcpy(out, days + 3 * ((day % 7 + 11) % 7), 3); /* the first one was a Thursday */
	two_digits(out + 5, civil.day);
	memcpy(out + 8, months + 3 * (civil.month - 1), 3);
	two_digits(out + 12, (unsigned)civil.year / 100);
	two_digits(out + 14, (unsigned)civil.year % 100);
	two_digits(out + 17, second / 3600);
	two_digits(out + 20, second / 60 % 60);
	two_digits(out + 23, second % 60);
}

/* What is left to read; each function takes its part from the front, or returns false. */
struct cursor {
	const char *at;
	const char *end;
};

static bool literal(struct cursor *cursor, const char *text)
{
	size_t len = strlen(text);

	if ((size_t)(cursor->end - cursor->at) < len || memcmp(cursor->at, text, len) != 0)
		return false;
	cursor->at += len;
	return true;
}

static bool number(struct cursor *cursor, size_t digits, unsigned *ret)
{
	unsigned value = 0;

	if ((size_t)(cursor->end - cursor->at) < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		if (cursor->at[i] < '0' || cursor->at[i] > '9')
			return false;
		value = value * 10 + (unsigned)(cursor->at[i] - '0');
	}
	cursor->at += digits;
	*ret = value;
	return true;
}

static bool name_of_three(struct cursor *cursor, const char *names, unsigned *ret)
{
	for (unsigned i = 0; names[3 * i] != '\0'; i++) {
		if (cursor->end - cursor->at >= 3 && memcmp(cursor->at, names + 3 * i, 3) == 0) {
			cursor->at += 3;
			*ret = i;
			return true;
		}
	}
	return false;
}

static bool month(struct cursor *cursor, struct civil *civil)
{
	if (!name_of_three(cursor, months, &civil->month))
		return false;
	civil->month++;
	return true;
}

static bool year(struct cursor *cursor, struct civil *civil)
{
	unsigned value;

	if (!number(cursor, 4, &value))
		return false;
	civil->year = value;
	return true;
}

static bool time_of_day(struct cursor *cursor, struct civil *civil)
{
	return number(cursor, 2, &civil->hour) && literal(cursor, ":") &&
	       number(cursor, 2, &civil->minute) && literal(cursor, ":") &&
	       number(cursor, 2, &civil->second);
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
static bool imf_fixdate(struct cursor cursor, struct civil *civil)
{
	unsigned day;

	return name_of_three(&cursor, days, &day) && literal(&cursor, ", ") &&
	       number(&cursor, 2, &civil->day) && literal(&cursor, " ") && month(&cursor, civil) &&
	       literal(&cursor, " ") && year(&cursor, civil) && literal(&cursor, " ") &&
	       time_of_day(&cursor, civil) && literal(&cursor, " GMT") && cursor.at == cursor.end;
}

/* "Sunday, 06-Nov-94 08:49:37 GMT" */
static bool rfc850(struct cursor cursor, struct civil *civil, int64_t now_s)
{
	struct civil now;
	unsigned day = 0, short_year;

	while (day < 7 && !literal(&cursor, long_days[day]))
		day++;
	if (day == 7 || !literal(&cursor, ", ") || !number(&cursor, 2, &civil->day) ||
		!literal(&cursor, "-") || !month(&cursor, civil) || !literal(&cursor, "-") ||
		!number(&cursor, 2, &short_year) || !literal(&cursor, " ") ||
		!time_of_day(&cursor, civil) || !literal(&cursor, " GMT") ||
		cursor.at != cursor.end)
		return false;
	civil_from_days(now_s / DAY_S, &now);
	civil->year = now.year - now.year % 100 + short_year;
	if (civil->year > now.year + 50)
		civil->year -= 100;
	else if (civil->year <= now.year - 50)
		civil->year += 100;
	return true;
}

/* "Sun Nov  6 08:49:37 1994" */
static bool asctime_date(struct cursor cursor, struct civil *civil)
{
	unsigned day;

	if (!name_of_three(&cursor, days, &day) || !literal(&cursor, " ") ||
		!month(&cursor, civil) || !literal(&cursor, " "))
		return false;
	if (!(literal(&cursor, " ") ? number(&cursor, 1, &civil->day)
				    : number(&cursor, 2, &civil->day)))
		return false;
	return literal(&cursor, " ") && time_of_day(&cursor, civil) && literal(&cursor, " ") &&
	       year(&cursor, civil) && cursor.at == cursor.end;
}

static bool in_range(const struct civil *civil)
{
	static const uint8_t lengths[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = civil->year % 4 == 0 && (civil->year % 100 != 0 || civil->year % 400 == 0);

	if (civil->day == 0 || civil->day > lengths[civil->month - 1])
		return false;
	if (civil->month == 2 && civil->day == 29 && !leap)
		return false;
	return civil->hour < 24 && civil->minute < 60 && civil->second <= 60;
}

int cor_imf_date_parse(struct cor_str text, int64_t now_s, int64_t *ret_unix_s)
{
	struct cursor cursor = { text.data, text.data + text.len };
	struct civil civil;

	if (text.len == 0)
		return -COR_ESYNTAX;
	if (!imf_fixdate(cursor, &civil) && !rfc850(cursor, &civil, now_s) &&
		!asctime_date(cursor, &civil))
		return -COR_ESYNTAX;
	if (!in_range(&civil))
		return -COR_ESYNTAX;
	*ret_unix_s = cor_timestamp_days(civil.year, civil.month, civil.day) * DAY_S +
		      civil.hour * 3600 + civil.minute * 60 + civil.second;
	return 0;
}
