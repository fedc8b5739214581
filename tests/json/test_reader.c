/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/json.h>

#include "json/reader.h"

#define DEEP 100000

struct fixture {
	struct cor_json_reader reader;
	struct cor_arena arena;
	char *text; /* exactly the text's size, so that a sanitizer sees a read past it */
};

static void begin(struct fixture *fixture, struct cor_str text)
{
	free(fixture->text);
	fixture->text = malloc(text.len ? text.len : 1);
	assert_non_null(fixture->text);
	if (text.len)
		memcpy(fixture->text, text.data, text.len);
	cor_arena_reset(&fixture->arena);
	cor_json_reader_init(
		&fixture->reader, (struct cor_str){ fixture->text, text.len }, &fixture->arena, 0);
}

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);

	if (!fixture)
		return -1;
	cor_arena_init(&fixture->arena, NULL, 0, 0);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	cor_arena_finish(&fixture->arena);
	free(fixture->text);
	free(fixture);
	return 0;
}

static void string_is(struct fixture *fixture, const char *json, struct cor_str expected)
{
	struct cor_str value;

	begin(fixture, cor_str(json));
	int rc = cor_json_read_string(&fixture->reader, &value);
	if (rc != 0)
		fail_msg("%s: %d", json, rc);
	assert_int_equal(value.len, expected.len);
	if (value.len)
		assert_memory_equal(value.data, expected.data, value.len);
	assert_int_equal(cor_json_finish(&fixture->reader), 0);
}

static void strings_are_read(void **state)
{
	struct fixture *fixture = *state;

	string_is(fixture, "\"\"", COR_STR(""));
	string_is(fixture, " \"abc\" ", COR_STR("abc"));
	string_is(fixture, "\"more than sixteen bytes of it\"",
		COR_STR("more than sixteen bytes of it"));
	string_is(fixture, "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", COR_STR("\"\\/\b\f\n\r\t"));
	string_is(fixture, "\"\\u0041\\u00e4\\u20AC\\ud83d\\uDE00\"",
		COR_STR("A\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"));
	string_is(fixture, "\"a\\u0000b\"", COR_STR("a\0b"));
	string_is(fixture, "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80 \x7f\"",
		COR_STR("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80 \x7f"));
	string_is(fixture, "\"\\udbff\\udfff\"", COR_STR("\xf4\x8f\xbf\xbf"));
	string_is(fixture, "\"\\ud7ff\\ue000\"", COR_STR("\xed\x9f\xbf\xee\x80\x80"));
}

static void plain_strings_are_not_copied(void **state)
{
	struct fixture *fixture = *state;
	struct cor_str value;

	begin(fixture, COR_STR("\"\xc3\xa4 abc\""));
	assert_int_equal(cor_json_read_string(&fixture->reader, &value), 0);
	assert_ptr_equal(value.data, fixture->text + 1);
	assert_int_equal(fixture->arena.heap_bytes, 0);
}

static void wrong_strings_are_refused_where_they_are_wrong(void **state)
{
	static const struct {
		const char *json;
		size_t at;
	} cases[] = {
		{ "", 0 },
		{ "x", 0 },
		{ "'a'", 0 },
		{ "\"", 1 },
		{ "\"abc", 4 },
		{ "\"abc\\", 4 },
		{ "\"abc\\\"", 6 },
		{ "\"a\nb\"", 2 },
		{ "\"a\tb\"", 2 },
		{ "\"0123456789abcdef\x1f\"", 17 },
		{ "\"\\x\"", 1 },
		{ "\"\\u12\"", 1 },
		{ "\"\\u123g\"", 1 },
		{ "\"\\U0041\"", 1 },
		{ "\"ab\\ud800\"", 3 },
		{ "\"\\ud800x\"", 1 },
		{ "\"\\ud800\\n\"", 1 },
		{ "\"\\ud800\\ud800\"", 1 },
		{ "\"\\ud800\\u0041\"", 1 },
		{ "\"\\udc00\"", 1 },
		{ "\"\\ud800\\udc0", 1 },
		{ "\"ab\x80\"", 3 },
		{ "\"\xc3\"", 1 },
		{ "\"\xed\xa0\x80\"", 1 },
		{ "\"\xc3\xa4\xff\"", 3 },
		{ "\"0123456789abcdef\xc3\xa4\xc0\x80\"", 19 },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct cor_str value = { NULL, 77 };
		begin(fixture, cor_str(cases[i].json));
		int rc = cor_json_read_string(&fixture->reader, &value);
		size_t at = cor_json_offset(&fixture->reader);
		if (rc != -COR_ESYNTAX || at != cases[i].at || value.len != 77)
			fail_msg("%s: %d at %zu", cases[i].json, rc, at);
	}
}

