/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/json_lines.h>

/* What came out: "value|value|!error|". */
struct heard {
	char text[4096];
	char complaint[256]; /* the last */
};

#define ADD(out, ...) snprintf((out) + strlen(out), sizeof(out) - strlen(out), __VA_ARGS__)

static void take_all(struct cor_json_lines *lines, struct heard *heard)
{
	struct cor_str value;
	int rc;

	while ((rc = cor_lines_next(lines, &value)) != 0) {
		if (rc > 0) {
			assert_null(cor_lines_complaint(lines));
			ADD(heard->text, "%d:%.*s|", (int)cor_lines_number(lines), (int)value.len,
				value.data);
			continue;
		}
		ADD(heard->text, "%d!%s|", (int)cor_lines_number(lines), cor_errname(rc));
		snprintf(heard->complaint, sizeof heard->complaint, "%s",
			cor_lines_complaint(lines));
	}
}

/* In two pieces; each is a copy of its own, gone once it was taken. */
static void feed(struct cor_json_lines *lines, const char *data, size_t len, struct heard *heard)
{
	char *piece = malloc(len ? len : 1);

	assert_non_null(piece);
	memcpy(piece, data, len);
	cor_lines_feed(lines, piece, len);
	take_all(lines, heard);
	free(piece);
}

static void hear(const char *text, size_t split, const struct cor_lines_options *options,
	struct heard *heard)
{
	struct cor_arena arena = { 0 };
	struct cor_json_lines *lines = cor_lines_begin(&arena, options);

	*heard = (struct heard){ 0 };
	if (split == SIZE_MAX) { /* byte by byte */
		for (size_t i = 0; text[i]; i++)
			feed(lines, text + i, 1, heard);
	} else {
		feed(lines, text, split, heard);
		feed(lines, text + split, strlen(text) - split, heard);
	}
	cor_lines_feed_end(lines);
	take_all(lines, heard);
	take_all(lines, heard);
	cor_arena_finish(&arena);
}

/* The same at every split. */
static void heard_is(const char *text, const struct cor_lines_options *options,
	const char *expected, const char *complaint)
{
	struct heard heard;

	for (size_t split = 0; split <= strlen(text) + 1; split++) {
		hear(text, split <= strlen(text) ? split : SIZE_MAX, options, &heard);
		if (strcmp(heard.text, expected) != 0)
			fail_msg("%s split at %zu: %s", text, split, heard.text);
		if (complaint)
			assert_string_equal(heard.complaint, complaint);
	}
}

static void lines_are_values(void **state)
{
	(void)state;
	heard_is("1\n {\"a\":[1,2]} \r\n\n  \n\"x\\n\xe2\x82\xac\"\nnull", NULL,
		"1:1|2:{\"a\":[1,2]}|5:\"x\\n\xe2\x82\xac\"|6:null|", NULL);
	heard_is("", NULL, "", NULL);
	heard_is("\n\n", NULL, "", NULL);
	heard_is("true\n", NULL, "1:true|", NULL);
}

static void a_wrong_line_does_not_stop_those_behind_it(void **state)
{
	(void)state;
	heard_is("1\n[1,]\n2\n{\"a\":1\n}\n3\n1 2\n\"", NULL,
		"1:1|2!COR_ESYNTAX|3:2|4!COR_ESYNTAX|5!COR_ESYNTAX|6:3|7!COR_ESYNTAX|"
		"8!COR_ESYNTAX|",
		"line 8: no JSON (at byte 2 of the value)");
	heard_is("[[1]]\n[1]\n", &(struct cor_lines_options){ .depth_max = 1 },
		"1!COR_ETOOLARGE|2:[1]|",
		"line 1: a value deeper than allowed (at byte 2 of the value)");
}

static void a_long_line_is_passed_over(void **state)
{
	struct cor_lines_options options = { .value_bytes_max = 8 };

	(void)state;
	heard_is("12345678\n123456789\n1\n\"this is far too long to be kept\"\n2\n1234567890",
		&options, "1:12345678|2!COR_ETOOLARGE|3:1|4!COR_ETOOLARGE|5:2|6!COR_ETOOLARGE|",
		"line 6: a value longer than allowed");
}

