/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/error.h>
#include <coracle/uri.h>

#include "base/buffer.h"
#include "http/uri.h"

/* The text, and what it decodes to; NULL: it is refused. */
struct row {
	struct cor_str text;
	const char *expected;
};

#define ROW(text, expected)                                                                        \
	{                                                                                          \
		{ text, sizeof(text) - 1 }, expected                                               \
	}

static const struct row decodings[] = {
	ROW("", ""),
	ROW("abc", "abc"),
	ROW("a%20b", "a b"),
	ROW("a+b", "a+b"),
	ROW("%41%5a%7e", "AZ~"),
	ROW("%2F", "/"),
	ROW("%25%32%35", "%25"),
	ROW("%C3%A4", "\xc3\xa4"),
	ROW("%c3%a4", "\xc3\xa4"),
	ROW("\xc3%a4", "\xc3\xa4"),
	ROW("%01%7f", "\x01\x7f"),
	ROW("%", NULL),
	ROW("%4", NULL),
	ROW("a%", NULL),
	ROW("%zz", NULL),
	ROW("%4z", NULL),
	ROW("%z4", NULL),
	ROW("%%41", NULL),
	ROW("% 41", NULL),
	ROW("%+4", NULL),
	ROW("%u0041", NULL),
	ROW("%00", NULL),
	ROW("a%00b", NULL),
	ROW("a\0b", NULL),
	ROW("%ff", NULL),
	ROW("%C3", NULL),
	ROW("%c0%af", NULL),
	ROW("%ed%a0%80", NULL),
	ROW("%f4%90%80%80", NULL),
};

static void decoding_is_strict(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof decodings / sizeof decodings[0]; i++) {
		struct cor_arena arena;
		struct cor_str text = COR_STR("untouched");

		cor_arena_init(&arena, NULL, 0, 0);
		int rc = cor_uri_decode(&arena, decodings[i].text, &text);
		assert_int_equal(rc, decodings[i].expected ? 0 : -COR_ESYNTAX);
		assert_string_equal(
			text.data, decodings[i].expected ? decodings[i].expected : "untouched");
		assert_int_equal(text.data[text.len], '\0');
		cor_arena_finish(&arena);
	}
}

static void join(char *out, size_t size, const char *separator, const char *text)
{
	size_t len = strlen(out);

	snprintf(out + len, size - len, "%s%s", separator, text);
}

/* Dot segments, bad encodings and %00 are refused; UTF-8 is not checked. */
static void paths_are_checked_as_sent(void **state)
{
	static const char *const good[] = {
		"/",
		"/a",
		"/a/b",
		"/a/",
		"//",
		"//a",
		"/a%2Fb/c",
		"/%41/+",
		"/...",
		"/.a/a.",
		"/..a",
		"/%2e%2e%2f",
		"/%ff",
		"*",
		"",
	};
	static const char *const bad[] = {
		"/.",
		"/..",
		".",
		"/a/./b",
		"/a/../b",
		"/../a",
		"/a/..",
		"/%2e",
		"/%2E%2e/a",
		"/.%2e/a",
		"/%2e./a",
		"/a/%zz",
		"/a%",
		"/a%0",
		"/a%00",
		"/%ff/..",
	};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_int_equal(cor_uri_check_path(cor_str(good[i])), 0);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(cor_uri_check_path(cor_str(bad[i])), -COR_ESYNTAX);
}

/* Pairs as name=value joined by '|'. */
static const struct row queries[] = {
	ROW("", ""),
	ROW("a=1", "a=1"),
	ROW("a=1&b=2", "a=1|b=2"),
	ROW("a", "a="),
	ROW("a&b", "a=|b="),
	ROW("a=", "a="),
	ROW("=a", "=a"),
	ROW("=", "="),
	ROW("=&=", "=|="),
	ROW("a=1=2", "a=1=2"),
	ROW("&&a=1&&b&", "a=1|b="),
	ROW("a=1&a=2", "a=1|a=2"),
	ROW("a+b=c+d", "a b=c d"),
	ROW("a%3Db=%26%2B", "a=b=&+"),
	ROW("a=1;b=2", "a=1;b=2"),
	ROW("q=%e2%82%ac", "q=\xe2\x82\xac"),
	ROW("a=%", NULL),
	ROW("%=a", NULL),
	ROW("a=1&b=%0", NULL),
	ROW("a=%00", NULL),
	ROW("a=%e2%82", NULL),
	ROW("%e2=%82", NULL),
	ROW("a=\xff", NULL),
};

