/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/json_node.h>

/* Append to a text in an array. */
#define ADD(out, ...) snprintf((out) + strlen(out), sizeof(out) - strlen(out), __VA_ARGS__)

static struct cor_arena arena;

static struct cor_node *parse(const char *text)
{
	struct cor_node *node = NULL;
	size_t at = 0;
	int rc = cor_node_parse(&arena, cor_str(text), NULL, &node, &at);

	if (rc != 0)
		fail_msg("%s: %s at %zu", text, cor_errname(rc), at);
	return node;
}

static void printed_is(const struct cor_node *node, const char *expected)
{
	struct cor_str text = { NULL, 0 };

	assert_int_equal(cor_node_print(&arena, node, &text), 0);
	if (!cor_str_equal(text, cor_str(expected)))
		fail_msg("%.*s instead of %s", (int)text.len, text.data, expected);
}

static void refused_is(
	const char *text, const struct cor_node_options *options, int error, size_t offset)
{
	struct cor_node *node = (struct cor_node *)&arena;
	size_t at = 0;

	assert_int_equal(cor_node_parse(&arena, cor_str(text), options, &node, &at), error);
	assert_int_equal(at, offset);
	assert_ptr_equal(node, &arena);
}

static void what_is_parsed_is_there(void **state)
{
	struct cor_node *root = parse(" {\"a\":[1,\"x\\n\",true,null],\"b\":{\"c\":-2}} ");
	struct cor_str text;
	int64_t number = 0;
	bool truth = false;

	(void)state;
	assert_int_equal(cor_node_type(root), COR_JSON_OBJECT);
	assert_int_equal(cor_node_len(root), 2);
	assert_true(cor_str_equal(cor_node_key(root, 1), COR_STR("b")));
	assert_null(cor_node_key(root, 2).data);
	struct cor_node *list = cor_node_get(root, "a");
	assert_int_equal(cor_node_len(list), 4);
	assert_ptr_equal(cor_node_item(root, 0), list);
	assert_ptr_equal(cor_node_parent(list), root);
	assert_int_equal(cor_node_to_text(cor_node_item(list, 1), &text), 0);
	assert_true(cor_str_equal(text, COR_STR("x\n")));
	assert_int_equal(cor_node_to_bool(cor_node_item(list, 2), &truth), 0);
	assert_true(truth);
	assert_int_equal(cor_node_type(cor_node_item(list, 3)), COR_JSON_NULL);
	assert_null(cor_node_item(list, 4));
	assert_int_equal(cor_node_to_int64(cor_node_get(cor_node_get(root, "b"), "c"), &number), 0);
	assert_int_equal(number, -2);
	assert_null(cor_node_get(cor_node_get(cor_node_get(root, "no"), "such"), "place"));
	assert_int_equal(cor_node_to_int64(NULL, &number), -ENOENT);
	assert_int_equal(cor_node_to_int64(root, &number), -COR_EINVALID);
}

static void numbers_stay_what_they_were(void **state)
{
	const char *text = "[1e400,18446744073709551616,0.1,0.10,-0,1E+2,2.5]";
	struct cor_node *root = parse(text);
	int64_t integer = 7;
	uint64_t large = 7;
	double real = 7;

	(void)state;
	printed_is(root, text);
	assert_int_equal(cor_node_to_double(cor_node_item(root, 0), &real), -ERANGE);
	assert_int_equal(cor_node_to_uint64(cor_node_item(root, 1), &large), -ERANGE);
	assert_int_equal(cor_node_to_int64(cor_node_item(root, 6), &integer), -COR_EINVALID);
	assert_int_equal(integer, 7);
	assert_int_equal(cor_node_to_int64(cor_node_item(root, 5), &integer), 0);
	assert_int_equal(integer, 100);
	assert_int_equal(cor_node_to_double(cor_node_item(root, 2), &real), 0);
	assert_true(real == 0.1);
}