static struct cor_json_number number(struct fixture *fixture, const char *json)
{
	struct cor_json_number value;

	begin(fixture, cor_str(json));
	assert_int_equal(cor_json_peek(&fixture->reader), COR_JSON_NUMBER);
	assert_int_equal(cor_json_read_number(&fixture->reader, &value), 0);
	assert_int_equal(value.text.len, strlen(json));
	assert_int_equal(cor_json_finish(&fixture->reader), 0);
	return value;
}

static void numbers_know_their_kind(void **state)
{
	struct fixture *fixture = *state;
	struct cor_json_number value = number(fixture, "9223372036854775807");

	assert_int_equal(value.type, COR_JSON_INT64);
	assert_true(value.integer == INT64_MAX && value.real == 9223372036854775808.0);
	value = number(fixture, "-9223372036854775808");
	assert_int_equal(value.type, COR_JSON_INT64);
	assert_true(value.integer == INT64_MIN && value.real == -9223372036854775808.0);
	value = number(fixture, "9223372036854775808");
	assert_int_equal(value.type, COR_JSON_UINT64);
	assert_true((uint64_t)value.integer == UINT64_C(9223372036854775808));
	value = number(fixture, "18446744073709551615");
	assert_int_equal(value.type, COR_JSON_UINT64);
	assert_true((uint64_t)value.integer == UINT64_MAX && value.real == 18446744073709551616.0);
	value = number(fixture, "18446744073709551616");
	assert_int_equal(value.type, COR_JSON_REAL);
	assert_true(value.integer == 0 && value.real == 18446744073709551616.0);
	value = number(fixture, "-9223372036854775809");
	assert_int_equal(value.type, COR_JSON_REAL);
	value = number(fixture, "1.0");
	assert_int_equal(value.type, COR_JSON_REAL);
	assert_true(value.real == 1.0);
	value = number(fixture, "1e2");
	assert_true(value.type == COR_JSON_REAL && value.real == 100.0);
	value = number(fixture, "-0");
	assert_true(value.type == COR_JSON_INT64 && value.integer == 0 && signbit(value.real));
	value = number(fixture, "1e400");
	assert_true(value.type == COR_JSON_REAL && isinf(value.real));
}

static void wrong_numbers_are_refused_where_they_are_wrong(void **state)
{
	static const struct {
		const char *json;
		size_t at;
	} cases[] = { { "-", 1 }, { "-x", 1 }, { "01", 1 }, { "-012", 2 }, { "1.", 2 },
		{ "1.x", 2 }, { "1e", 2 }, { "1e+", 3 }, { "1.5e-x", 5 }, { ".5", 0 }, { "+1", 0 },
		{ "true", 0 } };
	struct fixture *fixture = *state;
	struct cor_json_number value = { .integer = 77 };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		begin(fixture, cor_str(cases[i].json));
		int rc = cor_json_read_number(&fixture->reader, &value);
		size_t at = cor_json_offset(&fixture->reader);
		if (rc != -COR_ESYNTAX || at != cases[i].at)
			fail_msg("%s: %d at %zu", cases[i].json, rc, at);
	}
	assert_true(value.integer == 77);
}

static void words_are_read(void **state)
{
	static const char *const wrong[] = { "", "tru", "TRUE", "fals", "nul", "nulL", "True", "f",
		"0" };
	struct fixture *fixture = *state;
	bool flag = false;

	begin(fixture, COR_STR(" true"));
	assert_int_equal(cor_json_peek(&fixture->reader), COR_JSON_BOOL);
	assert_int_equal(cor_json_read_bool(&fixture->reader, &flag), 0);
	assert_true(flag);
	begin(fixture, COR_STR("\r\n\tfalse"));
	assert_int_equal(cor_json_read_bool(&fixture->reader, &flag), 0);
	assert_false(flag);
	begin(fixture, COR_STR("null"));
	assert_int_equal(cor_json_peek(&fixture->reader), COR_JSON_NULL);
	assert_int_equal(cor_json_read_null(&fixture->reader), 0);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		begin(fixture, cor_str(wrong[i]));
		assert_int_equal(cor_json_read_bool(&fixture->reader, &flag), -COR_ESYNTAX);
		assert_int_equal(cor_json_read_null(&fixture->reader), -COR_ESYNTAX);
	}
	begin(fixture, COR_STR("trux"));
	assert_int_equal(cor_json_read_bool(&fixture->reader, &flag), -COR_ESYNTAX);
	assert_int_equal(cor_json_offset(&fixture->reader), 3);
}

