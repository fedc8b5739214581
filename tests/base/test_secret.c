/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <coracle/secret.h>

static void the_same_bytes_are_equal(void **state)
{
	static const struct {
		struct cor_str a, b;
		bool equal;
	} cases[] = {
		{ COR_STR("key"), COR_STR("key"), true },
		{ COR_STR("key"), COR_STR("kez"), false },
		{ COR_STR("key"), COR_STR("Key"), false },
		{ COR_STR("key"), COR_STR("key\0"), false },
		{ COR_STR("key"), COR_STR("ke"), false },
		{ COR_STR("k\0y"), COR_STR("k\0z"), false },
		{ COR_STR("k\0y"), COR_STR("k\0y"), true },
		{ COR_STR("\xff"), COR_STR("\x7f"), false },
		{ COR_STR(""), { NULL, 0 }, true },
		{ COR_STR("k"), { NULL, 0 }, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(cor_equal_secret(cases[i].a, cases[i].b), cases[i].equal);
		assert_int_equal(cor_equal_secret(cases[i].b, cases[i].a), cases[i].equal);
	}
}

/* Each single bit counts, wherever it is. */
static void one_bit_is_a_difference(void **state)
{
	char a[40] = { 0 }, b[40] = { 0 };

	(void)state;
	for (size_t bit = 0; bit < 8 * sizeof a; bit++) {
		b[bit / 8] = (char)(1U << bit % 8);
		assert_false(cor_equal_secret(
			(struct cor_str){ a, sizeof a }, (struct cor_str){ b, sizeof b }));
		b[bit / 8] = 0;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_bytes_are_equal),
		cmocka_unit_test(one_bit_is_a_difference),
	};

	return cmocka_run_group_tests_name("base/secret", tests, NULL, NULL);
}