static void the_last_duplicate_counts_in_the_place_of_the_first(void **state)
{
	struct cor_node_options strict = { .duplicates = COR_DUPLICATES_REFUSED };
	char many[4096] = "{";

	(void)state;
	printed_is(parse("{\"a\":1,\"b\":2,\"\\u0061\":3}"), "{\"a\":3,\"b\":2}");
	refused_is("{\"a\":1,\"b\":[{\"c\":1,\"c\":2}]}", &strict, -COR_EINVALID, 18);
	for (int i = 0; i < 40; i++)
		ADD(many, "%s\"k%d\":%d", i ? "," : "", i % 30, i);
	ADD(many, "}");
	struct cor_node *root = parse(many);
	int64_t value = 0;
	assert_int_equal(cor_node_len(root), 30);
	assert_int_equal(cor_node_to_int64(cor_node_get(root, "k7"), &value), 0);
	assert_int_equal(value, 37);
	assert_true(cor_str_equal(cor_node_key(root, 7), COR_STR("k7")));
	struct cor_node *node;
	assert_int_equal(
		cor_node_parse(&arena, cor_str(many), &strict, &node, NULL), -COR_EINVALID);
}

static void what_is_wrong_is_told_by_offset(void **state)
{
	char deep[2 * 129 + 1] = "";

	(void)state;
	refused_is("", NULL, -COR_ESYNTAX, 0);
	refused_is("[1,]", NULL, -COR_ESYNTAX, 3);
	refused_is("{\"a\":1} x", NULL, -COR_ESYNTAX, 8);
	refused_is("[[1]]", &(struct cor_node_options){ .depth_max = 1 }, -COR_ETOOLARGE, 1);
	memset(deep, '[', 129);
	memset(deep + 129, ']', 129);
	refused_is(deep, &(struct cor_node_options){ .depth_max = 1000 }, -COR_ETOOLARGE, 128);
}

static void a_borrowed_text_is_not_copied(void **state)
{
	struct cor_str text = COR_STR("[\"here\"]"), value;
	struct cor_node *root;

	(void)state;
	assert_int_equal(cor_node_parse(&arena, text, &(struct cor_node_options){ .borrow = true },
				 &root, NULL),
		0);
	assert_int_equal(cor_node_to_text(cor_node_item(root, 0), &value), 0);
	assert_ptr_equal(value.data, text.data + 2);
	assert_int_equal(cor_node_parse(&arena, text, NULL, &root, NULL), 0);
	assert_int_equal(cor_node_to_text(cor_node_item(root, 0), &value), 0);
	assert_ptr_not_equal(value.data, text.data + 2);
}

static void trees_are_built(void **state)
{
	struct cor_node *root = cor_node_object(&arena), *list = cor_node_array(&arena);

	(void)state;
	assert_int_equal(cor_node_set(&arena, root, "list", list), 0);
	assert_int_equal(cor_node_append(&arena, list, cor_node_int64(&arena, INT64_MIN)), 0);
	assert_int_equal(cor_node_append(&arena, list, cor_node_uint64(&arena, UINT64_MAX)), 0);
	assert_int_equal(cor_node_insert(&arena, list, 0, cor_node_double(&arena, 0.5)), 0);
	assert_int_equal(cor_node_insert(&arena, list, 1, cor_node_null(&arena)), 0);
	assert_int_equal(
		cor_node_append(&arena, list, cor_node_number(&arena, COR_STR("1e400"))), 0);
	assert_int_equal(cor_node_set(&arena, root, "a\"b", cor_node_bool(&arena, true)), 0);
	assert_int_equal(cor_node_set(&arena, root, "list2", cor_node_copy(&arena, list)), 0);
	assert_int_equal(cor_node_set(&arena, root, "s", cor_node_string(&arena, "\x01")), 0);
	assert_int_equal(cor_node_replace(list, cor_node_array(&arena)), 0);
	assert_null(cor_node_parent(list));
	printed_is(root, "{\"list\":[],\"a\\\"b\":true,\"list2\":[0.5,null,-9223372036854775808,"
			 "18446744073709551615,1e400],\"s\":\"\\u0001\"}");
	cor_node_remove(cor_node_get(root, "list2"));
	cor_node_remove(cor_node_get(root, "a\"b"));
	cor_node_remove(root);
	cor_node_remove(NULL);
	printed_is(root, "{\"list\":[],\"s\":\"\\u0001\"}");
}