static void what_comes_next_is_reported(void **state)
{
	static const struct {
		const char *json;
		enum cor_json_type type;
	} cases[] = { { "{", COR_JSON_OBJECT }, { " [", COR_JSON_ARRAY }, { "\"", COR_JSON_STRING },
		{ "-", COR_JSON_NUMBER }, { "0", COR_JSON_NUMBER }, { "9", COR_JSON_NUMBER },
		{ "t", COR_JSON_BOOL }, { "f", COR_JSON_BOOL }, { "n", COR_JSON_NULL },
		{ " \t\r\n", COR_JSON_END }, { "", COR_JSON_END }, { "]", COR_JSON_WRONG },
		{ "+", COR_JSON_WRONG }, { "\xef\xbb\xbf{}", COR_JSON_WRONG },
		{ "\v", COR_JSON_WRONG }, { "\xc2\xa0", COR_JSON_WRONG } };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		begin(fixture, cor_str(cases[i].json));
		assert_int_equal(cor_json_peek(&fixture->reader), cases[i].type);
	}
	cor_json_reader_init(&fixture->reader, (struct cor_str){ NULL, 0 }, NULL, 0);
	assert_int_equal(cor_json_peek(&fixture->reader), COR_JSON_END);
}

static void members_are_read_in_turn(void **state)
{
	struct fixture *fixture = *state;
	struct cor_json_reader *reader = &fixture->reader;
	struct cor_json_number value;
	struct cor_str key, raw;

	begin(fixture, COR_STR(" { \"a\" : [1 , {} ] ,\"\\u0062\":2,\"\":{\"x\":[]} } "));
	assert_int_equal(cor_json_enter_object(reader), 0);
	assert_int_equal(cor_json_next_member(reader, &key), 1);
	assert_true(cor_str_equal(key, COR_STR("a")));
	assert_int_equal(cor_json_enter_array(reader), 0);
	assert_int_equal(cor_json_next_item(reader), 1);
	assert_int_equal(cor_json_read_number(reader, &value), 0);
	assert_int_equal(cor_json_next_item(reader), 1);
	assert_int_equal(cor_json_enter_object(reader), 0);
	assert_int_equal(cor_json_next_member(reader, &key), 0);
	assert_int_equal(cor_json_next_item(reader), 0);
	assert_int_equal(cor_json_next_member(reader, &key), 1);
	assert_true(cor_str_equal(key, COR_STR("b")));
	assert_int_equal(cor_json_read_number(reader, &value), 0);
	assert_int_equal(cor_json_next_member(reader, &key), 1);
	assert_int_equal(key.len, 0);
	assert_int_equal(cor_json_skip(reader, &raw), 0);
	assert_true(cor_str_equal(raw, COR_STR("{\"x\":[]}")));
	assert_int_equal(cor_json_next_member(reader, &key), 0);
	assert_int_equal(reader->depth, 0);
	assert_int_equal(cor_json_finish(reader), 0);
}

static void a_value_of_another_type_is_refused_in_place(void **state)
{
	struct fixture *fixture = *state;
	struct cor_json_reader *reader = &fixture->reader;
	struct cor_str text;

	begin(fixture, COR_STR(" [true]"));
	assert_int_equal(cor_json_enter_object(reader), -COR_ESYNTAX);
	assert_int_equal(cor_json_read_string(reader, &text), -COR_ESYNTAX);
	assert_int_equal(cor_json_read_null(reader), -COR_ESYNTAX);
	assert_int_equal(cor_json_offset(reader), 1);
	assert_int_equal(cor_json_enter_array(reader), 0);
	assert_int_equal(cor_json_next_item(reader), 1);
	assert_int_equal(cor_json_enter_array(reader), -COR_ESYNTAX);
	assert_int_equal(cor_json_skip(reader, NULL), 0);
	assert_int_equal(cor_json_next_item(reader), 0);
}

static void errors_say_where(void **state)
{
	static const struct {
		const char *json;
		size_t at;
	} cases[] = { { "", 0 }, { "  ", 2 }, { "[1,]", 3 }, { "[,1]", 1 }, { "[1 2]", 3 },
		{ "[1}", 2 }, { "{\"a\" 1}", 5 }, { "{\"a\":1,}", 7 }, { "{,}", 1 }, { "{1:2}", 1 },
		{ "{\"a\":}", 5 }, { "{\"a\":1 \"b\":2}", 7 }, { "[1", 2 }, { "{", 1 },
		{ "{\"a\"", 4 }, { "{\"a\":1", 6 }, { "1 2", 2 }, { "[]]", 2 }, { "nulll", 4 },
		{ "\xef\xbb\xbf[]", 0 }, { "[1,\v2]", 3 }, { "{\"\\x\":1}", 2 }, { "[01]", 2 },
		{ "[1/**/]", 2 }, { "[1\xc2\xa0]", 2 } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t at = 77;
		int rc = cor_json_check(cor_str(cases[i].json), 0, &at);
		if (rc != -COR_ESYNTAX || at != cases[i].at)
			fail_msg("%s: %d at %zu", cases[i].json, rc, at);
	}
}

