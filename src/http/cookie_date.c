/* SPDX-License-Identifier: MIT */
#include "http/cookie_date.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include <coracle/error.h>

#include "base/timestamp.h"

struct date {
	bool has_time, has_day, has_month, has_year;
	unsigned hour, minute, second;
	unsigned day, month; /* from 1 */
	int64_t year;
};

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_delimiter(char byte)
{
	return byte == '\t' || (byte >= ' ' && byte <= '/') || (byte >= ';' && byte <= '@') ||
	       (byte >= '[' && byte <= '`') || (byte >= '{' && byte <= '~');
}

/* A number of `min` to `max` digits in front; what is behind them is no digit. */
static bool take_number(struct cor_str *token, size_t min, size_t max, unsigned *ret)
{
	unsigned value = 0;
	size_t len = 0;

	while (len < token->len && len < max && is_digit(token->data[len]))
		value = value * 10 + (unsigned)(token->data[len++] - '0');
	if (len < min || (len < token->len && is_digit(token->data[len])))
		return false;
	*ret = value;
	*token = (struct cor_str){ token->data + len, token->len - len };
	return true;
}

static bool take_colon(struct cor_str *token)
{
	if (token->len == 0 || *token->data != ':')
		return false;
	*token = (struct cor_str){ token->data + 1, token->len - 1 };
	return true;
}

static bool read_time(struct date *date, struct cor_str token)
{
	return take_number(&token, 1, 2, &date->hour) && take_colon(&token) &&
	       take_number(&token, 1, 2, &date->minute) && take_colon(&token) &&
	       take_number(&token, 1, 2, &date->second);
}

static bool read_month(struct date *date, struct cor_str token)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	for (unsigned i = 0; token.len >= 3 && i < 12; i++)
		if (strncasecmp(token.data, names + (size_t)3 * i, 3) == 0) {
			date->month = i + 1;
			return true;
		}
	return false;
}

/* Each token is the first of these that is still missing. */
static void take(struct date *date, struct cor_str token)
{
	unsigned year;

	if (!date->has_time && read_time(date, token)) {
		date->has_time = true;
	} else if (!date->has_day && take_number(&token, 1, 2, &date->day)) {
		date->has_day = true;
	} else if (!date->has_month && read_month(date, token)) {
		date->has_month = true;
	} else if (!date->has_year && take_number(&token, 2, 4, &year)) {
		date->has_year = true;
		date->year = year < 70 ? year + 2000 : year < 100 ? year + 1900 : year;
	}
}

static unsigned days_of(int64_t year, unsigned month)
{
	int64_t first = cor_timestamp_days(year, month, 1);
	int64_t next = month == 12 ? cor_timestamp_days(year + 1, 1, 1)
				   : cor_timestamp_days(year, month + 1, 1);

	return (unsigned)(next - first);
}

int cor_cookie_date_parse(struct cor_str text, int64_t *ret_unix_s)
{
	struct date date = { 0 };

	for (size_t at = 0; at < text.len; at++) {
		size_t begin = at;
		while (at < text.len && !is_delimiter(text.data[at]))
			at++;
		if (at > begin)
			take(&date, (struct cor_str){ text.data + begin, at - begin });
	}
	if (!date.has_time || !date.has_day || !date.has_month || !date.has_year ||
		date.year < 1601 || date.hour > 23 || date.minute > 59 || date.second > 59 ||
		date.day < 1 || date.day > days_of(date.year, date.month))
		return -COR_ESYNTAX;
	*ret_unix_s = cor_timestamp_days(date.year, date.month, date.day) * INT64_C(86400) +
		      date.hour * 3600 + date.minute * 60 + date.second;
	return 0;
}
