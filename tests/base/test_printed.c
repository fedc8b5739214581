/* SPDX-License-Identifier: MIT */
/* What the shortcut for printed doubles reads, against the C library. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/printed.h"

#if defined(COR_VECTORS) && defined(__SSE2__)
#define VECTORS true
#else
#define VECTORS false /* every number is for the other ways */
#endif
#define BEHIND 24 /* bytes, so that the shortcut may look */

/* Where it ends, or NULL. */
static const char *scan(const char *number, char *text, size_t size, double *ret)
{
	int len = snprintf(text, size, "%s,%*s", number, BEHIND, "");

	assert_true(len > 0 && (size_t)len < size);
	return cor_printed_scan(text, text + len, ret);
}

/* If it is read to its end, it is read as strtod() does. Returns whether it was. */
static bool check(const char *number)
{
	char text[128], *end;
	double value = 0;
	const char *stop = scan(number, text, sizeof text, &value);
	double expected = strtod(number, &end);

	if (!stop || *stop != ',')
		return false;
	if (*end != '\0' || value != expected || signbit(value) != signbit(expected))
		fail_msg("%s: %a, but it is %a", number, value, expected);
	return true;
}

static uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *seed >> 20;
}

static uint32_t rounds(void)
{
	return getenv("COR_TEST_LIGHT") ? 5000 : 300000;
}

static void digits_of_all_lengths(void **state)
{
	uint64_t seed = 3;
	char number[64];

	(void)state;
	for (uint32_t i = 0; i < rounds(); i++) {
		int places = 1 + (int)(next_random(&seed) % 16);
		uint64_t fraction = next_random(&seed) * next_random(&seed);
		for (uint64_t most = UINT64_C(10000000000000000); fraction >= most;)
			fraction /= 10;
		snprintf(number, sizeof number, "%s%u.%0*llu", i & 1 ? "-" : "",
			(unsigned)(next_random(&seed) % 1000), 16, (unsigned long long)fraction);
		number[strcspn(number, ".") + 1 + (size_t)places] = '\0';
		if (strspn(number, "-0.") != strlen(number) && VECTORS)
			assert_true(check(number));
	}
}

/* Those that were printed, and what lies half way to the next one or close to that. */
static void doubles_and_what_is_between(void **state)
{
	uint64_t seed = 4;
	char number[64];

	(void)state;
	for (uint32_t i = 0; i < rounds(); i++) {
		double value = (double)next_random(&seed) / (double)(UINT64_C(1) << (34 + i % 11));
		snprintf(number, sizeof number, "%.*f", 1 + (int)(i % 16), value);
		check(number);
		/* few bits: a number of sixteen places is exactly that double, or a tie */
		value = (double)(next_random(&seed) % 64000 + 1) / (1 << i % 17);
		snprintf(number, sizeof number, "%.16f", value);
		check(number);
	}
}

static void others_are_refused_or_not_ended(void **state)
{
	static const char *const numbers[] = { "1", "12", "1234.5", "01.5", "-01.5", ".5", "-.5",
		"1.", "-1.", "1.e1", "--1.5", "+1.5", "1..5", "0.0", "-0.0", "0.0000000000000000",
		"a.5", "1a.5", "12a.5", "1.a", "1.5e3", "1.5E3", "1.12345678901234567", "1.5.",
		"1.5a", "1.5-", "/.5", ":.5", "1/.5", "1:.5", "1./", "1.:", "" };

	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		assert_false(check(numbers[i]));
	assert_int_equal(check("0.5"), VECTORS);
	assert_int_equal(check("-0.0000000000000001"), VECTORS);
	assert_int_equal(check("999.9999999999999999"), VECTORS);
}

static void the_end_of_the_text_is_kept(void **state)
{
	static const char text[] = "-123.1234567890123456,  ";
	double value;

	(void)state;
	for (size_t len = 0; len < sizeof text - 1; len++) {
		char *exact = malloc(len + !len); /* a sanitizer sees what is read behind it */
		assert_non_null(exact);
		memcpy(exact, text, len);
		assert_null(cor_printed_scan(exact, exact + len, &value));
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits_of_all_lengths),
		cmocka_unit_test(doubles_and_what_is_between),
		cmocka_unit_test(others_are_refused_or_not_ended),
		cmocka_unit_test(the_end_of_the_text_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
