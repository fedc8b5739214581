/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/disposition.h"

static void check(const char *name, size_t len, const char *wanted)
{
	char out[COR_DISPOSITION_BYTES];
	struct cor_str text = cor_disposition_print(
		out, "attachment", (struct cor_str){ name, len });

	assert_int_equal(text.len, strlen(wanted));
	assert_memory_equal(text.data, wanted, text.len);
}

static void test_names(void **state)
{
	static const struct {
		const char *name, *wanted;
	} cases[] = {
		{ "a.txt", "attachment; filename=\"a.txt\"" },
		{ "", "attachment; filename=\"\"" },
		{ "a'b (1);*.txt", "attachment; filename=\"a'b (1);*.txt\"" },
		{ "../x\\y", "attachment; filename=\".._x_y\"" },
		{ "50%.txt", "attachment; filename=\"50_.txt\"; filename*=UTF-8''50%25.txt" },
		{ "\"q\"", "attachment; filename=\"_q_\"; filename*=UTF-8''%22q%22" },
		{ "\xe2\x82\xac.txt",
			"attachment; filename=\"_.txt\"; filename*=UTF-8''%E2%82%AC.txt" },
		{ "\xff\xe2\x82x", "attachment; filename=\"___x\"" },
		{ "a\r\n\x7f", "attachment; filename=\"a___\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		check(cases[i].name, strlen(cases[i].name), cases[i].wanted);
	check("a\0b", 3, "attachment; filename=\"a_b\"");
}

/* A character is never cut, and the longest text fits. */
static void test_a_long_name_is_cut(void **state)
{
	char name[1000], out[COR_DISPOSITION_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof name; i += 2)
		memcpy(name + i, "\xc3\xa9", 2);
	struct cor_str text = cor_disposition_print(
		out, "attachment", (struct cor_str){ name, sizeof name });
	size_t characters = COR_DISPOSITION_NAME_BYTES / 2;
	assert_int_equal(
		text.len, strlen("attachment; filename=\"\"; filename*=UTF-8''") + characters * 7);
	assert_memory_equal(text.data + text.len - 6, "%C3%A9", 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_a_long_name_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
