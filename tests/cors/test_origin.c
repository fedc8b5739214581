/* SPDX-License-Identifier: MIT */
/* Which origins a pattern means, and which patterns mean none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cors/origin.h"

static const struct {
	const char *pattern, *origin;
	bool matches;
} cases[] = {
	{ "https://app.example", "https://app.example", true },
	{ "https://app.example", "http://app.example", false },
	{ "https://app.example", "https://app.example:8443", false },
	{ "https://app.example", "https://app.example.evil.example", false },
	{ "https://app.example", "https://app.exampl", false },
	{ "https://app.example", "https://APP.example", false },
	{ "https://app.example", "", false },
	{ "https://app.example", "null", false },
	{ "http://127.0.0.1:8080", "http://127.0.0.1:8080", true },
	{ "http://[::1]:8080", "http://[::1]:8080", true },
	{ "https://.app.example", "https://a.app.example", true },
	{ "https://.app.example", "https://a.b.app.example", true },
	{ "https://.app.example", "https://app.example", false },
	{ "https://.app.example", "https://.app.example", false },
	{ "https://.app.example", "https://evilapp.example", false },
	{ "https://.app.example", "http://a.app.example", false },
	{ "https://.app.example", "https://evil.example:443.app.example", false },
	{ "https://.app.example", "https://evil.example/.app.example", false },
	{ "https://.app.example", "https://evil@a.app.example", false },
	{ "https://.app.example", "https://evil.example .app.example", false },
	{ "https://.app.example", "https://evil.example`.app.example", false },
	{ "https://.app.example", "https://evil.example,https.app.example", false },
	{ "https://.app.example", "https://A.app.example", false },
	{ "https://.app.example", "https://xn--a_b-1.app.example", true },
	{ "https://.app.example", "https://a.app.example:8443", false },
	{ "https://.app.example:8443", "https://a.app.example:8443", true },
	{ "https://.app.example", "https://..app.example", false },
	{ "*", "https://any.example", true },
	{ "*", "null", true },
	{ "null", "null", true },
	{ "chrome-extension://abcdef", "chrome-extension://abcdef", true },
};

static void test_matches(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (cor_origin_matches(cases[i].pattern, cor_str(cases[i].origin)) !=
			cases[i].matches)
			print_error("%s %s\n", cases[i].pattern, cases[i].origin);
		assert_null(cor_origin_fault(cases[i].pattern));
		assert_int_equal(cor_origin_matches(cases[i].pattern, cor_str(cases[i].origin)),
			cases[i].matches);
	}
}

static const struct {
	const char *pattern, *says;
} faults[] = {
	{ "app.example", "no origin" },
	{ "://app.example", "no origin" },
	{ "", "no origin" },
	{ "https://", "lower case" },
	{ "https://.", "lower case" },
	{ "https://app.example/", "no path" },
	{ "https://App.example", "lower case" },
	{ "https://user@app.example", "without a user" },
	{ "https://b\xc3\xbc.example", "ASCII" },
	{ "https://a*.example", "lower case" },
	{ "https://app.example:443", "leave out the port" },
	{ "http://app.example:80", "leave out the port" },
};

static void test_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		const char *fault = cor_origin_fault(faults[i].pattern);
		if (!fault || !strstr(fault, faults[i].says))
			print_error("%s: %s\n", faults[i].pattern, fault);
		assert_non_null(fault);
		assert_non_null(strstr(fault, faults[i].says));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matches),
		cmocka_unit_test(test_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
