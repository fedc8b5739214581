/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/json_pointer.h>

static const char example[] = "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,"
			      "\"g|h\":4,\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8}";

static struct cor_arena arena;

static struct cor_node *parse(const char *text)
{
	struct cor_node *node = NULL;

	assert_int_equal(cor_node_parse(&arena, cor_str(text), NULL, &node, NULL), 0);
	return node;
}

static void the_table_of_section_5(void **state)
{
	static const char *const rows[][2] = {
		{ "/foo", "[\"bar\",\"baz\"]" },
		{ "/foo/0", "\"bar\"" },
		{ "/", "0" },
		{ "/a~1b", "1" },
		{ "/c%d", "2" },
		{ "/e^f", "3" },
		{ "/g|h", "4" },
		{ "/i\\j", "5" },
		{ "/k\"l", "6" },
		{ "/ ", "7" },
		{ "/m~0n", "8" },
	};
	struct cor_node *root = parse(example);

	(void)state;
	assert_ptr_equal(cor_pointer_get(root, ""), root);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct cor_node *node = cor_pointer_get(root, rows[i][0]);
		if (!cor_node_equal(node, parse(rows[i][1])))
			fail_msg("%s", rows[i][0]);
		assert_true(cor_str_equal(cor_pointer_of(&arena, node), cor_str(rows[i][0])));
	}
	assert_int_equal(cor_pointer_of(&arena, root).len, 0);
	assert_non_null(cor_pointer_of(&arena, root).data);
	assert_null(cor_pointer_of(&arena, NULL).data);
}

static void what_is_not_there_is_told_from_what_is_no_pointer(void **state)
{
	static const char *const absent[] = { "/foo/2", "/foo/-", "/foo/00", "/foo/01", "/foo/+1",
		"/foo/1e0", "/foo/ 1", "/foo/", "/foo/18446744073709551616", "/bar", "/foo/0/x",
		"/m~0n~0", "//" };
	static const char *const wrong[] = { "foo", "/~", "/~2", "/foo/~", " /foo", "#/foo" };
	struct cor_node *root = parse(example), *node = root;

	(void)state;
	for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) {
		if (cor_pointer_find(root, cor_str(absent[i]), &node) != -ENOENT)
			fail_msg("%s", absent[i]);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		if (cor_pointer_find(root, cor_str(wrong[i]), &node) != -COR_ESYNTAX)
			fail_msg("%s", wrong[i]);
		assert_null(cor_pointer_get(root, wrong[i]));
	}
	assert_ptr_equal(node, root);
	assert_int_equal(cor_pointer_find(NULL, COR_STR(""), &node), -ENOENT);
}

/* RFC 6901, section 4: "~01" is "~1" and not "/". */
static void escapes_are_resolved_once(void **state)
{
	struct cor_node *root = parse("{\"~1\":1,\"/\":2,\"~01\":3,\"~\":{\"a/~b\":4}}");
	int64_t value = 0;

	(void)state;
	assert_int_equal(cor_node_to_int64(cor_pointer_get(root, "/~01"), &value), 0);
	assert_int_equal(value, 1);
	assert_int_equal(cor_node_to_int64(cor_pointer_get(root, "/~1"), &value), 0);
	assert_int_equal(value, 2);
	assert_int_equal(cor_node_to_int64(cor_pointer_get(root, "/~001"), &value), 0);
	assert_int_equal(value, 3);
	struct cor_node *deep = cor_pointer_get(root, "/~0/a~1~0b");
	assert_non_null(deep);
	assert_true(cor_str_equal(cor_pointer_of(&arena, deep), COR_STR("/~0/a~1~0b")));
}

static int end(void **state)
{
	(void)state;
	cor_arena_finish(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_of_section_5),
		cmocka_unit_test(what_is_not_there_is_told_from_what_is_no_pointer),
		cmocka_unit_test(escapes_are_resolved_once),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
