/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/json_pull.h>

static struct cor_arena arena;

static struct cor_json_pull *begin(const char *text)
{
	return cor_pull_begin(&arena, cor_str(text), 0);
}

static void a_document_is_read_as_it_is_asked_for(void **state)
{
	struct cor_json_pull *pull = begin(
		"{\"id\":7,\"big\":18446744073709551615,\"d\":0.1,\"s\":\"a\\u00e9\",\"b\":true,"
		"\"n\":null,\"skipped\":[1,{\"x\":2}],\"raw\":[ 1 ],\"huge\":1e400}");
	int64_t id = 0;
	uint64_t big = 0;
	double real = 0;
	const char *text = NULL;
	bool flag = false;
	struct cor_json raw;
	struct cor_str key, huge;

	(void)state;
	assert_int_equal(cor_pull_object(pull), 0);
	assert_int_equal(cor_pull_member(pull, &key), 1);
	assert_true(cor_str_equal(key, COR_STR("id")));
	assert_int_equal(cor_pull_peek(pull), COR_JSON_NUMBER);
	assert_int_equal(cor_pull_int64(pull, &id), 0);
	assert_int_equal(cor_pull_peek(pull), COR_JSON_END);
	assert_int_equal(cor_pull_member(pull, &key), 1);
	assert_int_equal(cor_pull_uint64(pull, &big), 0);
	assert_int_equal(cor_pull_member(pull, &key), 1);
	assert_int_equal(cor_pull_double(pull, &real), 0);
	assert_int_equal(cor_pull_member(pull, &key), 1);
	assert_int_equal(cor_pull_string(pull, &text), 0);
	assert_int_equal(cor_pull_member(pull, &key), 1);
	assert_int_equal(cor_pull_bool(pull, &flag), 0);
	assert_int_equal(cor_pull_member(pull, &key), 1);
	assert_int_equal(cor_pull_null(pull), 0);
	assert_int_equal(cor_pull_member(pull, &key), 1);
	assert_int_equal(cor_pull_member(pull, &key), 1);
	assert_int_equal(cor_pull_json(pull, &raw), 0);
	assert_int_equal(cor_pull_member(pull, &key), 1);
	assert_int_equal(cor_pull_number(pull, &huge), 0);
	assert_int_equal(cor_pull_member(pull, &key), 0);
	assert_int_equal(cor_pull_end(pull), 0);
	assert_null(cor_pull_complaint(pull));
	assert_int_equal(id, 7);
	assert_true(big == UINT64_MAX && real == 0.1 && flag);
	assert_string_equal(text, "a\xc3\xa9");
	assert_true(cor_str_equal(raw.text, COR_STR("[ 1 ]")));
	assert_true(cor_str_equal(huge, COR_STR("1e400")));
}

static void whole_is(const char *text, int rc, int64_t expected)
{
	struct cor_json_pull *pull = begin(text);
	int64_t value = 4711;

	assert_int_equal(cor_pull_int64(pull, &value), rc);
	assert_int_equal(value, rc == 0 ? expected : 4711);
	assert_int_equal(cor_pull_end(pull), rc);
	assert_int_equal(cor_pull_place(pull).offset, rc == 0 ? strlen(text) : 0);
}

static void natural_is(const char *text, int rc, uint64_t expected)
{
	uint64_t value = 4711;

	assert_int_equal(cor_pull_uint64(begin(text), &value), rc);
	assert_true(value == (rc == 0 ? expected : 4711));
}

static void whole_numbers_are_exact(void **state)
{
	(void)state;
	whole_is("0", 0, 0);
	whole_is("-0", 0, 0);
	whole_is("0.00e99999999999999999999", 0, 0);
	whole_is("1.0", 0, 1);
	whole_is("1e3", 0, 1000);
	whole_is("-12.50e1", 0, -125);
	whole_is("1000e-3", 0, 1);
	whole_is("9223372036854775807", 0, INT64_MAX);
	whole_is("-9223372036854775808", 0, INT64_MIN);
	whole_is("-922337203685477580.8e1", 0, INT64_MIN);
	whole_is("-922337203685477580.80e1", 0, INT64_MIN);
	whole_is("9223372036854775808", -ERANGE, 0);
	whole_is("-9223372036854775809", -ERANGE, 0);
	whole_is("1e400", -ERANGE, 0);
	whole_is("1e99999999999999999999", -ERANGE, 0);
	whole_is("1e-99999999999999999999", -COR_EINVALID, 0);
	whole_is("0.5", -COR_EINVALID, 0);
	whole_is("1.5", -COR_EINVALID, 0);
	whole_is("9223372036854775807.5", -COR_EINVALID, 0);
	natural_is("18446744073709551615", 0, UINT64_MAX);
	natural_is("1844674407370955161.5e1", 0, UINT64_MAX);
	natural_is("18446744073709551616", -ERANGE, 0);
	natural_is("-1", -ERANGE, 0);
	natural_is("-0.0", 0, 0);
}

static void a_double_that_is_infinite_is_refused(void **state)
{
	double value = 3;

	(void)state;
	assert_int_equal(cor_pull_double(begin("1e400"), &value), -ERANGE);
	assert_true(value == 3);
	assert_int_equal(cor_pull_double(begin("1e-400"), &value), 0);
	assert_true(value == 0);
}

