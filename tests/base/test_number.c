/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

#include "base/decimal.h"
#include "base/number.h"

static int parse_int64(const char *text, int64_t *ret)
{
	return cor_number_parse_int64(cor_str(text), ret);
}

static void int64_is(const char *text, int64_t expected)
{
	int64_t value = 77;

	assert_int_equal(parse_int64(text, &value), 0);
	assert_true(value == expected);
}

static void integers_are_exact_up_to_their_bounds(void **state)
{
	uint64_t large;

	(void)state;
	int64_is("0", 0);
	int64_is("-0", 0);
	int64_is("9007199254740993", 9007199254740993);
	int64_is("9223372036854775807", INT64_MAX);
	int64_is("-9223372036854775808", INT64_MIN);
	int64_is("-9223372036854775807", -INT64_MAX);
	assert_int_equal(cor_number_parse_uint64(COR_STR("18446744073709551615"), &large), 0);
	assert_true(large == UINT64_MAX);
	assert_int_equal(cor_number_parse_uint64(COR_STR("10000000000000000000"), &large), 0);
	assert_true(large == UINT64_C(10000000000000000000));
	assert_int_equal(cor_number_parse_uint64(COR_STR("-0"), &large), 0);
	assert_true(large == 0);
}

static void integers_out_of_range_are_refused(void **state)
{
	static const char *const signed_cases[] = { "9223372036854775808", "-9223372036854775809",
		"18446744073709551615", "18446744073709551616", "-18446744073709551616",
		"20000000000000000000", "100000000000000000000", "99999999999999999999",
		"-99999999999999999999", "340282366920938463463374607431768211456" };
	static const char *const unsigned_cases[] = { "-1", "18446744073709551616",
		"18446744073709551617", "19999999999999999999", "20000000000000000000",
		"36893488147419103232", "184467440737095516150", "100000000000000000000" };
	int64_t value = 77;
	uint64_t large = 77;

	(void)state;
	for (size_t i = 0; i < sizeof signed_cases / sizeof *signed_cases; i++)
		assert_int_equal(parse_int64(signed_cases[i], &value), -ERANGE);
	for (size_t i = 0; i < sizeof unsigned_cases / sizeof *unsigned_cases; i++)
		assert_int_equal(
			cor_number_parse_uint64(cor_str(unsigned_cases[i]), &large), -ERANGE);
	assert_true(value == 77 && large == 77);
}

static void malformed_numbers_are_refused(void **state)
{
	static const char *const cases[] = { "", "-", "+1", " 1", "1 ", "01", "-01", "00", ".5",
		"1.", "-.5", "1.e1", "1e", "1e+", "1e-", "e1", "0x10", "1a", "--1", "1.2.3",
		"1e1e1", "NaN", "Infinity", "-Infinity", "1,5", "1_000", "\xd9\xa1" };
	static const char *const no_integers[] = { "1.0", "1e2", "0.5", "1E0" };
	int64_t value = 77;
	double real = 77;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(parse_int64(cases[i], &value), -COR_ESYNTAX);
		assert_int_equal(cor_number_parse_double(cor_str(cases[i]), &real), -COR_ESYNTAX);
	}
	for (size_t i = 0; i < sizeof no_integers / sizeof *no_integers; i++)
		assert_int_equal(parse_int64(no_integers[i], &value), -COR_ESYNTAX);
	assert_int_equal(cor_number_parse_double((struct cor_str){ NULL, 0 }, &real), -COR_ESYNTAX);
	assert_true(value == 77 && real == 77);
}

static void integers_are_printed_as_the_library_prints_them(void **state)
{
	char ours[COR_NUMBER_BYTES];
	char theirs[32];
	uint64_t value = 1;

	(void)state;
	for (int digits = 0; digits < 20; digits++, value *= 10) {
		for (int around = -1; around <= 1; around++) {
			uint64_t near = value + (uint64_t)around;
			size_t len = cor_number_print_uint64(near, ours);
			assert_int_equal(len, snprintf(theirs, sizeof theirs, "%" PRIu64, near));
			assert_memory_equal(ours, theirs, len);
			len = cor_number_print_int64(-(int64_t)near, ours);
			assert_int_equal(
				len, snprintf(theirs, sizeof theirs, "%" PRId64, -(int64_t)near));
			assert_memory_equal(ours, theirs, len);
		}
	}
	assert_int_equal(cor_number_print_int64(INT64_MIN, ours), 20);
	assert_memory_equal(ours, "-9223372036854775808", 20);
	assert_int_equal(cor_number_print_uint64(UINT64_MAX, ours), 20);
	assert_memory_equal(ours, "18446744073709551615", 20);
}

