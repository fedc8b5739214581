/* SPDX-License-Identifier: MIT */
/* Names of values and keys, and the pointers that reports have. */
#include "schema/names.h"
#include "schema/path.h"

#include "trial.h"

static void names_and_values(void **state)
{
	static const struct cor_enum_name table[] = {
		{ "zero", 0 },
		{ "minus", (uint32_t)-1 },
		{ "big", 1000000 },
		{ "one", 1 },
		{ "seven", 7 },
		{ "page", 8 },
		{ "title", 9 },
	};
	struct cor_enum_index index;
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_enum_index_build(&index, &arena, table, 7), 0);
	for (size_t i = 0; i < 7; i++) {
		assert_int_equal(cor_key_index_find(&index.names, cor_str(table[i].name)), i);
		assert_ptr_equal(cor_enum_index_name(&index, table[i].value), &table[i]);
	}
	assert_int_equal(cor_key_index_find(&index.names, COR_STR("on")), -1);
	assert_null(cor_enum_index_name(&index, 2));
	assert_string_equal(index.list, "zero, minus, big, one, seven, page, title");
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("sevn")), 4);
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("miuns")), 1);
	/* two swapped neighbours are one slip, and short names are forgiven only one */
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("pgae")), 5);
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("apge")), 5);
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("paeg")), 5);
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("gape")), -1);
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("eno")), -1);
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("titel")), 6);
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("ttiel")), 6);
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("itltex")), -1);
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("unlike")), -1);
	assert_int_equal(cor_key_index_nearest(&index.names, COR_STR("x")), -1);
	cor_arena_finish(&arena);
}

/* Keys of all lengths that begin alike, and each with one character changed. */
static void similar_keys_are_told_apart(void **state)
{
	char texts[40][40];
	struct cor_str keys[40];
	struct cor_key_index index;
	struct cor_arena arena;

	(void)state;
	for (size_t i = 0; i < 40; i++) {
		memset(texts[i], 'k', i);
		keys[i] = (struct cor_str){ texts[i], i };
	}
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_key_index_build(&index, &arena, keys, 40), 0);
	for (size_t i = 0; i < 40; i++) {
		assert_int_equal(cor_key_index_find(&index, keys[i]), i);
		for (size_t j = 0; j < i; j++) {
			char other[40];
			memcpy(other, texts[i], i);
			other[j] = 'l';
			assert_int_equal(
				cor_key_index_find(&index, (struct cor_str){ other, i }), -1);
		}
	}
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
		cmocka_unit_test(names_and_values),
		cmocka_unit_test(similar_keys_are_told_apart),
		cmocka_unit_test(long_lists_are_cut),
		cmocka_unit_test(pointers_are_cut),
	};

	return cmocka_run_group_tests_name("schema/names", tests, NULL, NULL);
}
