/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <coracle/error.h>

#include "base/timestamp.h"

static void reads_as(const char *text, int64_t seconds, long ns)
{
	struct timespec time = { 77, 77 };
	int rc = cor_timestamp_parse(cor_str(text), &time);

	if (rc != 0 || time.tv_sec != seconds || time.tv_nsec != ns)
		fail_msg("%s: rc %d, %lld s, %ld ns", text, rc, (long long)time.tv_sec,
			time.tv_nsec);
}

static void well_formed_timestamps_are_read(void **state)
{
	(void)state;
	reads_as("1970-01-01T00:00:00Z", 0, 0);
	reads_as("1970-01-01t00:00:00z", 0, 0);
	reads_as("1969-12-31T23:59:59.999999999Z", -1, 999999999);
	reads_as("2024-02-29T12:34:56Z", 1709210096, 0);
	reads_as("2000-02-29T00:00:00Z", 951782400, 0);
	reads_as("1985-04-12T23:20:50.52Z", 482196050, 520000000);
	reads_as("1996-12-19T16:39:57-08:00", 851042397, 0);
	reads_as("1996-12-20T00:39:57-00:00", 851042397, 0);
	reads_as("1937-01-01T12:00:27.87+00:20", -1041337173, 870000000);
	reads_as("2024-01-01T00:00:00+23:59", 1704067200 - 86340, 0);
	reads_as("2038-01-19T03:14:08Z", INT64_C(2147483648), 0);
	reads_as("2024-01-01T00:00:00.000000001Z", 1704067200, 1);
	reads_as("0000-01-01T00:00:00Z", INT64_C(-62167219200), 0);
	reads_as("9999-12-31T23:59:59.9Z", INT64_C(253402300799), 900000000);
}

static void leap_seconds_are_the_next_second(void **state)
{
	struct timespec time;

	(void)state;
	reads_as("1990-12-31T23:59:60Z", 662688000, 0);
	reads_as("1990-12-31T15:59:60-08:00", 662688000, 0);
	reads_as("2015-06-30T23:59:60.5Z", 1435708800, 500000000);
	reads_as("2015-07-01T01:59:60+02:00", 1435708800, 0);
	assert_int_equal(cor_timestamp_parse(COR_STR("2015-06-30T23:58:60Z"), &time), -ERANGE);
	assert_int_equal(cor_timestamp_parse(COR_STR("2015-06-29T23:59:60Z"), &time), -ERANGE);
	assert_int_equal(cor_timestamp_parse(COR_STR("2015-06-30T23:59:60+01:00"), &time), -ERANGE);
	assert_int_equal(cor_timestamp_parse(COR_STR("9999-12-31T23:59:60Z"), &time), -ERANGE);
}