static void every_cut_is_refused(void **state)
{
	static const char json[] =
		"{\"a\":[1.5e3,true,null,\"x\\u00e4\\ud83d\\ude00\xe2\x82\xac\"],"
		"\"b\":{\"c\":false}}";

	(void)state;
	for (size_t len = 0; len < sizeof json - 1; len++) {
		char *cut = malloc(len ? len : 1);
		size_t at = 0;
		assert_non_null(cut);
		memcpy(cut, json, len);
		assert_int_equal(
			cor_json_check((struct cor_str){ cut, len }, 0, &at), -COR_ESYNTAX);
		assert_true(at <= len);
		free(cut);
	}
	assert_int_equal(cor_json_check(cor_str(json), 0, NULL), 0);
}

/* `depth` arrays inside one another. */
static struct cor_str nested(size_t depth, char *text)
{
	memset(text, '[', depth);
	memset(text + depth, ']', depth);
	return (struct cor_str){ text, 2 * depth };
}

static void depth_is_limited(void **state)
{
	static char text[2 * DEEP];
	size_t at = 0;

	(void)state;
	assert_int_equal(cor_json_check(nested(COR_JSON_DEPTH_MAX, text), 0, NULL), 0);
	assert_int_equal(
		cor_json_check(nested(COR_JSON_DEPTH_MAX + 1, text), 0, &at), -COR_ETOOLARGE);
	assert_int_equal(at, COR_JSON_DEPTH_MAX);
	assert_int_equal(cor_json_check(nested(1, text), 1, NULL), 0);
	assert_int_equal(cor_json_check(nested(2, text), 1, NULL), -COR_ETOOLARGE);
	assert_int_equal(cor_json_check(nested(COR_JSON_DEPTH_CAP, text), UINT32_MAX, NULL), 0);
	assert_int_equal(cor_json_check(nested(COR_JSON_DEPTH_CAP + 1, text), UINT32_MAX, NULL),
		-COR_ETOOLARGE);
	assert_int_equal(cor_json_check(nested(DEEP, text), UINT32_MAX, &at), -COR_ETOOLARGE);
	assert_int_equal(at, COR_JSON_DEPTH_CAP);
	assert_int_equal(cor_json_check(COR_STR("[[],[],[{\"a\":[]}],{}]"), 4, NULL), 0);
	assert_int_equal(
		cor_json_check(COR_STR("[[],[],[{\"a\":[]}],{}]"), 3, NULL), -COR_ETOOLARGE);
}

static void depth_counts_what_is_open(void **state)
{
	struct fixture *fixture = *state;
	struct cor_json_reader *reader = &fixture->reader;

	begin(fixture, COR_STR("[[[]]]"));
	reader->depth_max = 2;
	assert_int_equal(cor_json_enter_array(reader), 0);
	assert_int_equal(cor_json_next_item(reader), 1);
	assert_int_equal(cor_json_skip(reader, NULL), -COR_ETOOLARGE);
	assert_int_equal(cor_json_offset(reader), 2);
}

static void no_memory_is_an_error(void **state)
{
	struct fixture *fixture = *state;
	struct cor_str text = { NULL, 77 };

	begin(fixture, COR_STR("{\"\\n\":1}"));
	fixture->arena.limit_bytes = 1;
	assert_int_equal(cor_json_enter_object(&fixture->reader), 0);
	assert_int_equal(cor_json_next_member(&fixture->reader, &text), -ENOMEM);
	assert_int_equal(text.len, 77);
	begin(fixture, COR_STR("\"\\u0041\""));
	assert_int_equal(cor_json_read_string(&fixture->reader, &text), -ENOMEM);
	assert_int_equal(cor_json_offset(&fixture->reader), 1);
	/* Skipping only checks, and needs no memory. */
	begin(fixture, COR_STR("{\"\\n\":\"\\t\"}"));
	assert_int_equal(cor_json_skip(&fixture->reader, &text), 0);
	assert_int_equal(text.len, 11);
	fixture->arena.limit_bytes = 0;
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(strings_are_read),
		CASE(plain_strings_are_not_copied),
		CASE(wrong_strings_are_refused_where_they_are_wrong),
		CASE(numbers_know_their_kind),
		CASE(wrong_numbers_are_refused_where_they_are_wrong),
		CASE(words_are_read),
		CASE(what_comes_next_is_reported),
		CASE(members_are_read_in_turn),
		CASE(a_value_of_another_type_is_refused_in_place),
		CASE(errors_say_where),
		CASE(every_cut_is_refused),
		CASE(depth_is_limited),
		CASE(depth_counts_what_is_open),
		CASE(no_memory_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