static void doubles_have_one_form(void **state)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {
		{ 0.0, "0.0" },
		{ -0.0, "-0.0" },
		{ 1, "1.0" },
		{ 100, "100.0" },
		{ -99.47, "-99.47" },
		{ 0.1, "0.1" },
		{ 12345.678, "12345.678" },
		{ 1e16, "10000000000000000.0" },
		{ 1e17, "1e17" },
		{ 1e22, "1e22" },
		{ 1e23, "1e23" },
		{ 9007199254740992, "9007199254740992.0" },
		{ 8217197226726495, "8217197226726495.0" },
		{ 80652723198042544, "80652723198042540.0" },
		{ 99999999999999984, "99999999999999980.0" },
		{ 1125899906842624.25, "1125899906842624.2" },
		{ 1125899906842624.75, "1125899906842624.8" },
		{ 2251799813685250.5, "2251799813685250.5" },
		{ 9999.9999, "9999.9999" },
		{ 9999.99999, "9999.99999" },
		{ 10000, "10000.0" },
		{ 0.0001, "0.0001" },
		{ 0.00012, "0.00012" },
		{ 12345678.5, "12345678.5" },
		{ 9.5e22, "9.5e22" },
		{ 1e-5, "0.00001" },
		{ 1.5e-5, "0.000015" },
		{ 9.5e-6, "9.5e-6" },
		{ 1e-7, "1e-7" },
		{ 1e300, "1e300" },
		{ 5e-324, "5e-324" },
		{ 2.2250738585072014e-308, "2.2250738585072014e-308" },
		{ 1.7976931348623157e308, "1.7976931348623157e308" },
		{ -1.2345678901234567e-300, "-1.2345678901234568e-300" },
	};
	char text[COR_NUMBER_BYTES + 1];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		text[cor_number_print_double(cases[i].value, text)] = '\0';
		assert_string_equal(text, cases[i].text);
	}
	assert_int_equal(cor_number_print_double((double)NAN, text), 0);
	assert_int_equal(cor_number_print_double((double)INFINITY, text), 0);
	assert_int_equal(cor_number_print_double(-(double)INFINITY, text), 0);
}

static void double_reads_as_strtod_reads_it(const char *text)
{
	double expected = strtod(text, NULL);
	double value = 77;
	int rc = cor_number_parse_double(cor_str(text), &value);

	if (isinf(expected)) {
		assert_int_equal(rc, -ERANGE);
		return;
	}
	assert_int_equal(rc, 0);
	if (memcmp(&value, &expected, sizeof value) != 0)
		fail_msg("%s reads as %a, not %a", text, value, expected);
}

static void hard_doubles_are_rounded_correctly(void **state)
{
	static const char *const cases[] = { "0", "-0", "-0.0", "0e999999999999999999999",
		"1e-999999999999999999999", "1e999999999999999999999", "-1e400", "1e308", "1.8e308",
		"1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308",
		"179769313486231580793728971405303415079934132710037826936173778980444968292764750946"
		"649017977587207096330286416692887910946555547851940402630657488671505820681908902000"
		"708383676273854845817711531764475730270069855571366959622842914819860834936475292719"
		"074168444365510704342711559699508093042880",
		"4.9e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "2.5e-324",
		"1e-323", "2.2250738585072011e-308", "2.2250738585072012e-308",
		"2.225073858507201e-308", "9007199254740993", "9007199254740993.0",
		"9007199254740992.5", "9007199254740993.00000000000000000000000000000000001",
		"9007199254740995", "9223372036854775807", "18446744073709551615",
		"18446744073709551616", "100000000000000000000000", "1e22", "1e23",
		"123456789012345678901234567890",
		"0.000000000000000000000000000000000000000000000123456789012345678901234567890",
		"65.613616999999977", "-65.613616999999977", "0.1e1", "1E+2", "1e-0", "8.5e15",
		"0.30000000000000004", "6929495644600919.5",
		"3.2378839133029012895883524125015321748630094132e-319",
		"1.00000000000000011102230246251565404236316680908203125",
		"1.00000000000000011102230246251565404236316680908203124",
		"1.00000000000000011102230246251565404236316680908203126" };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		double_reads_as_strtod_reads_it(cases[i]);
}

/*
 * A number of `digits` digits whose exponent puts the point `exponent` places to the left of its
 * end.
 */
