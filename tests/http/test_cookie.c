/* SPDX-License-Identifier: MIT */
/* Cookies as text: what is sent back, and what is set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/cookie.h"

#define TEXT(literal) ((struct cor_str){ literal, sizeof literal - 1 })

static const struct {
	const char *header;
	const char *value; /* of "a"; NULL: there is none */
} finds[] = {
	{ "a=1", "1" },
	{ "b=2; a=1", "1" },
	{ "a=1; a=2", "1" },
	{ "A=2; a=1", "1" },
	{ "xa=2;a=1", "1" },
	{ "a=1=2", "1=2" },
	{ "a=", "" },
	{ " a = 1 ;", "1" },
	{ "a; b=1", NULL },
	{ "=1", NULL },
	{ ";;;", NULL },
	{ "", NULL },
};

static void test_find(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof finds / sizeof finds[0]; i++) {
		struct cor_str found = cor_cookie_find(cor_str(finds[i].header), COR_STR("a"));
		assert_int_equal(found.data != NULL, finds[i].value != NULL);
		if (found.data)
			assert_true(cor_str_equal(found, cor_str(finds[i].value)));
	}
}

/* What is written comes back as it was. */
static const struct {
	struct cor_str value;
	const char *text;
} values[] = {
	{ TEXT("plain"), "plain" },
	{ TEXT("!#$&'()*+-./:<=>?@[]^_`{|}~"), "!#$&'()*+-./:<=>?@[]^_`{|}~" },
	{ TEXT("a b"), "a%20b" },
	{ TEXT("a;b,c\"d\\e"), "a%3Bb%2Cc%22d%5Ce" },
	{ TEXT("100%"), "100%25" },
	{ TEXT("%41"), "%2541" },
	{ TEXT("\xc3\xa9\r\n"), "%C3%A9%0D%0A" },
	{ TEXT("nul\0end"), "nul%00end" },
	{ TEXT("\x7f"), "%7F" },
};

static void test_values(void **state)
{
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		struct cor_buffer buffer = { 0 };
		cor_cookie_encode(&buffer, values[i].value);
		assert_int_equal(buffer.len, strlen(values[i].text));
		assert_memory_equal(buffer.data, values[i].text, buffer.len);
		struct cor_str back = cor_cookie_decode(
			&arena, (struct cor_str){ buffer.data, buffer.len });
		assert_true(cor_str_equal(back, values[i].value));
		cor_buffer_finish(&buffer);
	}
	cor_arena_finish(&arena);
}

/* What others have written. */
static const struct {
	const char *text, *value;
} foreign[] = {
	{ "\"quoted\"", "quoted" },
	{ "\"", "\"" },
	{ "\"\"", "" },
	{ "50%", "50%" },
	{ "%4", "%4" },
	{ "%zz%41", "%zzA" },
	{ "%c3%a9", "\xc3\xa9" },
	{ "{\"a\":1}", "{\"a\":1}" },
};

static void test_foreign(void **state)
{
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
		struct cor_str value = cor_cookie_decode(&arena, cor_str(foreign[i].text));
		assert_true(cor_str_equal(value, cor_str(foreign[i].value)));
	}
	cor_arena_finish(&arena);
}

static const struct {
	const char *a, *b;
	bool is_same;
} sames[] = {
	{ "a=1; Path=/", "a=2; Path=/", true },
	{ "a=1; Path=/", "a=2; path = / ; HttpOnly", true },
	{ "a=1; Path=/", "a=2; Path=/x", false },
	{ "a=1; Path=/", "A=2; Path=/", false },
	{ "a=1", "a=2; Path=/", false },
	{ "a=1; Domain=X.example", "a=2; Domain=x.example", true },
	{ "a=1; Domain=x.example", "a=2", false },
	{ "a=1; Path=/x; Path=/", "a=1; Path=/", true },
	{ "a=1", "ab=1", false },
};

static void test_sames(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof sames / sizeof sames[0]; i++)
		assert_int_equal(cor_set_cookie_is_same(cor_str(sames[i].a), cor_str(sames[i].b)),
			sames[i].is_same);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_sames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
