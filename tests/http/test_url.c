/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/error.h>

#include "http/url.h"

/* A URL, and what is read in it; host NULL: it is refused, with these words. */
static const struct {
	const char *text;
	const char *host;
	unsigned port;
	const char *authority;
	const char *path;
	const char *query;
} urls[] = {
	{ "http://prices:8080", "prices", 8080, "prices:8080", "/", "" },
	{ "HTTP://Prices.Example.COM:80/a", "prices.example.com", 80, "prices.example.com", "/a",
		"" },
	{ "https://x/v2?a=1#f", "x", 443, "x", "/v2", "a=1" },
	{ "https://x:80/", "x", 80, "x:80", "/", "" },
	{ "http://x:443", "x", 443, "x:443", "/", "" },
	{ "http://x:/a", "x", 80, "x", "/a", "" },
	{ "http://[::1]:8080/a", "::1", 8080, "[::1]:8080", "/a", "" },
	{ "http://[2001:DB8::1]", "2001:db8::1", 80, "[2001:db8::1]", "/", "" },
	{ "http://127.0.0.1?q", "127.0.0.1", 80, "127.0.0.1", "/", "q" },
	{ "http://x/a b/\xc3\xa4?c d", "x", 80, "x", "/a%20b/%C3%A4", "c%20d" },
	{ "http://x/%zz/%4", "x", 80, "x", "/%25zz/%254", "" },
	{ "http://x/a/./b/../c", "x", 80, "x", "/a/c", "" },
	{ "http://x/../../a", "x", 80, "x", "/a", "" },
	{ "http://x/a/%2e%2E", "x", 80, "x", "/", "" },
	{ "http://x/a/..", "x", 80, "x", "/", "" },
	{ "http://x/a/.", "x", 80, "x", "/a/", "" },
	{ "http://x/...", "x", 80, "x", "/...", "" },
	{ "http://x//a", "x", 80, "x", "//a", "" },
	{ "ftp://x/", NULL, 0, "does not begin with http:// or https://", "", "" },
	{ "prices:8080", NULL, 0, "does not begin with http:// or https://", "", "" },
	{ "http:///a", NULL, 0, "has no host", "", "" },
	{ "http://", NULL, 0, "has no host", "", "" },
	{ "http://:80/", NULL, 0, "has no valid host and port", "", "" },
	{ "http://x:65536/", NULL, 0, "has no valid host and port", "", "" },
	{ "http://x::", NULL, 0, "has no valid host and port", "", "" },
	{ "http://x:80:/", NULL, 0, "has no valid host and port", "", "" },
	{ "http://[::1]::", NULL, 0, "has no valid host and port", "", "" },
	{ "http://x:/a", "x", 80, "x", "/a", "" },
	{ "https://[::1]:?a", "::1", 443, "[::1]", "/", "a" },
	{ "http://x:0/", NULL, 0, "has port 0, at which nobody listens", "", "" },
	{ "http://a b/", NULL, 0, "has no valid host and port", "", "" },
	{ "http://[fe80::1%25eth0]/", NULL, 0, "has no valid host and port", "", "" },
	{ "http://u:p@x/", NULL, 0, "has a user in it: credentials do not belong in a URL", "",
		"" },
	{ "http://x/\r\nA: b", NULL, 0, "has control characters in it", "", "" },
};

static void test_urls(void **state)
{
	struct cor_arena arena;

	(void)state;
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		const char *why = NULL;
		struct cor_url url;
		cor_arena_init(&arena, NULL, 0, 0);
		int rc = cor_url_parse(&arena, cor_str(urls[i].text), &url, &why);
		print_message("# %zu\n", i);
		if (!urls[i].host) {
			assert_int_equal(rc, -COR_ESYNTAX);
			assert_string_equal(why, urls[i].authority);
			cor_arena_finish(&arena);
			continue;
		}
		assert_int_equal(rc, 0);
		assert_string_equal(url.host.data, urls[i].host);
		assert_int_equal(url.port, urls[i].port);
		assert_string_equal(url.authority.data, urls[i].authority);
		assert_string_equal(url.path.data, urls[i].path);
		assert_string_equal(url.query.data, urls[i].query);
		assert_null(url.unix_path);
		cor_arena_finish(&arena);
	}
}

static const struct {
	const char *text;
	const char *socket; /* NULL: it is refused */
	const char *path;
} locals[] = {
	{ "http://unix:/run/x.sock", "/run/x.sock", "/" },
	{ "http://unix:/run/x.sock:/v2?a", "/run/x.sock", "/v2" },
	{ "unix:/run/x.sock:", "/run/x.sock", "/" },
	{ "https://unix:/run/x.sock", NULL, "" },
	{ "http://unix:run/x.sock", NULL, "" },
	{ "http://unix:", NULL, "" },
};

static void test_unix_sockets(void **state)
{
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	for (size_t i = 0; i < sizeof locals / sizeof locals[0]; i++) {
		const char *why;
		struct cor_url url;
		int rc = cor_url_parse(&arena, cor_str(locals[i].text), &url, &why);
		print_message("# %s\n", locals[i].text);
		assert_int_equal(rc, locals[i].socket ? 0 : -COR_ESYNTAX);
		if (!locals[i].socket)
			continue;
		assert_string_equal(url.unix_path, locals[i].socket);
		assert_string_equal(url.path.data, locals[i].path);
		assert_string_equal(url.authority.data, "localhost");
		assert_int_equal(url.port, 0);
	}
	cor_arena_finish(&arena);
}