static void long_double(int digits, int exponent, char filler, char last)
{
	char text[4096];

	text[0] = '1';
	memset(text + 1, filler, (size_t)digits);
	text[digits] = last;
	snprintf(text + digits + 1, sizeof text - (size_t)digits - 1, "e%d", exponent);
	double_reads_as_strtod_reads_it(text);
}

static void doubles_of_many_digits_are_rounded_correctly(void **state)
{
	(void)state;
	for (int digits = 18; digits < 2000; digits += digits < 40 ? 1 : 131) {
		long_double(digits, -digits, '0', '1');
		long_double(digits, 0, '0', '0');
		long_double(digits, -digits - 300, '9', '9');
		long_double(digits, 308 - digits, '7', '3');
		long_double(digits, -digits - 323, '4', '9');
	}
}

static void zeros_and_exponent_balance(void **state)
{
	static char text[20000];
	double value;

	(void)state;
	memset(text, '0', sizeof text);
	text[1] = '.';
	memcpy(text + 15000, "125e14999", 10);
	assert_int_equal(cor_number_parse_double(cor_str(text), &value), 0);
	assert_true(value == 1.25);
	memset(text, '0', 15000);
	text[0] = '1';
	memcpy(text + 15001, "e-15000", 8);
	text[15000] = '0';
	assert_int_equal(cor_number_parse_double(cor_str(text), &value), 0);
	assert_true(value == 1.0);
}

/*
 * Digits are read eight at a time: what follows them must not count, wherever the text ends.
 */
static void fractions_end_where_their_digits_end(void **state)
{
	static const char behind[] = { '\0', '/', ':', ' ', '@', 'p', '\x7f', '\x80', '\xb0',
		'\xff' };
	char text[64] = "7.";
	char *copy = malloc(sizeof text);

	(void)state;
	assert_non_null(copy);
	for (size_t digits = 1; digits <= 24; digits++) {
		text[1 + digits] = (char)('0' + digits % 10);
		for (size_t i = 0; i < 10 * sizeof behind; i++) {
			size_t len = 2 + digits;
			size_t more = i / sizeof behind; /* what follows is long or short */
			struct cor_decimal decimal;
			char *start = copy + sizeof text - len - more;
			memcpy(start, text, len);
			memset(start + len, behind[i % sizeof behind], more);
			assert_int_equal(cor_decimal_scan(start, start + len + more, &decimal), 0);
			assert_int_equal(decimal.text.len, len);
			text[len] = '\0';
			assert_true(cor_decimal_double(&decimal) == strtod(text, NULL));
		}
	}
	free(copy);
}

/* How many random numbers of each sort; `make judge` tries more. */
static long random_count(void)
{
	const char *count = getenv("COR_TEST_NUMBERS");

	return count ? strtol(count, NULL, 10) : 1000000;
}

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Random bits, prices, powers of two, numbers of few bits, integers, quarters: many are ties. */
static double random_double(uint64_t *seed, int kind)
{
	uint64_t bits = next_random(seed);
	double value;

	if (kind == 1)
		return (double)(bits % 100000000) / 100;
	if (kind == 2)
		bits &= UINT64_C(0xfff0000000000000);
	if (kind == 3)
		bits &= UINT64_C(0xfff000000000000f);
	if (kind == 4)
		return (double)(int64_t)(bits >> (bits & 31));
	if (kind == 5)
		return (double)(bits >> 11) / 4;
	memcpy(&value, &bits, sizeof value);
	return value;
}

static size_t digits_in(const char *text)
{
	char digits[COR_NUMBER_BYTES];
	size_t count = 0;

	for (; *text != '\0' && *text != 'e'; text++) {
		if (*text >= '0' && *text <= '9' && (count > 0 || *text != '0'))
			digits[count++] = *text;
	}
	while (count > 0 && digits[count - 1] == '0')
		count--;
	return count;
}

/*
 * %.{n}g with one digit fewer reads back as another number: no shorter form exists. Of those that
 * are as long it is the nearest, as the library rounds it; but not at powers of two, below which
 * fewer numbers read back.
 */
static void is_shortest(double value, const char *text)
{
	char other[40];
	size_t digits = digits_in(text);
	int exponent;

	if (digits > 1) {
		snprintf(other, sizeof other, "%.*e", (int)digits - 2, value);
		if (strtod(other, NULL) == value)
			fail_msg("%s is longer than %s", text, other);
	}
	snprintf(other, sizeof other, "%.*e", (int)digits - 1, value);
	if (fabs(frexp(value, &exponent)) != 0.5 && strtod(other, NULL) == value) {
		long double ours = strtold(text, NULL), theirs = strtold(other, NULL);
		if (ours != theirs)
			fail_msg("%a is printed as %s, not as %s", value, text, other);
	}
}

