/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/trim.h"

static void blanks_around_it_go(void **state)
{
	static const char *const cases[][2] = {
		{ "a", "a" },
		{ " a", "a" },
		{ "a\t", "a" },
		{ " \t a b\tc \t", "a b\tc" },
		{ "\na\r", "\na\r" }, /* no blanks */
		{ "", "" },
		{ " \t ", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_true(cor_str_equal(cor_trim(cor_str(cases[i][0])), cor_str(cases[i][1])));
	assert_int_equal(cor_trim((struct cor_str){ NULL, 0 }).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(blanks_around_it_go) };

	return cmocka_run_group_tests_name("base/trim", tests, NULL, NULL);
}