static void what_cannot_be_is_refused(void **state)
{
	struct cor_node *root = cor_node_array(&arena), *inner = cor_node_object(&arena);

	(void)state;
	assert_null(cor_node_double(&arena, NAN));
	assert_null(cor_node_text(&arena, COR_STR("\xff")));
	assert_null(cor_node_number(&arena, COR_STR("01")));
	assert_null(cor_node_number(&arena, COR_STR("1 ")));
	assert_null(cor_node_number(&arena, COR_STR("")));
	assert_null(cor_node_copy(&arena, NULL));
	assert_int_equal(cor_node_append(&arena, root, NULL), -EINVAL);
	assert_int_equal(cor_node_append(&arena, root, root), -EINVAL);
	assert_int_equal(cor_node_append(&arena, root, inner), 0);
	assert_int_equal(cor_node_append(&arena, root, inner), -EINVAL);
	assert_int_equal(cor_node_set(&arena, inner, "up", root), -EINVAL);
	assert_int_equal(cor_node_set(&arena, root, "key", cor_node_null(&arena)), -EINVAL);
	assert_int_equal(cor_node_insert(&arena, root, 2, cor_node_null(&arena)), -ENOENT);
	assert_int_equal(cor_node_insert(&arena, inner, 0, cor_node_null(&arena)), -EINVAL);
	assert_int_equal(cor_node_replace(root, cor_node_null(&arena)), -ENOENT);
	assert_int_equal(cor_node_set(&arena, inner, "\xc3", cor_node_null(&arena)), -COR_EINVALID);
	printed_is(root, "[{}]");
}

static void trees_are_no_deeper_than_they_can_be_written(void **state)
{
	struct cor_node *top = cor_node_array(&arena), *low = top, *other = cor_node_array(&arena);

	(void)state;
	for (int i = 1; i < COR_NODE_DEPTH_MAX; i++) {
		struct cor_node *next = cor_node_array(&arena);
		assert_int_equal(cor_node_append(&arena, low, next), 0);
		low = next;
	}
	assert_int_equal(cor_node_append(&arena, low, cor_node_array(&arena)), -COR_ETOOLARGE);
	assert_int_equal(cor_node_append(&arena, other, top), -COR_ETOOLARGE);
	assert_int_equal(cor_node_append(&arena, low, cor_node_null(&arena)), 0);
	struct cor_str text;
	assert_int_equal(cor_node_print(&arena, top, &text), 0);
	cor_node_remove(low);
	assert_int_equal(cor_node_append(&arena, other, top), 0);
}

/* What is looked up by an index, and what by going through, is the same. */
static void large_objects_are_edited(void **state)
{
	struct cor_node *root = cor_node_object(&arena);
	char key[24];
	int64_t value;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		snprintf(key, sizeof key, "%d", i * 7919 % 2000);
		assert_int_equal(cor_node_set(&arena, root, key, cor_node_int64(&arena, i)), 0);
	}
	for (int i = 0; i < 1995; i++) {
		snprintf(key, sizeof key, "%d", i * 7919 % 2000);
		assert_int_equal(cor_node_to_int64(cor_node_get(root, key), &value), 0);
		assert_int_equal(value, i);
		cor_node_remove(cor_node_get(root, key));
		assert_null(cor_node_get(root, key));
		assert_int_equal(cor_node_len(root), 1999 - i);
	}
	for (int i = 0; i < 20; i++) {
		snprintf(key, sizeof key, "again%d", i);
		assert_int_equal(cor_node_set(&arena, root, key, cor_node_int64(&arena, i)), 0);
		assert_non_null(cor_node_get(root, key));
	}
	assert_int_equal(cor_node_len(root), 25);
}