static void random_doubles_come_back(void **state)
{
	uint64_t seed = 88172645463325252;
	char text[COR_NUMBER_BYTES + 1];

	(void)state;
	for (long i = 0, count = random_count(); i < count; i++) {
		double value = random_double(&seed, (int)(i % 8));
		double back = 77;
		if (!isfinite(value))
			continue;
		size_t len = cor_number_print_double(value, text);
		text[len] = '\0';
		int rc = cor_number_parse_double((struct cor_str){ text, len }, &back);
		if (rc != 0 || memcmp(&back, &value, sizeof value) != 0)
			fail_msg("%a is printed as %s and reads as %a", value, text, back);
		if (i % 4 == 0)
			double_reads_as_strtod_reads_it(text);
		if (i % 8 == 1 || i % 8 == 5 || i % 64 == 0)
			is_shortest(value, text);
	}
}

static void random_texts_read_as_strtod_reads_them(void **state)
{
	uint64_t seed = 4101842887655102017;
	char text[64];

	(void)state;
	for (long i = 0, count = random_count() / 5; i < count; i++) {
		uint64_t bits = next_random(&seed);
		int exponent = (int)(next_random(&seed) % 700) - 350;
		snprintf(text, sizeof text, "%" PRIu64 ".%05ue%d", bits >> (bits & 63),
			(unsigned)(bits & 0xffff), exponent);
		double_reads_as_strtod_reads_it(text);
	}
}

/* Of every length: the lowest bits of random ones. */
static void random_integers_are_those_of_the_library(void **state)
{
	uint64_t seed = 1442695040888963407;
	char text[COR_NUMBER_BYTES + 1], should[40];

	(void)state;
	for (long i = 0, count = random_count(); i < count; i++) {
		uint64_t bits = next_random(&seed), natural = bits >> (next_random(&seed) & 63);
		int64_t integer = bits & 1 ? (int64_t)natural : (int64_t)-natural, back;
		uint64_t natural_back;
		size_t len = cor_number_print_int64(integer, text);
		text[len] = '\0';
		snprintf(should, sizeof should, "%" PRId64, integer);
		int rc = cor_number_parse_int64((struct cor_str){ text, len }, &back);
		if (strcmp(text, should) != 0 || rc != 0 || back != strtoll(text, NULL, 10))
			fail_msg("%s is printed as %s", should, text);
		len = cor_number_print_uint64(natural, text);
		text[len] = '\0';
		snprintf(should, sizeof should, "%" PRIu64, natural);
		rc = cor_number_parse_uint64((struct cor_str){ text, len }, &natural_back);
		if (strcmp(text, should) != 0 || rc != 0 || natural_back != natural)
			fail_msg("%s is printed as %s", should, text);
	}
}

static void the_locale_does_not_matter(void **state)
{
	char text[COR_NUMBER_BYTES + 1];
	double value;

	(void)state;
	if (!setlocale(LC_ALL, "de_DE.UTF-8") && !setlocale(LC_ALL, "fr_FR.UTF-8"))
		print_message("# no locale with a decimal comma is installed: tested in C only\n");
	text[cor_number_print_double(1234.5, text)] = '\0';
	int rc = cor_number_parse_double(COR_STR("2.4703282292062328e-324"), &value);
	setlocale(LC_ALL, "C");
	assert_string_equal(text, "1234.5");
	assert_int_equal(rc, 0);
	assert_true(value == 5e-324);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_are_exact_up_to_their_bounds),
		cmocka_unit_test(integers_out_of_range_are_refused),
		cmocka_unit_test(malformed_numbers_are_refused),
		cmocka_unit_test(integers_are_printed_as_the_library_prints_them),
		cmocka_unit_test(doubles_have_one_form),
		cmocka_unit_test(hard_doubles_are_rounded_correctly),
		cmocka_unit_test(doubles_of_many_digits_are_rounded_correctly),
		cmocka_unit_test(zeros_and_exponent_balance),
		cmocka_unit_test(fractions_end_where_their_digits_end),
		cmocka_unit_test(random_doubles_come_back),
		cmocka_unit_test(random_integers_are_those_of_the_library),
		cmocka_unit_test(random_texts_read_as_strtod_reads_them),
		cmocka_unit_test(the_locale_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
