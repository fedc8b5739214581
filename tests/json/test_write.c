/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/json_write.h>

static struct cor_arena arena;

static struct cor_json_writer *begin(void)
{
	return cor_write_begin(&arena, NULL);
}

static void written_is(struct cor_json_writer *writer, const char *expected)
{
	struct cor_str text = { NULL, 0 };

	if (cor_write_finish(writer, &text) != 0)
		fail_msg("%s", cor_write_complaint(writer));
	if (!cor_str_equal(text, cor_str(expected)))
		fail_msg("%.*s instead of %s", (int)text.len, text.data, expected);
}

static void refused_is(struct cor_json_writer *writer, int error, const char *complaint)
{
	struct cor_str text = COR_STR("untouched");

	assert_int_equal(cor_write_finish(writer, &text), error);
	assert_true(cor_str_equal(text, COR_STR("untouched")));
	assert_int_equal(cor_write_error(writer), error);
	if (!strstr(cor_write_complaint(writer), complaint))
		fail_msg("%s instead of %s", cor_write_complaint(writer), complaint);
}

/* One of everything. */
static void write_all(struct cor_json_writer *writer)
{
	cor_write_object(writer);
	cor_write_key(writer, "a\"b");
	cor_write_array(writer);
	cor_write_int64(writer, INT64_MIN);
	cor_write_uint64(writer, UINT64_MAX);
	cor_write_double(writer, 1);
	cor_write_bool(writer, true);
	cor_write_bool(writer, false);
	cor_write_null(writer);
	cor_write_string(writer, NULL);
	cor_write_end(writer);
	cor_write_key_text(writer, COR_STR(""));
	cor_write_text(writer, COR_STR("\0\t\x1f\xe2\x82\xac"));
	cor_write_key(writer, "raw");
	cor_write_json(writer, (struct cor_json){ COR_STR(" [1, 2] ") });
	cor_write_key(writer, "none");
	cor_write_object(writer);
	cor_write_end(writer);
	cor_write_end(writer);
}

static void punctuation_comes_by_itself(void **state)
{
	struct cor_json_writer *writer = begin();

	(void)state;
	write_all(writer);
	written_is(writer,
		"{\"a\\\"b\":[-9223372036854775808,18446744073709551615,1.0,true,false,null,null],"
		"\"\":\"\\u0000\\t\\u001f\xe2\x82\xac\",\"raw\":[1, 2],\"none\":{}}");
}

static void it_can_be_laid_out_for_people(void **state)
{
	struct cor_json_writer *writer = cor_write_begin(
		&arena, &(struct cor_write_options){ .indent = 2 });

	(void)state;
	cor_write_object(writer);
	cor_write_key(writer, "a");
	cor_write_array(writer);
	cor_write_int64(writer, 1);
	cor_write_object(writer);
	cor_write_end(writer);
	cor_write_end(writer);
	cor_write_key(writer, "b");
	cor_write_null(writer);
	cor_write_end(writer);
	written_is(writer, "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": null\n}");
}

static void lines_are_taken_as_they_come(void **state)
{
	struct cor_json_writer *writer = cor_write_begin(
		&arena, &(struct cor_write_options){ .lines = true });
	struct cor_str text;

	(void)state;
	cor_write_int64(writer, 1);
	cor_write_array(writer);
	cor_write_string(writer, "x\ny");
	cor_write_end(writer);
	assert_int_equal(cor_write_take(writer, &text), 0);
	assert_true(cor_str_equal(text, COR_STR("1\n[\"x\\ny\"]\n")));
	assert_int_equal(cor_write_take(writer, &text), 0);
	assert_int_equal(text.len, 0);
	cor_write_object(writer);
	assert_int_equal(cor_write_take(writer, &text), 0);
	assert_true(cor_str_equal(text, COR_STR("{")));
	cor_write_end(writer);
	written_is(writer, "}\n");
	size_t held = arena.heap_bytes;
	writer = cor_write_begin(&arena, &(struct cor_write_options){ .lines = true });
	for (int i = 0; i < 100000; i++) {
		cor_write_int64(writer, i);
		assert_int_equal(cor_write_take(writer, &text), 0);
	}
	assert_in_range(arena.heap_bytes, held, held + 65536);
}