static void are(bool same, const char *a, const char *b)
{
	struct cor_node *left = parse(a), *right = parse(b);

	if (cor_node_equal(left, right) != same || cor_node_equal(right, left) != same)
		fail_msg("%s and %s", a, b);
}

static void trees_are_compared_by_value(void **state)
{
	(void)state;
	are(true, "{\"a\":1,\"b\":[true,null]}", "{\"b\":[true,null],\"a\":1.0}");
	are(true, "[10e-1,-0,1e400]", "[1,0,10e399]");
	are(false, "18446744073709551616", "18446744073709551617");
	are(false, "0.1", "0.10000000000000000001");
	are(false, "1e400", "1e401");
	are(false, "[1,2]", "[2,1]");
	are(false, "[1]", "[1,1]");
	are(false, "{\"a\":1}", "{\"b\":1}");
	are(false, "{\"a\":null}", "{}");
	are(false, "\"1\"", "1");
	are(false, "true", "false");
	are(true, "\"\\u00e9\"", "\"\xc3\xa9\"");
	assert_true(cor_node_equal(NULL, NULL));
	assert_false(cor_node_equal(parse("null"), NULL));
}

static void a_copy_is_on_its_own(void **state)
{
	struct cor_arena other = { 0 };
	struct cor_node *root = parse("{\"a\":[{\"b\":\"c\\n\"},1.50,false],\"\":null}");
	struct cor_node *copy = cor_node_copy(&other, root);

	(void)state;
	cor_node_remove(cor_node_get(root, "a"));
	cor_arena_finish(&arena);
	printed_is(copy, "{\"a\":[{\"b\":\"c\\n\"},1.50,false],\"\":null}");
	cor_arena_finish(&other);
}

static void it_is_written_with_indent(void **state)
{
	struct cor_json_writer *writer = cor_write_begin(
		&arena, &(struct cor_write_options){ .indent = 2 });
	struct cor_str text;

	(void)state;
	cor_write_node(writer, parse("{\"a\":[1,{}],\"b\":[]}"));
	assert_int_equal(cor_write_finish(writer, &text), 0);
	assert_true(cor_str_equal(
		text, COR_STR("{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}")));
	writer = cor_write_begin(&arena, NULL);
	cor_write_node(writer, NULL);
	assert_int_equal(cor_write_finish(writer, &text), -COR_EINVALID);
	assert_int_equal(cor_node_print(&arena, NULL, &text), -EINVAL);
}

/* Wherever memory ends, that is what is told. */
static void without_memory_it_is_told(void **state)
{
	char text[8192] = "[";
	int refused = 0;

	(void)state;
	for (int i = 0; i < 300; i++)
		ADD(text, "{\"key\":[1,\"\\n\"]},");
	ADD(text, "0]");
	for (size_t limit = 256; limit < 400000; limit += 8192) {
		struct cor_arena small;
		struct cor_node *node = NULL;
		cor_arena_init(&small, NULL, 0, limit);
		int rc = cor_node_parse(&small, cor_str(text), NULL, &node, NULL);
		assert_true(rc == 0 || rc == -ENOMEM);
		assert_true((rc == 0) == (node != NULL));
		refused += rc != 0;
		cor_arena_finish(&small);
	}
	assert_in_range(refused, 2, 40);
}

static int end_test(void **state)
{
	(void)state;
	cor_arena_finish(&arena);
	return 0;
}

#define TEST(name) cmocka_unit_test_teardown(name, end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_parsed_is_there),
		TEST(numbers_stay_what_they_were),
		TEST(the_last_duplicate_counts_in_the_place_of_the_first),
		TEST(what_is_wrong_is_told_by_offset),
		TEST(a_borrowed_text_is_not_copied),
		TEST(trees_are_built),
		TEST(what_cannot_be_is_refused),
		TEST(trees_are_no_deeper_than_they_can_be_written),
		TEST(large_objects_are_edited),
		TEST(trees_are_compared_by_value),
		TEST(a_copy_is_on_its_own),
		TEST(it_is_written_with_indent),
		TEST(without_memory_it_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
