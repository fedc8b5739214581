/* SPDX-License-Identifier: MIT */
#include "base/timestamp.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <coracle/error.h>

#include "base/words.h"

#define DAY_S     86400
#define ERA_DAYS  146097 /* 400 years */
#define UTC_BYTES (sizeof "2024-02-29T12:34:56Z" - 1)
#define EPOCH_DAY 719468 /* 1970-01-01, counted from 0000-03-01 */

struct civil {
	int64_t year;
	unsigned month, day;
	unsigned hour, minute, second;
};

/*
 * Years that begin in March put the leap day last, and the months' lengths then follow a line:
 * (153 * month + 2) / 5 days stand before the month'th, counted from 0.
 */
int64_t cor_timestamp_days(int64_t year, unsigned month, unsigned day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t year_of_era = year - era * 400;
	int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * ERA_DAYS + day_of_era - EPOCH_DAY;
}

/*
 * The inverse; days not before 0000-03-01 less one era. Multiplied where others divide (Neri and
 * Schneider, "Euclidean affine functions and their application to calendar algorithms", 2022): one
 * product has the year of the century in its upper half and the day of the year in its lower one.
 */
static void civil_from_days(int64_t days, struct civil *ret)
{
	uint32_t day = (uint32_t)(days + EPOCH_DAY + ERA_DAYS); /* an era more: never negative */
	uint32_t century = (4 * day + 3) / ERA_DAYS;
	uint64_t year = UINT64_C(2939745) * ((4 * day + 3) % ERA_DAYS / 4 * 4 + 3);
	uint32_t day_of_year = (uint32_t)year / 2939745 / 4;
	uint32_t month = 2141 * day_of_year + 197913;
	bool is_next = day_of_year >= 306; /* January and February */

	ret->year = 100 * (int64_t)century + (int64_t)(year >> 32) - 400 + is_next;
	ret->month = (month >> 16) - (is_next ? 12 : 0);
	ret->day = (month & 0xffff) / 2141 + 1;
}

static unsigned days_in_month(int64_t year, unsigned month)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/* Read two digits; false if they are not. */
static bool two_digits(const char *at, unsigned *ret)
{
	unsigned high = (unsigned)(unsigned char)at[0] - '0';
	unsigned low = (unsigned)(unsigned char)at[1] - '0';

	*ret = high * 10 + low;
	return high <= 9 && low <= 9;
}

/* "2024-02-29T12:34:56", its shape only. */
static bool read_civil(const char *at, struct civil *ret)
{
	unsigned century, year;

	if (at[4] != '-' || at[7] != '-' || (at[10] | 0x20) != 't' || at[13] != ':' ||
		at[16] != ':')
		return false;
	if (!two_digits(at, &century) || !two_digits(at + 2, &year))
		return false;
	ret->year = century * 100 + year;
	return two_digits(at + 5, &ret->month) && two_digits(at + 8, &ret->day) &&
	       two_digits(at + 11, &ret->hour) && two_digits(at + 14, &ret->minute) &&
	       two_digits(at + 17, &ret->second);
}

static bool is_in_the_calendar(const struct civil *civil)
{
	return civil->month >= 1 && civil->month <= 12 && civil->day >= 1 &&
	       (civil->day <= 28 || civil->day <= days_in_month(civil->year, civil->month));
}

static bool is_on_the_clock(const struct civil *civil)
{
	return civil->hour <= 23 && civil->minute <= 59 && civil->second <= 60;
}

/* ".123" to nanoseconds; where it ends, NULL if it is not well-formed. No point: 0. */
static const char *read_fraction(const char *at, const char *end, long *ret_ns)
{
	long ns = 0;
	int digits = 0;

	*ret_ns = 0;
	if (at == end || *at != '.')
		return at;
	for (at++; at < end && *at >= '0' && *at <= '9'; at++) {
		if (++digits > 9)
			return NULL;
		ns = ns * 10 + (*at - '0');
	}
	if (digits == 0)
		return NULL;
	for (; digits < 9; digits++)
		ns *= 10;
	*ret_ns = ns;
	return at;
}

/* "Z" or "+01:30", up to the end, in seconds east. */
static int read_offset(const char *at, const char *end, int64_t *ret_s)
{
	unsigned hours, minutes;

	*ret_s = 0;
	if (end - at == 1 && (*at | 0x20) == 'z')
		return 0;
	if (end - at != 6 || (*at != '+' && *at != '-') || at[3] != ':')
		return -COR_ESYNTAX;
	if (!two_digits(at + 1, &hours) || !two_digits(at + 4, &minutes))
		return -COR_ESYNTAX;
	if (hours > 23 || minutes > 59)
		return -ERANGE;
	*ret_s = hours * 3600 + minutes * 60;
	if (*at == '-')
		*ret_s = -*ret_s;
	return 0;
}

/* Whether a month begins at this second of UTC: only before it may a leap second stand. */
static bool begins_month(int64_t seconds)
{
	struct civil civil;

	if (seconds % DAY_S != 0)
		return false;
	civil_from_days(seconds / DAY_S, &civil);
	return civil.day == 1;
}

