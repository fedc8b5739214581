/* SPDX-License-Identifier: MIT */
/* Set-Cookie as a client reads it, and its dates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/cookie_date.h"
#include "http/set_cookie.h"

#define NOW  1790000000 /* 2026-09-21T14:13:20Z */
#define LAST (NOW + COR_COOKIE_AGE_MAX_S)

static const struct {
	const char *text;
	const char *name; /* NULL: it is ignored */
	const char *value;
	const char *domain;
	const char *path;
	bool is_secure;
	int64_t expires_s; /* 0: it has none */
} cookies[] = {
	{ "a=1", "a", "1", "", "", false, 0 },
	{ " a = 1 2 ; b=3", "a", "1 2", "", "", false, 0 },
	{ "a=b=c", "a", "b=c", "", "", false, 0 },
	{ "a=\"b, c\"", "a", "\"b, c\"", "", "", false, 0 },
	{ "a=", "a", "", "", "", false, 0 },
	{ "a", "", "a", "", "", false, 0 },
	{ "=a", "", "a", "", "", false, 0 },
	{ "", NULL, "", "", "", false, 0 },
	{ "=", NULL, "", "", "", false, 0 },
	{ "; Path=/", NULL, "", "", "", false, 0 },
	{ "a=1\x01", NULL, "", "", "", false, 0 },
	{ "a=1; Path=/\x7f", NULL, "", "", "", false, 0 },
	{ "a=1;DOMAIN = .Example.com ; path=/x; SECURE; HttpOnly; SameSite=Lax", "a", "1",
		"Example.com", "/x", true, 0 },
	{ "a=1; Domain=a; Domain=b; Path=/a; Path=/b", "a", "1", "b", "/b", false, 0 },
	{ "a=1; Domain=a; Domain=; Path=/a; Path=b", "a", "1", "", "", false, 0 },
	{ "a=1; Secure=no", "a", "1", "", "", true, 0 },
	{ "a=1; Max-Age=60", "a", "1", "", "", false, NOW + 60 },
	{ "a=1; Max-Age=60; Max-Age=0", "a", "1", "", "", false, NOW },
	{ "a=1; Max-Age=-1", "a", "1", "", "", false, NOW },
	{ "a=1; Max-Age=; Max-Age=-; Max-Age=1s; Max-Age=+1", "a", "1", "", "", false, 0 },
	{ "a=1; Max-Age=99999999999999999999", "a", "1", "", "", false, LAST },
	{ "a=1; Expires=Mon, 21 Sep 2026 14:13:21 GMT", "a", "1", "", "", false, NOW + 1 },
	{ "a=1; Max-Age=5; Expires=Thu, 01 Jan 1970 00:00:01 GMT", "a", "1", "", "", false,
		NOW + 5 },
	{ "a=1; Expires=Thu, 01 Jan 1970 00:00:01 GMT", "a", "1", "", "", false, 1 },
	{ "a=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT", "a", "1", "", "", false, LAST },
	{ "a=1; Expires=soon", "a", "1", "", "", false, 0 },
};

static void assert_text(struct cor_str text, const char *wanted)
{
	assert_true(cor_str_equal(text, cor_str(wanted)));
}

static void test_cookies(void **state)
{
	struct cor_set_cookie it;

	(void)state;
	for (size_t i = 0; i < sizeof cookies / sizeof cookies[0]; i++) {
		print_message("# %s\n", cookies[i].text);
		int rc = cor_set_cookie_parse(cor_str(cookies[i].text), NOW, &it);
		assert_int_equal(rc == 0, cookies[i].name != NULL);
		if (rc < 0)
			continue;
		assert_text(it.name, cookies[i].name);
		assert_text(it.value, cookies[i].value);
		assert_text(it.domain, cookies[i].domain);
		assert_text(it.path, cookies[i].path);
		assert_int_equal(it.is_secure, cookies[i].is_secure);
		assert_int_equal(it.is_persistent, cookies[i].expires_s != 0);
		if (it.is_persistent)
			assert_int_equal(it.expires_s, cookies[i].expires_s);
	}
}

static void test_lengths(void **state)
{
	char text[6000] = "a=";
	struct cor_set_cookie it;

	(void)state;
	memset(text + 2, 'x', sizeof text - 2);
	assert_int_equal(cor_set_cookie_parse((struct cor_str){ text, 4097 }, NOW, &it), 0);
	assert_true(cor_set_cookie_parse((struct cor_str){ text, 4098 }, NOW, &it) < 0);
	memcpy(text, "a=1; Path=/y; Path=/", 20);
	assert_int_equal(cor_set_cookie_parse((struct cor_str){ text, 19 + 1024 }, NOW, &it), 0);
	assert_int_equal(it.path.len, 1024);
	assert_int_equal(cor_set_cookie_parse((struct cor_str){ text, 19 + 1025 }, NOW, &it), 0);
	assert_text(it.path, "/y");
}

static const struct {
	const char *text;
	int64_t unix_s; /* -1: it is none */
} dates[] = {
	{ "Sun, 06 Nov 1994 08:49:37 GMT", 784111777 },
	{ "Sunday, 06-Nov-94 08:49:37 GMT", 784111777 },
	{ "Sun Nov  6 08:49:37 1994", 784111777 },
	{ "8:49:37 6 november 94", 784111777 },
	{ "94 nov 08:49:37", -1 },
	{ "06-Nov-1994 8:49:37pm PST", 784111777 },
	{ "1 jan 70 0:0:0", 0 },
	{ "1 jan 69 0:0:0", 3124224000 },
	{ "29 feb 2024 00:00:00", 1709164800 },
	{ "29 feb 2023 00:00:00", -1 },
	{ "31 apr 2024 00:00:00", -1 },
	{ "0 jan 2024 00:00:00", -1 },
	{ "1 jan 1600 00:00:00", -1 },
	{ "1 jan 1601 00:00:00", -11644473600 },
	{ "1 jan 2024 24:00:00", -1 },
	{ "1 jan 2024 00:60:00", -1 },
	{ "1 jan 2024 00:00:60", -1 },
	{ "1 jan 2024 00:00", -1 },
	{ "1 jan 20245 00:00:00", -1 },
	{ "1 ja 2024 00:00:00", -1 },
	{ "", -1 },
};

static void test_dates(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
		int64_t unix_s = -1;
		print_message("# %s\n", dates[i].text);
		int rc = cor_cookie_date_parse(cor_str(dates[i].text), &unix_s);
		assert_int_equal(rc == 0, dates[i].unix_s != -1);
		assert_int_equal(unix_s, dates[i].unix_s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cookies),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_dates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
