/* SPDX-License-Identifier: MIT */
/* RFC 8785: its examples, and the numbers of its appendix B. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/json_node.h>

static void canonical_is(const char *text, const char *expected)
{
	struct cor_arena arena = { 0 };
	struct cor_node *node = NULL;
	struct cor_str out = { NULL, 0 };

	assert_int_equal(cor_node_parse(&arena, cor_str(text), NULL, &node, NULL), 0);
	assert_int_equal(cor_node_canonical(&arena, node, &out), 0);
	if (!cor_str_equal(out, cor_str(expected)))
		fail_msg("%.*s instead of %s", (int)out.len, out.data, expected);
	cor_arena_finish(&arena);
}

static void the_example_of_section_3_2_2(void **state)
{
	(void)state;
	canonical_is("{ \"numbers\": [333333333.33333329, 1E30, 4.50, 2e-3, "
		     "0.000000000000000000000000001], "
		     "\"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\", "
		     "\"literals\": [null, true, false] }",
		"{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,"
		"1e-27],\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

static void the_keys_of_section_3_2_3(void **state)
{
	(void)state;
	canonical_is("{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,"
		     "\"\\u0080\":6,\"\\u00f6\":7}",
		"{\"\\r\":2,\"1\":4,\"\xc2\x80\":6,\"\xc3\xb6\":7,\"\xe2\x82\xac\":1,"
		"\"\xf0\x9f\x98\x80\":5,\"\xef\xac\xb3\":3}");
}

static void the_numbers_of_appendix_b(void **state)
{
	static const struct {
		uint64_t bits;
		const char *text;
	} rows[] = {
		{ 0x0000000000000000, "0" },
		{ 0x8000000000000000, "0" },
		{ 0x0000000000000001, "5e-324" },
		{ 0x8000000000000001, "-5e-324" },
		{ 0x7fefffffffffffff, "1.7976931348623157e+308" },
		{ 0xffefffffffffffff, "-1.7976931348623157e+308" },
		{ 0x4340000000000000, "9007199254740992" },
		{ 0xc340000000000000, "-9007199254740992" },
		{ 0x4430000000000000, "295147905179352830000" },
		{ 0x44b52d02c7e14af5, "9.999999999999997e+22" },
		{ 0x44b52d02c7e14af6, "1e+23" },
		{ 0x44b52d02c7e14af7, "1.0000000000000001e+23" },
		{ 0x444b1ae4d6e2ef4e, "999999999999999700000" },
		{ 0x444b1ae4d6e2ef4f, "999999999999999900000" },
		{ 0x444b1ae4d6e2ef50, "1e+21" },
		{ 0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7" },
		{ 0x3eb0c6f7a0b5ed8d, "0.000001" },
		{ 0x41b3de4355555553, "333333333.3333332" },
		{ 0x41b3de4355555554, "333333333.33333325" },
		{ 0x41b3de4355555555, "333333333.3333333" },
		{ 0x41b3de4355555556, "333333333.3333334" },
		{ 0x41b3de4355555557, "333333333.33333343" },
		{ 0xbecbf647612f3696, "-0.0000033333333333333333" },
		{ 0x43143ff3c1cb0959, "1424953923781206.2" },
	};
	struct cor_arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct cor_str out;
		double value;
		memcpy(&value, &rows[i].bits, sizeof value);
		assert_int_equal(
			cor_node_canonical(&arena, cor_node_double(&arena, value), &out), 0);
		if (!cor_str_equal(out, cor_str(rows[i].text)))
			fail_msg("%.*s instead of %s", (int)out.len, out.data, rows[i].text);
	}
	cor_arena_finish(&arena);
}

static void what_no_double_holds_is_refused(void **state)
{
	struct cor_arena arena = { 0 };
	struct cor_node *node;
	struct cor_str out = COR_STR("untouched");

	(void)state;
	assert_int_equal(
		cor_node_parse(&arena, COR_STR("{\"a\":[1,1e400]}"), NULL, &node, NULL), 0);
	assert_int_equal(cor_node_canonical(&arena, node, &out), -ERANGE);
	assert_int_equal(cor_node_canonical(&arena, NULL, &out), -EINVAL);
	assert_true(cor_str_equal(out, COR_STR("untouched")));
	canonical_is("{\"\":9007199254740993,\"a\":{}}", "{\"\":9007199254740992,\"a\":{}}");
	cor_arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_section_3_2_2),
		cmocka_unit_test(the_keys_of_section_3_2_3),
		cmocka_unit_test(the_numbers_of_appendix_b),
		cmocka_unit_test(what_no_double_holds_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
