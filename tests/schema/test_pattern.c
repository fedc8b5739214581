/* SPDX-License-Identifier: MIT */
#include "schema/names.h"
#include "schema/path.h"
#include "schema/pattern.h"

#include "trial.h"

/* What ECMA-262 says of each, where it and Perl differ too. */
static const struct match_case {
	const char *pattern, *subject;
	bool matches;
} match_cases[] = {
	{ "b", "abc", true },
	{ "^b", "abc", false },
	{ "^abc$", "abc", true },
	{ "^abc$", "abc\n", false },
	{ "^.$", "\u00e9", true },
	{ "^.$", "\xf0\x9f\x98\x80", true },
	{ "^.$", "\n", false },
	{ "^\\d$", "\xd9\xa3", false },
	{ "^\\u00e9$", "\u00e9", true },
	{ "^\\u{1F600}$", "\xf0\x9f\x98\x80", true },
	{ "^[]$", "", false },
	{ "^[^]$", "\n", true },
	{ "^\\p{L}+$", "\u00e9t\u00e9", true },
	{ "^(?=.*a)(?=.*b)", "xbxa", true },
	{ "", "", true },
	{ "^$", "", true },
};

static void matching(void **state)
{
	struct cor_pattern_room *room;
	char why[200];

	(void)state;
	assert_int_equal(cor_pattern_room_create(&room), 0);
	for (size_t i = 0; i < sizeof match_cases / sizeof match_cases[0]; i++) {
		const struct match_case *c = &match_cases[i];
		struct cor_pattern *pattern;
		assert_int_equal(
			cor_pattern_compile(room, c->pattern, &pattern, why, sizeof why), 0);
		if (cor_pattern_match(pattern, cor_str(c->subject)) != c->matches)
			fail_msg("%s on %s", c->pattern, c->subject);
	}
	struct cor_pattern *pattern = NULL;
	assert_int_equal(cor_pattern_compile(room, "a{", &pattern, why, sizeof why), 0);
	assert_int_equal(cor_pattern_compile(room, "[a", &pattern, why, sizeof why), -COR_EINVALID);
	assert_non_null(strstr(why, "at character 2"));
	cor_pattern_room_destroy(room);
}

static void hostile_patterns_end(void **state)
{
	static const char *const patterns[] = { "^(a+)+$", "^(a|aa)+$", "(.*)*x", "^((a*)*)*$b" };
	struct cor_pattern_room *room;
	static char subject[20000];
	char why[200];

	(void)state;
	memset(subject, 'a', sizeof subject - 2);
	subject[sizeof subject - 2] = '!';
	assert_int_equal(cor_pattern_room_create(&room), 0);
	for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
		struct cor_pattern *pattern;
		assert_int_equal(
			cor_pattern_compile(room, patterns[i], &pattern, why, sizeof why), 0);
		assert_true(cor_pattern_match(pattern, cor_str(subject)) <= 0);
	}
	cor_pattern_room_destroy(room);
}

static void names_and_values(void **state)
{
	static const struct cor_enum_name table[] = {
		{ "zero", 0 },
		{ "minus", (uint32_t)-1 },
		{ "big", 1000000 },
		{ "one", 1 },
		{ "seven", 7 },
	};
	struct cor_enum_index index;
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_enum_index_build(&index, &arena, table, 5), 0);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(cor_key_index_find(&index.names, cor_str(table[i].name)), i);
		assert_ptr_equal(cor_enum_index_name(&index, table[i].value), &table[i]);
	}
	assert_int_equal(cor_key_index_find(&index.names, COR_STR("on")), -1);
	assert_null(cor_enum_index_name(&index, 2));
	assert_string_equal(index.list, "zero, minus, big, one, seven");
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("sevn")), 4);
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("miuns")), 1);
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("unlike")), -1);
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("x")), -1);
	cor_arena_finish(&arena);
}

static void long_lists_are_cut(void **state)
{
	static char words[100][8];
	struct cor_enum_name table[100];
	struct cor_enum_index index;
	struct cor_arena arena;

	(void)state;
	for (uint32_t i = 0; i < 100; i++) {
		snprintf(words[i], sizeof words[i], "name%u", i);
		table[i] = (struct cor_enum_name){ words[i], i };
	}
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_enum_index_build(&index, &arena, table, 100), 0);
	assert_true(strlen(index.list) < 200);
	assert_string_equal(index.list + strlen(index.list) - 5, ", ...");
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(cor_key_index_find(&index.names, cor_str(words[i])), i);
	cor_arena_finish(&arena);
}

/* A pointer that is too long is cut between characters. */
static void pointers_are_cut(void **state)
{
	const struct cor_step step = { .key = COR_STR("\u00e9\u00e9") };
	char text[16];

	(void)state;
	for (size_t bytes = 1; bytes <= 8; bytes++) {
		size_t len = cor_step_print(&step, false, text, bytes);
		assert_int_equal(len, strlen(text));
		size_t room = bytes - 1; /* for the slash and two characters of two bytes */
		assert_int_equal(len, room == 0 ? 0 : room > 5 ? 5 : (room - 1) / 2 * 2 + 1);
	}
	assert_int_equal(cor_step_print(NULL, false, text, sizeof text), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matching),
		cmocka_unit_test(hostile_patterns_end),
		cmocka_unit_test(names_and_values),
		cmocka_unit_test(long_lists_are_cut),
		cmocka_unit_test(pointers_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
