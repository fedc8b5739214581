/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <coracle/error.h>

#include "base/date.h"

#define NOVEMBER_1994 INT64_C(784111777) /* the example of RFC 9110 */
#define NOW_2026      INT64_C(1790000000)

static void format_and_parse(int64_t unix_s)
{
	char text[COR_IMF_DATE_BYTES + 1] = "", expected[COR_IMF_DATE_BYTES + 1];
	time_t time = (time_t)unix_s;
	struct tm tm;
	int64_t back = 0;

	cor_imf_date_format(text, unix_s);
	assert_non_null(gmtime_r(&time, &tm));
	/* the C locale is in force: a program that does not call setlocale() has it */
	assert_int_equal(strftime(expected, sizeof expected, "%a, %d %b %Y %H:%M:%S GMT", &tm),
		COR_IMF_DATE_BYTES);
	assert_string_equal(text, expected);
	assert_int_equal(
		cor_imf_date_parse((struct cor_str){ text, COR_IMF_DATE_BYTES }, 0, &back), 0);
	assert_int_equal(back, unix_s);
}

static void dates_are_written_and_read_back(void **state)
{
	(void)state;
	static const int64_t times[] = { 0, -1, 1, 86399, 86400, -86400, -86401, NOVEMBER_1994,
		951782399, 951782400, 951868799, 951868800, 2147483647, 2147483648, 4107542400,
		253402300799, -30610224000 };
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
		format_and_parse(times[i]);
	for (int64_t day = -30000; day < 60000; day++) /* every day from 1887 to 2134 */
		format_and_parse(day * 86400 + day % 86400);
}

static void times_out_of_range_are_clamped(void **state)
{
	char text[COR_IMF_DATE_BYTES + 1] = "";

	(void)state;
	cor_imf_date_format(text, INT64_MAX);
	assert_string_equal(text, "Fri, 31 Dec 9999 23:59:59 GMT");
	cor_imf_date_format(text, INT64_MIN);
	assert_string_equal(text, "Sat, 01 Jan 0000 00:00:00 GMT");
}

struct date_case {
	const char *text;
	int64_t unix_s; /* -1: refused */
};

static const struct date_case cases[] = {
	{ "Sun, 06 Nov 1994 08:49:37 GMT", NOVEMBER_1994 },
	{ "Sunday, 06-Nov-94 08:49:37 GMT", NOVEMBER_1994 },
	{ "Sun Nov  6 08:49:37 1994", NOVEMBER_1994 },
	{ "Wed Nov 16 08:49:37 1994", NOVEMBER_1994 + 10 * 86400 },
	{ "Mon, 06 Nov 1994 08:49:37 GMT", NOVEMBER_1994 }, /* the day's name is not compared */
	{ "Thu, 29 Feb 2024 00:00:00 GMT", 1709164800 },
	{ "Tue, 29 Feb 2000 00:00:00 GMT", 951782400 },
	{ "Sat, 31 Dec 2016 23:59:60 GMT", 1483228800 },
	{ "Thursday, 01-Jan-70 00:00:00 GMT",
		3155760000 }, /* 2070 is less than 50 years from 2026 */
	{ "Friday, 01-Jan-76 00:00:00 GMT", 3345062400 },
	{ "Saturday, 01-Jan-77 00:00:00 GMT", 220924800 },
	{ "Friday, 31-Dec-99 23:59:59 GMT", 946684799 },
	{ "", -1 },
	{ "0", -1 },
	{ "Sun, 06 Nov 1994 08:49:37", -1 },
	{ "Sun, 06 Nov 1994 08:49:37 UTC", -1 },
	{ "Sun, 06 Nov 1994 08:49:37 gmt", -1 },
	{ "Sun, 06 Nov 1994 08:49:37 +0000", -1 },
	{ "Sun, 06 Nov 1994 08:49:37 GMT ", -1 },
	{ " Sun, 06 Nov 1994 08:49:37 GMT", -1 },
	{ "Sun,  6 Nov 1994 08:49:37 GMT", -1 },
	{ "Sun, 6 Nov 1994 08:49:37 GMT", -1 },
	{ "sun, 06 Nov 1994 08:49:37 GMT", -1 },
	{ "Sun, 06 nov 1994 08:49:37 GMT", -1 },
	{ "Xxx, 06 Nov 1994 08:49:37 GMT", -1 },
	{ "Sun, 00 Nov 1994 08:49:37 GMT", -1 },
	{ "Sun, 31 Nov 1994 08:49:37 GMT", -1 },
	{ "Sun, 32 Dec 1994 08:49:37 GMT", -1 },
	{ "Wed, 29 Feb 2023 00:00:00 GMT", -1 },
	{ "Mon, 29 Feb 2100 00:00:00 GMT", -1 },
	{ "Sun, 06 Nov 1994 24:00:00 GMT", -1 },
	{ "Sun, 06 Nov 1994 08:60:00 GMT", -1 },
	{ "Sun, 06 Nov 1994 08:49:61 GMT", -1 },
	{ "Sun, 06 Nov 94 08:49:37 GMT", -1 },
	{ "Sun, 06 Nov -994 08:49:37 GMT", -1 },
	{ "Sun, +6 Nov 1994 08:49:37 GMT", -1 },
	{ "Sun, 06-Nov-94 08:49:37 GMT", -1 },
	{ "Sunday, 06-Nov-1994 08:49:37 GMT", -1 },
	{ "Sun Nov 6 08:49:37 1994", -1 },
	{ "Sun Nov 06 08:49:37 94", -1 },
	{ "Sun Nov  6 08:49:37 1994 GMT", -1 },
	{ "1994-11-06T08:49:37Z", -1 },
};

static void three_forms_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t unix_s = 42;
		int rc = cor_imf_date_parse(cor_str(cases[i].text), NOW_2026, &unix_s);

		if (rc != (cases[i].unix_s < 0 ? -COR_ESYNTAX : 0) ||
			unix_s != (cases[i].unix_s < 0 ? 42 : cases[i].unix_s))
			fail_msg("%s: %d, %lld", cases[i].text, rc, (long long)unix_s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_are_written_and_read_back),
		cmocka_unit_test(times_out_of_range_are_clamped),
		cmocka_unit_test(three_forms_are_read),
	};

	return cmocka_run_group_tests_name("http date", tests, NULL, NULL);
}