static void items_of_an_array_are_values(void **state)
{
	struct cor_lines_options array = { .array = true };

	(void)state;
	heard_is(" [ ] ", &array, "", NULL);
	heard_is("[1]", &array, "1:1|", NULL);
	heard_is("\n[1 ,\n{\"a]\":[\"}\\\"\",{}]},[],\"x,\\\\\" , -1.5e3\n,true]\n", &array,
		"2:1|3:{\"a]\":[\"}\\\"\",{}]}|3:[]|3:\"x,\\\\\"|3:-1.5e3|4:true|", NULL);
}

static void an_array_ends_with_its_first_error(void **state)
{
	struct cor_lines_options array = { .array = true, .value_bytes_max = 8 };

	(void)state;
	heard_is("", &array, "1!COR_ESYNTAX|", "line 1: the array ends without ']'");
	heard_is("{}", &array, "1!COR_ESYNTAX|", "line 1: the array must begin with '['");
	heard_is("[1,\n2", &array, "1:1|2!COR_ESYNTAX|", "line 2: the array ends without ']'");
	heard_is("[1,]", &array, "1:1|1!COR_ESYNTAX|", "line 1: an item is missing");
	heard_is("[,1]", &array, "1!COR_ESYNTAX|", "line 1: an item or ']' is missing");
	heard_is("[1] 2", &array, "1:1|1!COR_ESYNTAX|",
		"line 1: something follows the end of the array");
	heard_is("[1,\n\n 2 3,4]", &array, "1:1|3!COR_ESYNTAX|",
		"line 3: no JSON (at byte 3 of the value)");
	heard_is("[{]},1]", &array, "1!COR_ESYNTAX|", NULL);
	heard_is("[\"a\n\",1]", &array, "1!COR_ESYNTAX|", NULL);
	heard_is("[1,\"2345678\",3]", &array, "1:1|1!COR_ETOOLARGE|",
		"line 1: a value longer than allowed");
}

/* However much goes through, no more memory is taken. */
static void memory_is_constant(void **state)
{
	struct cor_lines_options options = { .value_bytes_max = 1000 };
	struct cor_arena arena = { 0 };
	struct cor_json_lines *lines = cor_lines_begin(&arena, &options);
	char piece[777];
	uint64_t values = 0;
	struct cor_str value;
	size_t taken = 0;

	(void)state;
	memset(piece, '1', sizeof piece);
	piece[300] = piece[500] = '\n';
	for (int i = 0; i < 20000; i++) {
		cor_lines_feed(lines, piece, sizeof piece);
		for (int rc; (rc = cor_lines_next(lines, &value)) != 0; values++)
			assert_int_equal(rc, 1);
		if (i == 10)
			taken = arena.heap_bytes;
	}
	assert_int_equal(values, 40000);
	assert_int_equal(cor_lines_count(lines), 40000);
	assert_int_equal(arena.heap_bytes, taken);
	cor_arena_finish(&arena);
}

static void without_memory_it_ends(void **state)
{
	struct cor_arena arena;
	struct cor_json_lines *lines;
	struct cor_str value = COR_STR("untouched");
	char piece[6000];

	(void)state;
	cor_arena_init(&arena, NULL, 0, 6000);
	lines = cor_lines_begin(&arena, NULL);
	assert_non_null(lines);
	memset(piece, '1', sizeof piece);
	cor_lines_feed(lines, piece, sizeof piece);
	assert_int_equal(cor_lines_next(lines, &value), -ENOMEM);
	assert_string_equal(cor_lines_complaint(lines), "line 1: no memory is left");
	assert_int_equal(cor_lines_next(lines, &value), 0);
	cor_lines_feed_end(lines);
	assert_int_equal(cor_lines_next(lines, &value), 0);
	assert_true(cor_str_equal(value, COR_STR("untouched")));
	cor_arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_values),
		cmocka_unit_test(a_wrong_line_does_not_stop_those_behind_it),
		cmocka_unit_test(a_long_line_is_passed_over),
		cmocka_unit_test(items_of_an_array_are_values),
		cmocka_unit_test(an_array_ends_with_its_first_error),
		cmocka_unit_test(memory_is_constant),
		cmocka_unit_test(without_memory_it_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