static void calls_in_the_wrong_place_are_told(void **state)
{
	struct cor_json_writer *writer = begin();

	(void)state;
	cor_write_object(writer);
	cor_write_int64(writer, 1);
	cor_write_end(writer);
	refused_is(writer, -EINVAL, "needs cor_write_key() first");
	writer = begin();
	cor_write_array(writer);
	cor_write_key(writer, "a");
	refused_is(writer, -EINVAL, "outside an object");
	writer = begin();
	cor_write_object(writer);
	cor_write_key(writer, "a");
	cor_write_key(writer, "b");
	refused_is(writer, -EINVAL, "waits for its value already");
	writer = begin();
	cor_write_object(writer);
	cor_write_key(writer, "a");
	cor_write_end(writer);
	refused_is(writer, -EINVAL, "a key waits for its value");
	writer = begin();
	cor_write_end(writer);
	refused_is(writer, -EINVAL, "no object or array is open");
	writer = begin();
	cor_write_int64(writer, 1);
	cor_write_int64(writer, 2);
	refused_is(writer, -EINVAL, "a second value");
	writer = begin();
	cor_write_array(writer);
	refused_is(writer, -EINVAL, "object or array is open");
	refused_is(begin(), -EINVAL, "no value was written");
	writer = cor_write_begin(&arena, &(struct cor_write_options){ .indent = 1, .lines = true });
	refused_is(writer, -EINVAL, "without .indent");
	writer = cor_write_begin(&arena, &(struct cor_write_options){ .indent = 9 });
	refused_is(writer, -EINVAL, "8 spaces");
}

static void what_has_no_json_is_refused(void **state)
{
	struct cor_json_writer *writer = begin();

	(void)state;
	cor_write_double(writer, NAN);
	refused_is(writer, -COR_EINVALID, "double");
	writer = begin();
	cor_write_double(writer, -INFINITY);
	refused_is(writer, -COR_EINVALID, "double");
	writer = begin();
	cor_write_string(writer, "a\xff");
	refused_is(writer, -COR_EINVALID, "UTF-8");
	writer = begin();
	cor_write_json(writer, (struct cor_json){ COR_STR("1 2") });
	refused_is(writer, -COR_EINVALID, "raw JSON");
	writer = cor_write_begin(&arena, &(struct cor_write_options){ .lines = true });
	cor_write_json(writer, (struct cor_json){ COR_STR("[1,\n2]") });
	refused_is(writer, -COR_EINVALID, "line feed");
}

static void it_keeps_to_its_limits(void **state)
{
	struct cor_arena poor = { .limit_bytes = 4096 };
	struct cor_json_writer *writer;

	(void)state;
	writer = cor_write_begin(&arena, &(struct cor_write_options){ .depth_max = 2 });
	cor_write_array(writer);
	cor_write_array(writer);
	cor_write_json(writer, (struct cor_json){ COR_STR("1") });
	cor_write_json(writer, (struct cor_json){ COR_STR("[]") });
	refused_is(writer, -COR_ETOOLARGE, ".depth_max");
	writer = begin();
	for (int i = 0; i <= COR_JSON_OUTPUT_DEPTH_MAX; i++)
		cor_write_array(writer);
	refused_is(writer, -COR_ETOOLARGE, ".depth_max");
	writer = cor_write_begin(&arena, &(struct cor_write_options){ .bytes_max = 5 });
	cor_write_string(writer, "abc");
	written_is(writer, "\"abc\"");
	writer = cor_write_begin(&arena, &(struct cor_write_options){ .bytes_max = 5 });
	cor_write_string(writer, "abcd");
	refused_is(writer, -COR_ETOOLARGE, ".bytes_max");
	writer = cor_write_begin(&poor, NULL);
	cor_write_array(writer);
	for (int i = 0; i < 10000; i++)
		cor_write_int64(writer, i);
	cor_write_end(writer);
	refused_is(writer, -ENOMEM, "no memory is left");
	cor_arena_finish(&poor);
	poor = (struct cor_arena){ .limit_bytes = 1 };
	writer = cor_write_begin(&poor, NULL);
	assert_null(writer);
	write_all(writer);
	refused_is(writer, -ENOMEM, "no memory is left");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(punctuation_comes_by_itself),
		cmocka_unit_test(it_can_be_laid_out_for_people),
		cmocka_unit_test(lines_are_taken_as_they_come),
		cmocka_unit_test(calls_in_the_wrong_place_are_told),
		cmocka_unit_test(what_has_no_json_is_refused),
		cmocka_unit_test(it_keeps_to_its_limits),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	cor_arena_finish(&arena);
	return failed;
}