static void impossible_days_are_refused(void **state)
{
	static const char *const cases[] = { "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
		"2024-00-01T00:00:00Z", "2024-13-01T00:00:00Z", "2024-01-00T00:00:00Z",
		"2024-01-32T00:00:00Z", "2024-04-31T00:00:00Z", "2023-02-29T24:00:00Z" };
	struct timespec time = { 77, 77 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(cor_timestamp_parse(cor_str(cases[i]), &time), -EDOM);
	assert_true(time.tv_sec == 77 && time.tv_nsec == 77);
}

static void impossible_times_are_refused(void **state)
{
	static const char *const cases[] = { "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z",
		"2024-01-01T00:00:61Z", "2024-01-01T00:00:00+24:00", "2024-01-01T00:00:00+00:60",
		"0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01" };
	struct timespec time = { 77, 77 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(cor_timestamp_parse(cor_str(cases[i]), &time), -ERANGE);
	assert_true(time.tv_sec == 77 && time.tv_nsec == 77);
}

static void other_shapes_are_refused(void **state)
{
	static const char *const cases[] = { "", "2024-01-01", "2024-01-01T00:00:00",
		"2024-01-01 00:00:00Z", "2024-01-01T00:00Z", "24-01-01T00:00:00Z",
		"02024-01-01T00:00:00Z", "+2024-01-01T00:00:00Z", "2024-1-01T00:00:00Z00",
		"2024-01-01T00:00:00.Z", "2024-01-01T00:00:00,5Z",
		"2024-01-01T00:00:00.1234567890Z", "2024-01-01T00:00:00Zx", " 2024-01-01T00:00:00Z",
		"2024-01-01T00:00:00Z ", "2024-01-01T00:00:00+0000", "2024-01-01T00:00:00+00",
		"2024-01-01T00:00:00+0:00", "2024-01-01T00:00:00+00:00Z", "2024-01-01T00:00:00.5",
		"20240101T000000Z1234", "2024/01/01T00:00:00Z", "2024-01-01T0a:00:00Z",
		"2024-01-01T00:00:0-Z", "-024-01-01T00:00:00Z" };
	struct timespec time;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (cor_timestamp_parse(cor_str(cases[i]), &time) != -COR_ESYNTAX)
			fail_msg("%s", cases[i]);
	}
}

static void a_cut_timestamp_is_refused(void **state)
{
	static const char text[] = "2024-02-29T12:34:56.789+01:30";
	struct timespec time;

	(void)state;
	for (size_t len = 0; len < sizeof text - 1; len++)
		assert_true(cor_timestamp_parse((struct cor_str){ text, len }, &time) < 0);
	assert_int_equal(cor_timestamp_parse(COR_STR("2024-02-29T12:34:56.789+01:30"), &time), 0);
}

static void prints_as(int64_t seconds, long ns, const char *expected)
{
	char text[COR_TIMESTAMP_BYTES] = "";
	struct timespec time = { seconds, ns };

	assert_int_equal(cor_timestamp_print(&time, text), strlen(expected));
	assert_string_equal(text, expected); /* untouched where it cannot be expressed */
}

static void timestamps_are_printed_short(void **state)
{
	(void)state;
	prints_as(0, 0, "1970-01-01T00:00:00Z");
	prints_as(-1, 999999999, "1969-12-31T23:59:59.999999999Z");
	prints_as(1709210096, 500000000, "2024-02-29T12:34:56.5Z");
	prints_as(1709210096, 1, "2024-02-29T12:34:56.000000001Z");
	prints_as(1709210096, 120000, "2024-02-29T12:34:56.00012Z");
	prints_as(INT64_C(-62167219200), 0, "0000-01-01T00:00:00Z");
	prints_as(INT64_C(253402300799), 0, "9999-12-31T23:59:59Z");
	prints_as(INT64_C(-62167219201), 0, "");
	prints_as(INT64_C(253402300800), 0, "");
	prints_as(INT64_MAX, 0, "");
	prints_as(INT64_MIN, 0, "");
	prints_as(0, -1, "");
	prints_as(0, 1000000000, "");
}

/* Every day from 0000 to 9999, against the C library. */
static void every_day_agrees_with_the_library(void **state)
{
	char expected[COR_TIMESTAMP_BYTES * 2];
	char text[COR_TIMESTAMP_BYTES];

	(void)state;
	for (int64_t day = cor_timestamp_days(0, 1, 1); day < cor_timestamp_days(10000, 1, 1);
		day++) {
		struct timespec time = { day * 86400 + (day & 0xffff), 0 };
		struct timespec back;
		struct tm tm;
		gmtime_r(&time.tv_sec, &tm);
		snprintf(expected, sizeof expected, "%04d-%02d-%02dT%02d:%02d:%02dZ",
			tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
			tm.tm_sec);
		assert_int_equal(cor_timestamp_print(&time, text), strlen(expected));
		assert_string_equal(text, expected);
		assert_int_equal(cor_timestamp_parse(cor_str(text), &back), 0);
		assert_true(back.tv_sec == time.tv_sec);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(well_formed_timestamps_are_read),
		cmocka_unit_test(leap_seconds_are_the_next_second),
		cmocka_unit_test(impossible_days_are_refused),
		cmocka_unit_test(impossible_times_are_refused),
		cmocka_unit_test(other_shapes_are_refused),
		cmocka_unit_test(a_cut_timestamp_is_refused),
		cmocka_unit_test(timestamps_are_printed_short),
		cmocka_unit_test(every_day_agrees_with_the_library),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
