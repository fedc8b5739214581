/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <string.h>

#include <coracle/error.h>

static void codes_of_both_kinds_have_a_name_and_a_text(void **state)
{
	(void)state;
	assert_string_equal(cor_errname(0), "OK");
	assert_string_equal(cor_strerror(0), "success");
	assert_string_equal(cor_errname(-ENOMEM), "ENOMEM");
	assert_string_equal(cor_errname(ENOMEM), "ENOMEM");
	assert_string_equal(cor_errname(-COR_ETABLE), "COR_ETABLE");
	assert_string_equal(cor_strerror(-COR_ECLOSED), "the other side ended the conversation");
	assert_true(strlen(cor_strerror(-ETIMEDOUT)) > 5);
}

static void codes_of_no_kind_are_unknown(void **state)
{
	const int codes[] = { 41, 4000, COR_EPROBLEM - 1, COR_ECERTIFICATE + 1, INT_MAX, INT_MIN };

	(void)state;
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		assert_string_equal(cor_errname(codes[i]), "unknown");
		assert_non_null(cor_strerror(codes[i]));
	}
}

#ifdef __GLIBC__
static void names_are_those_of_the_system(void **state)
{
	(void)state;
	for (int code = 1; code < 4096; code++) {
		const char *name = strerrorname_np(code);
		assert_string_equal(cor_errname(-code), name ? name : "unknown");
	}
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_of_both_kinds_have_a_name_and_a_text),
		cmocka_unit_test(codes_of_no_kind_are_unknown),
#ifdef __GLIBC__
		cmocka_unit_test(names_are_those_of_the_system),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