/* A bit of each byte that is above 9, or above 0 where `room` is 0x7f instead of 0x76. */
static inline uint64_t beyond(uint64_t word, uint64_t room)
{
	return (word | (word + room)) & COR_WORD_EACH(0x80);
}

/*
 * "2024-02-29T12:34:56Z", as most are written: eight bytes at a time, pairs of digits added up side
 * by side. False where it does not apply.
 */
static inline bool read_utc(const char *at, struct civil *ret)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	uint64_t date = cor_word_at(at) ^ cor_word_at("0000-00-");
	uint64_t clock = cor_word_at(at + 8) ^ cor_word_at("00T00:00");
	uint64_t rest = cor_word_at(at + 12) ^ cor_word_at("0:00:00Z");

	if ((beyond(date, 0x7f76767f76767676) | beyond(clock, 0x76767f76767f7676) |
		    beyond(rest, 0x7f76767f76767f76)) != 0)
		return false;
	date = date * 10 + (date >> 8);
	clock = clock * 10 + (clock >> 8);
	rest = rest * 10 + (rest >> 8);
	*ret = (struct civil){
		.year = (int64_t)((date & 0xff) * 100 + (date >> 16 & 0xff)),
		.month = date >> 40 & 0xff,
		.day = clock & 0xff,
		.hour = clock >> 24 & 0xff,
		.minute = clock >> 48 & 0xff,
		.second = rest >> 40 & 0xff,
	};
	return true;
#else
	(void)at;
	(void)ret;
	return false;
#endif
}

/* The shape only. */
static inline int read_parts(
	struct cor_str text, struct civil *ret, long *ret_ns, int64_t *ret_offset_s)
{
	const char *end = text.data + text.len;

	*ret_ns = 0;
	*ret_offset_s = 0;
	if (text.len == UTC_BYTES && read_utc(text.data, ret))
		return 0;
	if (text.len < UTC_BYTES || !read_civil(text.data, ret))
		return -COR_ESYNTAX;
	const char *at = read_fraction(text.data + 19, end, ret_ns);
	return at ? read_offset(at, end, ret_offset_s) : -COR_ESYNTAX;
}

int cor_timestamp_parse(struct cor_str text, struct timespec *ret)
{
	struct civil civil;
	int64_t offset_s;
	long ns;

	int rc = read_parts(text, &civil, &ns, &offset_s);
	if (rc < 0)
		return rc;
	if (!is_in_the_calendar(&civil))
		return -EDOM;
	if (!is_on_the_clock(&civil))
		return -ERANGE;

	int64_t days = cor_timestamp_days(civil.year, civil.month, civil.day);
	int64_t seconds = days * DAY_S + civil.hour * 3600 + civil.minute * 60 + civil.second -
			  offset_s;
	if (seconds < cor_timestamp_days(0, 1, 1) * DAY_S ||
		seconds >= cor_timestamp_days(10000, 1, 1) * DAY_S)
		return -ERANGE;
	if (civil.second == 60 && !begins_month(seconds))
		return -ERANGE;
	*ret = (struct timespec){ .tv_sec = seconds, .tv_nsec = ns };
	return 0;
}

/* Of a number below 100. */
static inline void put_two(char *out, unsigned value)
{
	static const char pairs[] = "0001020304050607080910111213141516171819"
				    "2021222324252627282930313233343536373839"
				    "4041424344454647484950515253545556575859"
				    "6061626364656667686970717273747576777879"
				    "8081828384858687888990919293949596979899";

	memcpy(out, pairs + 2 * (size_t)value, 2);
}

/* The fraction without the zeros at its end, its point included. */
static char *put_fraction(char *out, long ns)
{
	*out = '.';
	for (int i = 9; i > 0; i--, ns /= 10)
		out[i] = (char)('0' + ns % 10);
	out += 9;
	while (*out == '0')
		out--;
	return out + 1;
}

size_t cor_timestamp_print(const struct timespec *time, char out[COR_TIMESTAMP_BYTES])
{
	const int64_t first = cor_timestamp_days(0, 1, 1), end = cor_timestamp_days(10000, 1, 1);
	uint64_t seconds = (uint64_t)time->tv_sec - (uint64_t)(first * DAY_S);
	char *at = out + UTC_BYTES - 1;
	struct civil civil;

	if ((uint64_t)time->tv_nsec > 999999999 || seconds >= (uint64_t)(end - first) * DAY_S)
		return 0;
	uint32_t days = (uint32_t)(seconds / DAY_S), second = (uint32_t)(seconds % DAY_S);
	civil_from_days(days + first, &civil);

	memcpy(out, "0000-00-00T00:00:00", UTC_BYTES);
	put_two(out, (unsigned)civil.year / 100);
	put_two(out + 2, (unsigned)civil.year % 100);
	put_two(out + 5, civil.month);
	put_two(out + 8, civil.day);
	put_two(out + 11, second / 3600);
	put_two(out + 14, second / 60 % 60);
	put_two(out + 17, second % 60);
	if (time->tv_nsec != 0)
		at = put_fraction(at, time->tv_nsec);
	memcpy(at, "Z", 2);
	return (size_t)(at + 1 - out);
}