static void queries_are_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
		struct cor_arena arena;
		struct cor_uri_pairs pairs = { NULL, 0 };
		char joined[100] = "";

		cor_arena_init(&arena, NULL, 0, 0);
		int rc = cor_uri_split_pairs(&arena, queries[i].text, &pairs);
		assert_int_equal(rc, queries[i].expected ? 0 : -COR_ESYNTAX);
		for (size_t k = 0; k < pairs.len; k++) {
			join(joined, sizeof joined, k > 0 ? "|" : "", pairs.items[k].name.data);
			join(joined, sizeof joined, "=", pairs.items[k].value.data);
		}
		assert_string_equal(joined, queries[i].expected ? queries[i].expected : "");
		cor_arena_finish(&arena);
	}
}

static int split_repeated(const char *piece, size_t times)
{
	struct cor_buffer text = { 0 };
	struct cor_arena arena;
	struct cor_uri_pairs pairs;

	cor_arena_init(&arena, NULL, 0, 0);
	for (size_t i = 0; i < times; i++)
		cor_buffer_append_str(&text, cor_str(piece));
	int rc = cor_uri_split_pairs(&arena, (struct cor_str){ text.data, text.len }, &pairs);
	if (rc == 0)
		assert_int_equal(pairs.len, times);
	cor_arena_finish(&arena);
	cor_buffer_finish(&text);
	return rc;
}

static void the_count_is_limited(void **state)
{
	(void)state;
	assert_int_equal(split_repeated("a=b&", COR_URI_PAIRS_MAX - 1), 0);
	assert_int_equal(split_repeated("a=b&", COR_URI_PAIRS_MAX), 0);
	assert_int_equal(split_repeated("a=b&", COR_URI_PAIRS_MAX + 1), -COR_ETOOLARGE);
}

/* Whatever is encoded decodes to the same text, in a path and in a query. */
static void encoding_is_undone(void **state)
{
	struct cor_arena arena;
	struct cor_str decoded;
	struct cor_uri_pairs pairs;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_string_equal(
		cor_percent_encode(&arena, "a b/c?\xc3\xa4-._~%+"), "a%20b%2Fc%3F%C3%A4-._~%25%2B");
	assert_string_equal(cor_percent_encode(&arena, "//evil.example"), "%2F%2Fevil.example");
	assert_string_equal(cor_percent_encode(&arena, "\xff\r\n"), "%FF%0D%0A");
	assert_string_equal(cor_percent_encode(&arena, ""), "");
	assert_string_equal(cor_percent_encode(&arena, NULL), "");
	for (unsigned byte = 1; byte < 128; byte++) {
		char raw[] = { 'x', (char)byte, 'y', '\0' };
		struct cor_str encoded = cor_str(cor_percent_encode(&arena, raw));

		assert_int_equal(cor_uri_decode(&arena, encoded, &decoded), 0);
		assert_string_equal(decoded.data, raw);
		assert_int_equal(cor_uri_split_pairs(&arena, encoded, &pairs), 0);
		assert_int_equal(pairs.len, 1);
		assert_string_equal(pairs.items[0].name.data, raw);
	}
	cor_arena_finish(&arena);
}

static void faults_are_named(void **state)
{
	static const struct row rows[] = {
		ROW("a%", "has a '%' that two hexadecimal digits do not follow"),
		ROW("a%4", "has a '%' that two hexadecimal digits do not follow"),
		ROW("%zz%00", "has a '%' that two hexadecimal digits do not follow"),
		ROW("%ff%00", "has a %00, which no text may hold"),
		ROW("a\0b", "has a NUL byte, which no text may hold"),
		ROW("%c3%28", "is not percent-encoded UTF-8"),
		ROW("\xff", "is not percent-encoded UTF-8"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_string_equal(cor_uri_fault(rows[i].text), rows[i].expected);
}

static void lack_of_memory_is_reported(void **state)
{
	struct cor_arena arena;
	struct cor_str text;
	struct cor_uri_pairs pairs;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 1);
	assert_int_equal(cor_uri_decode(&arena, COR_STR("a"), &text), -ENOMEM);
	assert_int_equal(cor_uri_split_pairs(&arena, COR_STR("a=b"), &pairs), -ENOMEM);
	assert_null(cor_percent_encode(&arena, "a"));
	cor_arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decoding_is_strict),
		cmocka_unit_test(paths_are_checked_as_sent),
		cmocka_unit_test(queries_are_split),
		cmocka_unit_test(the_count_is_limited),
		cmocka_unit_test(encoding_is_undone),
		cmocka_unit_test(faults_are_named),
		cmocka_unit_test(lack_of_memory_is_reported),
	};

	return cmocka_run_group_tests_name("http uri", tests, NULL, NULL);
}
