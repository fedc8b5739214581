/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/utf8.h"

static void well_formed_text_is_valid(void **state)
{
	static const char *const cases[] = { "", "a", "plain ASCII, more than eight bytes of it",
		"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
		"\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "12345678\xc3\xa4ghijklmn",
		"\xe2\x82\xac\xe2\x82\xac", "\xf0\x9f\x98\x80" };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_true(cor_utf8_valid(cor_str(cases[i])));
	assert_true(cor_utf8_valid((struct cor_str){ NULL, 0 }));
	assert_true(cor_utf8_valid((struct cor_str){ "a\0b", 3 }));
}

static void malformed_text_is_not(void **state)
{
	static const char *const cases[] = { "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2",
		"\xc2\x7f", "\xc2\xc0", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xe1\x80", "\xe1\x80\x41",
		"\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
		"\xf0\x90\x80", "\xf0\x90\x80\x41", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\xf8\x88\x80\x80\x80", "\xfe", "\xff", "12345678\xff", "1234567\xff",
		"12345678\xe2\x82", "\xe2\x82\xac\x80" };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_false(cor_utf8_valid(cor_str(cases[i])));
}

/* Every code point, and every pair of bytes with what may follow it, against the definition. */
static void every_code_point_is_encoded_and_known(void **state)
{
	char text[4];

	(void)state;
	for (uint32_t code = 0; code < 0x110000; code++) {
		unsigned len = cor_utf8_encode(code, text);
		bool scalar = code < 0xd800 || code > 0xdfff;
		struct cor_str str = { text, len };
		assert_int_equal(len, code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4);
		assert_int_equal(cor_utf8_valid(str), scalar);
		if (code >= 0x80)
			assert_int_equal(cor_utf8_sequence(text, text + len), scalar ? len : 0);
		assert_int_equal(cor_utf8_count(str), 1);
	}
}

/* 2^24 sequences of three bytes hold exactly as many valid ones as the ranges allow. */
static void no_other_sequence_is_known(void **state)
{
	unsigned valid = 0;

	(void)state;
	for (uint32_t bytes = 0x800000; bytes < 0x1000000; bytes++) {
		char text[3] = { (char)(bytes >> 16), (char)(bytes >> 8), (char)bytes };
		valid += cor_utf8_sequence(text, text + 3) == 3;
	}
	assert_int_equal(valid, 0x10000 - 0x800 - 0x800);
}

static void code_points_are_counted(void **state)
{
	static const char text[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80xyz\xc3\xa4\xc3\xa4"
				   "12345678\xe2\x82\xac";

	(void)state;
	assert_int_equal(cor_utf8_count(cor_str(text)), 18);
	assert_int_equal(cor_utf8_count((struct cor_str){ NULL, 0 }), 0);
	assert_int_equal(cor_utf8_ascii_prefix(cor_str(text)), 1);
	assert_int_equal(cor_utf8_ascii_prefix(cor_str("123456789")), 9);
	assert_int_equal(cor_utf8_ascii_prefix(cor_str("123456789\xff")), 9);
	assert_int_equal(cor_utf8_ascii_prefix((struct cor_str){ NULL, 0 }), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(well_formed_text_is_valid),
		cmocka_unit_test(malformed_text_is_not),
		cmocka_unit_test(every_code_point_is_encoded_and_known),
		cmocka_unit_test(no_other_sequence_is_known),
		cmocka_unit_test(code_points_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