/* RFC 3986 section 5.4, from http://a/b/c/d;p?q; and what redirects are made of besides. */
static const char *const references[][2] = {
	{ "g", "/b/c/g" },
	{ "./g", "/b/c/g" },
	{ "g/", "/b/c/g/" },
	{ "/g", "/g" },
	{ "?y", "/b/c/d;p?y" },
	{ "?", "/b/c/d;p?" },
	{ "g?y", "/b/c/g?y" },
	{ "#s", "/b/c/d;p?q" },
	{ "g#s", "/b/c/g" },
	{ "g?y#s", "/b/c/g?y" },
	{ ";x", "/b/c/;x" },
	{ "g;x", "/b/c/g;x" },
	{ "", "/b/c/d;p?q" },
	{ ".", "/b/c/" },
	{ "./", "/b/c/" },
	{ "..", "/b/" },
	{ "../", "/b/" },
	{ "../g", "/b/g" },
	{ "../..", "/" },
	{ "../../g", "/g" },
	{ "../../../g", "/g" },
	{ "/./g", "/g" },
	{ "/../g", "/g" },
	{ "g.", "/b/c/g." },
	{ ".g", "/b/c/.g" },
	{ "g..", "/b/c/g.." },
	{ "./../g", "/b/g" },
	{ "./g/.", "/b/c/g/" },
	{ "g/./h", "/b/c/g/h" },
	{ "g/../h", "/b/c/h" },
	{ "g;x=1/../y", "/b/c/y" },
	{ "g?y/../x", "/b/c/g?y/../x" },
	{ "http://a/x", "/x" },
	{ "//a/x?z", "/x?z" },
};

static void test_references(void **state)
{
	struct cor_arena arena;
	struct cor_url base, url;
	const char *why;
	char text[100];

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_url_parse(&arena, COR_STR("http://a/b/c/d;p?q"), &base, &why), 0);
	for (size_t i = 0; i < sizeof references / sizeof references[0]; i++) {
		print_message("# %s\n", references[i][0]);
		assert_int_equal(
			cor_url_resolve(&arena, &base, cor_str(references[i][0]), &url, &why), 0);
		snprintf(text, sizeof text, "%s%s%s", url.path.data, url.has_query ? "?" : "",
			url.query.data);
		assert_string_equal(text, references[i][1]);
		assert_true(cor_url_same_origin(&base, &url));
	}
	cor_arena_finish(&arena);
}

static const struct {
	const char *reference;
	const char *text; /* NULL: it is refused */
} elsewhere[] = {
	{ "https://a/x", "https://a/x" },
	{ "http://a:81/x", "http://a:81/x" },
	{ "//b", "http://b/" },
	{ "http://b/?secret", "http://b/" },
	{ "file:///etc/passwd", NULL },
	{ "javascript:x", NULL },
	{ "http://unix:/run/x.sock", "http://unix/run/x.sock" }, /* a host of that name */
	{ "unix:/run/x.sock", NULL },
	{ "//u@b/", NULL },
	{ "http:g", NULL },
};

static void test_other_origins(void **state)
{
	struct cor_arena arena;
	struct cor_url base, url;
	const char *why;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_url_parse(&arena, COR_STR("http://a/b"), &base, &why), 0);
	for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++) {
		int rc = cor_url_resolve(
			&arena, &base, cor_str(elsewhere[i].reference), &url, &why);
		print_message("# %s\n", elsewhere[i].reference);
		assert_int_equal(rc, elsewhere[i].text ? 0 : -COR_ESYNTAX);
		if (!elsewhere[i].text)
			continue;
		assert_false(cor_url_same_origin(&base, &url));
		assert_string_equal(cor_url_text(&arena, &url), elsewhere[i].text);
	}
	cor_arena_finish(&arena);
}

/* Whom a server behind a unix socket calls "localhost" is itself. */
static void test_references_behind_a_socket(void **state)
{
	static const struct {
		const char *reference, *text;
		bool is_same;
	} cases[] = {
		{ "x", "http://unix:/run/x.sock:/a/x", true },
		{ "http://localhost/x", "http://unix:/run/x.sock:/x", true },
		{ "HTTP://LocalHost:80/x", "http://unix:/run/x.sock:/x", true },
		{ "//localhost/x", "http://unix:/run/x.sock:/x", true },
		{ "https://localhost/x", "https://localhost/x", false },
		{ "https://localhost:80/x", "https://localhost:80/x", false },
		{ "http://localhost:81/x", "http://localhost:81/x", false },
		{ "http://other/x", "http://other/x", false },
	};
	struct cor_arena arena;
	struct cor_url base, url;
	const char *why;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(
		cor_url_parse(&arena, COR_STR("http://unix:/run/x.sock:/a/b"), &base, &why), 0);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		print_message("# %s\n", cases[i].reference);
		assert_int_equal(
			cor_url_resolve(&arena, &base, cor_str(cases[i].reference), &url, &why), 0);
		assert_string_equal(cor_url_text(&arena, &url), cases[i].text);
		assert_int_equal(cor_url_same_origin(&base, &url), cases[i].is_same);
		if (cases[i].is_same)
			assert_string_equal(url.authority.data, "localhost");
	}
	cor_arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_unix_sockets),
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_other_origins),
		cmocka_unit_test(test_references_behind_a_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
