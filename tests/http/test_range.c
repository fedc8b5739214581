/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "http/range.h"

struct range_case {
	const char *value;
	int64_t bytes;
	const char *ranges; /* "0-8 10-19", "whole" or "416" */
};

#define SIXTEEN                                                                                    \
	"0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14,16-16,18-18,20-20,22-22,24-24,26-26,28-28,30-30"
#define SIXTEEN_RANGES                                                                             \
	"0-0 2-2 4-4 6-6 8-8 10-10 12-12 14-14 16-16 18-18 20-20 22-22 24-24 26-26 28-28 30-30"

static const struct range_case cases[] = {
	{ "bytes=0-8", 1000, "0-8" },
	{ "bytes=-10", 1000, "990-999" },
	{ "bytes=990-", 1000, "990-999" },
	{ "bytes=990-1990", 1000, "990-999" },
	{ "bytes=0-10001", 1000, "0-999" },
	{ "bytes=0-9, -10, 10-19", 1000, "0-19 990-999" },
	{ "bytes=0-9, -10, 20-29", 1000, "0-9 990-999 20-29" },
	{ "bytes=0-9, -10, 100000-, 20-29", 1000, "0-9 990-999 20-29" },
	{ "bytes=100000-", 1000, "416" },
	{ "bytes=1000-", 1000, "416" },
	{ "bytes=999-", 1000, "999-999" },
	{ "bytes=alpha", 1000, "416" },
	{ "bytes=10-alpha", 1000, "416" },
	{ "bytes=10", 1000, "416" },
	{ "bytes=10-11 12-", 1000, "416" },
	{ "bytes=0-1,x", 1000, "416" },
	{ "bytes=-", 1000, "416" },
	{ "bytes=--5", 1000, "416" },
	{ "bytes=5-3", 1000, "416" },
	{ "bytes=5-3,7-8", 1000, "7-8" },
	{ "bytes=-0", 1000, "416" },
	{ "bytes=-0,5-5", 1000, "5-5" },
	{ "bytes=-2000", 1000, "0-999" },
	{ "bytes=0-10001, 0-0", 1000, "0-999" },
	{ "bytes=5-9,0-4", 1000, "0-9" },
	{ "bytes=0-4,10-14,5-9", 1000, "0-14" },
	{ "bytes=0-4,20-24,10-14,3-12", 1000, "0-14 20-24" },
	{ "bytes=20-24,0-4,10-14,3-12", 1000, "20-24 0-14" },
	{ "bytes=0-4,6-9", 1000, "0-4 6-9" },
	{ "BYTES=0-0", 1000, "0-0" },
	{ "bytes= 0 - 4 ,\t6 - ", 1000, "0-4 6-999" },
	{ "bytes=,,0-4,,", 1000, "0-4" },
	{ "bytes=0-18446744073709551617", 1000, "0-999" },
	{ "bytes=18446744073709551616-", 1000, "416" },
	{ "bytes=9223372036854775807-9223372036854775807", 1000, "416" },
	{ "bytes=-9223372036854775808", 1000, "0-999" },
	{ "bytes=9223372036854775806-", INT64_MAX, "9223372036854775806-9223372036854775806" },
	{ "bytes=0-,0-,0-", INT64_MAX, "0-9223372036854775806" },
	{ "bytes=" SIXTEEN, 1000, SIXTEEN_RANGES },
	{ "bytes=" SIXTEEN ",32-32", 1000, "whole" },
	{ "bytes=" SIXTEEN ",5000-", 1000, "whole" },
	{ "bytes=", 1000, "416" },
	{ "bytes", 1000, "whole" },
	{ "", 1000, "whole" },
	{ "lines=0-4", 1000, "whole" },
	{ "byte=0-4", 1000, "whole" },
	{ "bytes 0-4", 1000, "whole" },
	{ "bytes=0-", 0, "whole" },
	{ "bytes=-5", 0, "whole" },
	{ "bytes=0-0", 1, "0-0" },
};

static void print(struct cor_buffer *out, const struct cor_range *ranges, int len)
{
	if (len <= 0)
		cor_buffer_printf(out, "%s", len == 0 ? "whole" : "416");
	for (int i = 0; i < len; i++)
		cor_buffer_printf(out, "%s%lld-%lld", i ? " " : "", (long long)ranges[i].first,
			(long long)(ranges[i].first + ranges[i].bytes - 1));
	cor_buffer_byte(out, '\0');
}

static void test_cases(void **state)
{
	struct cor_range ranges[COR_RANGES_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct cor_buffer text = { 0 };
		print(&text, ranges,
			cor_ranges_parse(cor_str(cases[i].value), cases[i].bytes, ranges));
		if (strcmp(text.data, cases[i].ranges) != 0)
			fail_msg("%s of %lld: %s, not %s", cases[i].value,
				(long long)cases[i].bytes, text.data, cases[i].ranges);
		cor_buffer_finish(&text);
	}
}

/* Every list of up to three ranges in a small whole, against a map of its bytes. */
static void check_list(const char *value, const bool *wanted, int whole)
{
	struct cor_range ranges[COR_RANGES_MAX];
	bool got[8] = { false };
	int len = cor_ranges_parse(cor_str(value), whole, ranges);

	for (int i = 0; i < len; i++)
		for (int64_t at = ranges[i].first; at < ranges[i].first + ranges[i].bytes; at++) {
			assert_in_range(at, 0, whole - 1);
			assert_false(got[at]); /* no byte twice */
			got[at] = true;
		}
	if (memcmp(got, wanted, (size_t)whole * sizeof got[0]) != 0)
		fail_msg("%s: other bytes than were asked for", value);
}

static void test_all_small_lists(void **state)
{
	enum { WHOLE = 5 };
	char value[64];

	(void)state;
	for (unsigned n = 0; n < 36 * 36 * 36; n++) {
		bool wanted[8] = { false };
		unsigned rest = n;
		size_t len = (size_t)snprintf(value, sizeof value, "bytes=");
		for (int i = 0; i < 3; i++, rest /= 36) {
			unsigned first = rest % 6, last = rest / 6 % 6;
			len += (size_t)snprintf(value + len, sizeof value - len, "%s%u-%u",
				i ? "," : "", first, last);
			for (unsigned at = first; at <= last && at < WHOLE; at++)
				wanted[at] = true;
		}
		check_list(value, wanted, WHOLE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_all_small_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