static void the_first_error_stays_and_says_where(void **state)
{
	struct cor_json_pull *pull = begin("[\n  1,\n  \"two\",\n  3\n]");
	int64_t value = 0, sum = 0;

	(void)state;
	cor_pull_array(pull);
	while (cor_pull_item(pull) > 0 && cor_pull_int64(pull, &value) == 0)
		sum += value;
	assert_int_equal(sum, 1);
	assert_int_equal(cor_pull_item(pull), -COR_EINVALID);
	assert_int_equal(cor_pull_skip(pull), -COR_EINVALID);
	assert_int_equal(cor_pull_peek(pull), COR_JSON_WRONG);
	assert_int_equal(cor_pull_end(pull), -COR_EINVALID);
	assert_int_equal(cor_pull_place(pull).line, 3);
	assert_int_equal(cor_pull_place(pull).column, 3);
	assert_string_equal(cor_pull_complaint(pull),
		"line 3, column 3: a whole number of 64 bits with a sign is expected");
}

static void what_is_not_read_is_skipped_and_checked(void **state)
{
	struct cor_json_pull *pull = begin("{\"a\":[1,2],\"b\":{\"c\":tru}}");
	struct cor_str key;

	(void)state;
	assert_int_equal(cor_pull_object(pull), 0);
	assert_int_equal(cor_pull_member(pull, &key), 1);
	assert_int_equal(cor_pull_member(pull, &key), 1);
	assert_int_equal(cor_pull_member(pull, &key), -COR_ESYNTAX);
	assert_int_equal(cor_pull_place(pull).offset, 23);
	assert_int_equal(cor_pull_end(begin("[1,2,3]")), 0);
	assert_int_equal(cor_pull_end(begin("[1,2,3] x")), -COR_ESYNTAX);
	assert_int_equal(cor_pull_end(begin("")), -COR_ESYNTAX);
}

static void an_array_can_be_left_early(void **state)
{
	struct cor_json_pull *pull = begin("[{\"a\":1,\"b\":[2]},3]");
	struct cor_str key;
	int64_t value = 0;

	(void)state;
	cor_pull_array(pull);
	cor_pull_item(pull);
	cor_pull_object(pull);
	cor_pull_member(pull, &key);
	assert_int_equal(cor_pull_leave(pull), 0);
	assert_int_equal(cor_pull_item(pull), 1);
	assert_int_equal(cor_pull_int64(pull, &value), 0);
	assert_int_equal(value, 3);
	assert_int_equal(cor_pull_leave(pull), 0);
	assert_int_equal(cor_pull_leave(pull), -EINVAL);
}

static void calls_in_the_wrong_place_are_told(void **state)
{
	struct cor_json_pull *pull = begin("{\"a\":1}");
	struct cor_str key;
	int64_t value;

	(void)state;
	assert_int_equal(cor_pull_member(pull, &key), -EINVAL);
	assert_non_null(strstr(cor_pull_complaint(pull), "cor_pull_member() needs an object"));
	pull = begin("{\"a\":1}");
	cor_pull_object(pull);
	assert_int_equal(cor_pull_item(pull), -EINVAL);
	pull = begin("[1]");
	cor_pull_array(pull);
	assert_int_equal(cor_pull_member(pull, &key), -EINVAL);
	pull = begin("[1]");
	cor_pull_array(pull);
	assert_int_equal(cor_pull_int64(pull, &value), -EINVAL);
	assert_non_null(strstr(cor_pull_complaint(pull), "come first"));
	pull = begin("[1]");
	cor_pull_array(pull);
	assert_int_equal(cor_pull_end(pull), -EINVAL);
}

static void depth_memory_and_nul_are_limits(void **state)
{
	const char *text;
	struct cor_json_pull *pull = cor_pull_begin(&arena, COR_STR("[[1]]"), 1);
	struct cor_arena poor = { .limit_bytes = 1 };

	(void)state;
	assert_int_equal(cor_pull_end(pull), -COR_ETOOLARGE);
	assert_non_null(strstr(cor_pull_complaint(pull), "line 1, column 2: "));
	assert_int_equal(cor_pull_string(begin("\"a\\u0000b\""), &text), -COR_EINVALID);
	pull = cor_pull_begin(&poor, COR_STR("1"), 0);
	assert_null(pull);
	assert_int_equal(cor_pull_array(pull), -ENOMEM);
	assert_int_equal(cor_pull_item(pull), -ENOMEM);
	assert_int_equal(cor_pull_leave(pull), -ENOMEM);
	assert_int_equal(cor_pull_end(pull), -ENOMEM);
	assert_string_equal(cor_pull_complaint(pull), "no memory is left");
}

static void a_place_is_counted_in_lines(void **state)
{
	struct cor_str text = COR_STR("ab\n\ncd");
	static const struct {
		size_t offset, line, column;
	} cases[] = { { 0, 1, 1 }, { 2, 1, 3 }, { 3, 2, 1 }, { 4, 3, 1 }, { 6, 3, 3 },
		{ 99, 3, 3 } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct cor_json_place place = cor_json_place(text, cases[i].offset);
		assert_int_equal(place.line, cases[i].line);
		assert_int_equal(place.column, cases[i].column);
	}
	assert_int_equal(cor_json_place((struct cor_str){ NULL, 0 }, 5).line, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_is_read_as_it_is_asked_for),
		cmocka_unit_test(whole_numbers_are_exact),
		cmocka_unit_test(a_double_that_is_infinite_is_refused),
		cmocka_unit_test(the_first_error_stays_and_says_where),
		cmocka_unit_test(what_is_not_read_is_skipped_and_checked),
		cmocka_unit_test(an_array_can_be_left_early),
		cmocka_unit_test(calls_in_the_wrong_place_are_told),
		cmocka_unit_test(depth_memory_and_nul_are_limits),
		cmocka_unit_test(a_place_is_counted_in_lines),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	cor_arena_finish(&arena);
	return failed;
}
