/* SPDX-License-Identifier: MIT */
/* Cookies of rows and of handlers, and sessions. */
#include "cookies_service.h"

#include <errno.h>
#include <stdio.h>

#include <coracle/cookie.h>
#include <coracle/error.h>
#include <coracle/session.h>

static void expect_path(const char *name, const char *path)
{
	char set[32], wanted[64];

	snprintf(set, sizeof set, "Set-Cookie: %s=", name);
	snprintf(wanted, sizeof wanted, "; Path=%s; ", path);
	const char *line = strstr(got.headers, set);
	const char *found = line ? strstr(line, "; Path=") : NULL;
	if (!found || strncmp(found, wanted, strlen(wanted)) != 0)
		fail_msg("%s: %s", wanted, got.headers);
}

static void test_mounted_paths(void **state)
{
	static const char *const methods[] = { "POST", "DELETE" };
	struct cor_dispatcher *alone = dispatcher;

	(void)state;
	dispatcher = fake_dispatcher_with(&street, caches);
	for (size_t i = 0; i < 2; i++) {
		ask(methods[i], "/in/bake", NULL);
		expect_path("outer", "/in");
		expect_path("inner", "/in/visits");
		expect_path("shelf", "/in/shelf");
		if (i == 0)
			expect_path("crumb", "/in/crumbs");
		if (i == 0)
			expect_path("whole", "/");
		ask(methods[i], "/bake", NULL);
		expect_path("inner", "/visits");
		expect_path("shelf", "/shelf");
	}
	cor_dispatcher_destroy(dispatcher);
	dispatcher = alone;
}

static void test_rows_in(void **state)
{
	static const struct {
		const char *headers, *body;
		int status;
	} cases[] = {
		{ NULL, "1|-|-|-", 200 },
		{ "Cookie: number=3; text=a%20b\n", "3|a b|-|-", 200 },
		{ "Cookie: number=3\nCookie: text=\"quoted\"\n", "3|quoted|-|-", 200 },
		{ "Cookie: number=3; number=4; other=5\n", "3|-|-|-", 200 },
		{ "Cookie: sealed=forged; secret=forged\n", "1|-|-|-", 200 },
		{ "Cookie: number=ten\n", "\"in\":\"cookie\",\"parameter\":\"number\"", 422 },
		{ "Cookie: number=10\n", "at most 9", 422 },
		{ "Cookie: text=%ff\n", "UTF-8", 422 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *body = ask("GET", "/rows", cases[i].headers);
		assert_int_equal(got.status, cases[i].status);
		if (!strstr(body, cases[i].body))
			fail_msg("%s: %s", cases[i].headers ? cases[i].headers : "", body);
		assert_non_null(strstr(got.headers, "Vary: Cookie\n"));
		assert_null(strstr(strstr(got.headers, "Vary: Cookie\n") + 5, "Vary: Cookie\n"));
	}
}

static void test_rows_out(void **state)
{
	static const struct {
		struct set set;
		const char *headers;
	} cases[] = {
		{ { .gone = "x" }, "Set-Cookie: gone=x; Path=/; HttpOnly; SameSite=Lax\n" },
		{ { .gone = NULL },
			"Set-Cookie: gone=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0\n" },
		{ { .gone = "x", .number = { .state = COR_SET, .value = 5 } },
			"Set-Cookie: number=5; Path=/; HttpOnly; SameSite=Lax\n" },
		{ { .gone = "x", .number = { .state = COR_NULL } },
			"Set-Cookie: number=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0\n" },
		{ { .gone = "x", .text = "a b;" },
			"Set-Cookie: text=a%20b%3B; Path=/; HttpOnly; SameSite=Lax\n" },
		{ { .gone = "x", .lasting = "y" },
			"Set-Cookie: lasting=y; Path=/rows; Domain=shop.example; SameSite=Strict; Max-Age=3600\n" },
		{ { .gone = "x", .embedded = "y" },
			"Set-Cookie: embedded=y; Path=/; Secure; HttpOnly; SameSite=None; Partitioned\n" },
		{ { .gone = "x", .host = "y" },
			"Set-Cookie: __Host-id=y; Path=/; Secure; HttpOnly; SameSite=Lax\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		to_set = cases[i].set;
		ask("POST", "/rows", NULL);
		assert_int_equal(got.status, 200);
		if (!strstr(got.headers, cases[i].headers))
			fail_msg("%s\nnot in\n%s", cases[i].headers, got.headers);
	}
	assert_null(strstr(got.headers, "text="));
}

static void test_sealed_rows(void **state)
{
	char sealed[512], secret[512], both[1024];

	(void)state;
	to_set = (struct set){ .gone = "x", .sealed = "s p", .secret = "hidden" };
	ask("POST", "/rows", NULL);
	assert_non_null(kept("sealed"));
	snprintf(sealed, sizeof sealed, "%s", kept("sealed"));
	snprintf(secret, sizeof secret, "%s", kept("secret"));
	snprintf(both, sizeof both, "%s%s", sealed, secret);
	assert_string_equal(ask("GET", "/rows", both), "1|-|s p|hidden");

	char tossed[2048]; /* by another host of the domain */
	snprintf(tossed, sizeof tossed, "Cookie: sealed=x; sealed=; %s",
		sealed + strlen("Cookie: "));
	assert_string_equal(ask("GET", "/rows", tossed), "1|-|s p|-");
	sealed[strlen(sealed) - 2] ^= 1; /* a byte of the tag */
	assert_string_equal(ask("GET", "/rows", sealed), "1|-|-|-");
	memcpy(secret, "Cookie: sealed", strlen("Cookie: sealed"));
	assert_string_equal(ask("GET", "/rows", secret), "1|-|-|-"); /* of another cookie */
	moment.now_s += 61;
	assert_string_equal(ask("GET", "/rows", both), "1|-|s p|-");
	moment.now_s -= 61;
}

static void test_too_large(void **state)
{
	static char text[COR_COOKIE_BYTES + 1];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	to_set = (struct set){ .gone = text };
	assert_non_null(strstr(ask("POST", "/rows", NULL), "500"));
	assert_null(strstr(got.headers, "gone="));
	text[COR_COOKIE_BYTES - strlen("gone")] = '\0';
	ask("POST", "/rows", NULL);
	assert_int_equal(got.status, 200);
}

static void test_by_hand(void **state)
{
	(void)state;
	ask("POST", "/hand", NULL);
	assert_int_equal(got.status, 204);
	assert_string_equal(got.headers,
		"Vary: Cookie\nSet-Cookie: own=a%20b; Path=/; HttpOnly; SameSite=Lax\n");
	ask("POST", "/hand", kept("own"));
	assert_int_equal(got.status, 204);
	assert_string_equal(got.headers,
		"Vary: Cookie\nSet-Cookie: own=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0\n"
		"Set-Cookie: own=x; Path=/other\n");
}

/* --- sessions --- */

static void test_session(void **state)
{
	char cookie[1024], changed[1024];

	(void)state;
	assert_string_equal(ask("GET", "/look", NULL), "nobody");
	assert_string_equal(got.headers, "Vary: Cookie\n");
	assert_string_equal(ask("POST", "/start", NULL), "7 a;b");
	assert_non_null(strstr(got.headers, "; Path=/; HttpOnly; SameSite=Lax; Max-Age=800\n"));
	assert_null(strstr(got.headers, "a;b"));
	snprintf(cookie, sizeof cookie, "%s", kept("session"));
	assert_string_equal(ask("GET", "/look", cookie), "7 a;b");
	assert_null(kept("session")); /* it is new enough */
	assert_string_equal(ask("POST", "/change", cookie), "8 -");
	snprintf(changed, sizeof changed, "%s", kept("session"));
	assert_string_equal(ask("GET", "/look", changed), "8 -");
	assert_string_equal(ask("POST", "/end", changed), "nobody");
	assert_non_null(
		strstr(got.headers, "session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0\n"));
	assert_non_null(strstr(ask("POST", "/change", NULL), "refused"));
	assert_non_null(strstr(ask("POST", "/stray", NULL), "refused"));
}

/* It ends 800 s after the last request, and 2000 s after it has begun. */
static void test_session_ends(void **state)
{
	char cookie[1024], renewed[1024];
	int64_t began_s = moment.now_s;

	(void)state;
	ask("POST", "/start", NULL);
	snprintf(cookie, sizeof cookie, "%s", kept("session"));
	moment.now_s = began_s + 801;
	assert_string_equal(ask("GET", "/look", cookie), "nobody");
	moment.now_s = began_s + 700;
	assert_string_equal(ask("GET", "/look", cookie), "7 a;b");
	snprintf(renewed, sizeof renewed, "%s", kept("session"));
	assert_true((strcmp(cookie, renewed) == 0) == is_cached); /* its id stays */
	moment.now_s = began_s + 1400;
	assert_string_equal(ask("GET", "/look", renewed), "7 a;b");
	assert_non_null(strstr(got.headers, "; Max-Age=600\n")); /* of its life */
	snprintf(renewed, sizeof renewed, "%s", kept("session"));
	assert_string_equal(ask("POST", "/change", renewed), "8 -"); /* its time goes on */
	snprintf(renewed, sizeof renewed, "%s", kept("session"));
	moment.now_s = began_s + 1999;
	assert_string_equal(ask("GET", "/look", renewed), "8 -");
	moment.now_s = began_s + 2000;
	assert_string_equal(ask("GET", "/look", renewed), "nobody");
	moment.now_s = began_s;
}

static void test_session_too_large(void **state)
{
	static char text[4000];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	big = text;
	assert_non_null(strstr(ask("POST", "/start", NULL), "refused"));
	assert_null(kept("session"));
	text[2900] = '\0';
	ask("POST", "/start", NULL);
	assert_int_equal(got.status, 200);
	big = NULL;
}

static void test_session_ended_elsewhere(void **state)
{
	char cookie[1024];
	int64_t began_s = moment.now_s;

	(void)state;
	ask("POST", "/start", NULL);
	snprintf(cookie, sizeof cookie, "%s", kept("session"));
	for (int age_s = 0; age_s <= 700; age_s += 700) { /* with and without a renewal before */
		moment.now_s = began_s + age_s;
		assert_string_equal(ask("POST", "/leave", cookie), "gone");
		assert_string_equal(kept("session"), "Cookie: session=\n");
		assert_null(strstr(strstr(got.headers, "Vary") + 1, "Vary"));
	}
	moment.now_s = began_s;
}

/* It would be no session when it comes back. */
static void test_session_that_breaks_a_rule(void **state)
{
	(void)state;
	big = "";
	assert_non_null(strstr(ask("POST", "/start", NULL), "refused"));
	assert_null(kept("session"));
	big = NULL;
}

/* --- let in by a session --- */

#define OWN        "Host: s.example\nOrigin: http://s.example\n"
#define APP        "Host: s.example\nOrigin: https://app.example\n"
#define EVIL       "Host: s.example\nOrigin: https://evil.example\n"
#define SITE(site) "Sec-Fetch-Site: " site "\n"

static void test_scheme(void **state)
{
	static const struct {
		const char *method, *more;
		int status;
	} cases[] = {
		{ "GET", "", 200 },
		{ "POST", "", 200 },
		{ "POST", OWN, 200 },
		{ "POST", "Host: s.example:80\nOrigin: http://s.example\n", 200 },
		{ "POST", "Host: s.example\nOrigin: http://s.example:81\n", 403 },
		{ "POST", APP, 200 },
		{ "POST", APP SITE("cross-site"), 200 },
		{ "POST", EVIL, 403 },
		{ "GET", EVIL, 200 },
		{ "GET", SITE("cross-site"), 200 },
		{ "POST", SITE("cross-site"), 403 },
		{ "POST", SITE("same-site"), 403 },
		{ "POST", SITE("same-origin"), 200 },
		{ "POST", SITE("none"), 200 },
		{ "POST", OWN SITE("cross-site"), 403 },
		{ "POST", EVIL SITE("same-origin"), 200 }, /* what the browser says of itself */
		{ "POST", "Origin: null\n", 403 },
	};
	char cookie[1024], headers[2048];

	(void)state;
	ask("GET", "/members", NULL);
	assert_int_equal(got.status, 401);
	assert_non_null(strstr(got.headers, "WWW-Authenticate: Session realm=\"s\"\n"));
	ask("POST", "/start", NULL);
	snprintf(cookie, sizeof cookie, "%s", kept("session"));
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		snprintf(headers, sizeof headers, "%s%s", cookie, cases[i].more);
		const char *body = ask(cases[i].method, "/members", headers);
		if (got.status != cases[i].status)
			fail_msg("%s %s: %d", cases[i].method, cases[i].more, got.status);
		if (cases[i].status == 200)
			assert_string_equal(body, "7");
	}
	ask("POST", "/members", EVIL); /* without the cookie it is as anybody's */
	assert_int_equal(got.status, 401);
	ask("POST", "/change", cookie);
	ask("GET", "/members", kept("session"));
	assert_int_equal(got.status, 401);
}

/* Nor does a page of another origin log anybody in, or out. */
static void test_other_pages(void **state)
{
	static const struct {
		const char *method, *target, *more;
		int status;
	} cases[] = {
		{ "POST", "/start", EVIL, 403 },
		{ "POST", "/start", "Origin: null\n", 403 },
		{ "POST", "/start", SITE("cross-site"), 403 },
		{ "POST", "/start", SITE("same-site"), 403 },
		{ "POST", "/start", SITE("same-origin"), 200 },
		{ "POST", "/start", OWN, 200 },
		{ "POST", "/start", APP, 403 },
		{ "POST", "/trusting/start", APP, 200 },
		{ "POST", "/trusting/start", APP SITE("cross-site"), 200 },
		{ "POST", "/trusting/start", EVIL, 403 },
		{ "GET", "/trusting/start", EVIL, 200 }, /* a link */
		{ "POST", "/change", EVIL, 403 },
		{ "POST", "/change", OWN, 200 },
		{ "POST", "/end", EVIL, 403 },
		{ "POST", "/end", OWN, 200 },
		{ "POST", "/posted", EVIL, 200 }, /* .of_any_page */
		{ "POST", "/posted", "Origin: null\n", 200 },
		{ "GET", "/look", EVIL, 200 },
	};
	char cookie[1024], headers[2048];

	(void)state;
	ask("POST", "/start", NULL);
	snprintf(cookie, sizeof cookie, "%s", kept("session"));
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		snprintf(headers, sizeof headers, "%s%s", cookie, cases[i].more);
		const char *body = ask(cases[i].method, cases[i].target, headers);
		if (got.status != cases[i].status)
			fail_msg("%s %s: %d: %s", cases[i].target, cases[i].more, got.status, body);
		if (kept("session"))
			snprintf(cookie, sizeof cookie, "%s", kept("session"));
		if (got.status != 403)
			continue;
		assert_null(strstr(got.headers, "Set-Cookie"));
		assert_non_null(strstr(body, "a page of another origin has sent this"));
	}
}

static void test_late(void **state)
{
	char cookie[1024];

	(void)state;
	ask("POST", "/start", NULL);
	snprintf(cookie, sizeof cookie, "%s", kept("session"));
	assert_string_equal(ask("GET", "/late", cookie), "late");
	assert_int_equal(got.status, 200);
}

/* A handler that is called by a test. */
static void test_without_request(void **state)
{
	struct moment alone;
	const struct visit *visit;

	(void)state;
	moment_begin(&alone, &service, 1000, 0);
	assert_null(cor_session(alone.ctx, &visits, visit_schema));
	assert_int_equal(
		cor_session_start(alone.ctx, &visits, visit_schema, &(struct visit){ .user = 3 }),
		0);
	visit = cor_session(alone.ctx, &visits, visit_schema);
	assert_int_equal(visit->user, 3);
	assert_int_equal(cor_session_end(alone.ctx, &visits), 0);
	assert_null(cor_session(alone.ctx, &visits, visit_schema));
	assert_int_equal(cor_cookie_set(alone.ctx, &own_cookie, COR_STR("x")), 0);
	moment_end(&alone);
}

int main(int argc, char **argv)
{
	(void)argv;
	is_cached = argc > 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mounted_paths),
		cmocka_unit_test(test_rows_in),
		cmocka_unit_test(test_rows_out),
		cmocka_unit_test(test_sealed_rows),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_session),
		cmocka_unit_test(test_session_ends),
		cmocka_unit_test(test_session_too_large),
		cmocka_unit_test(test_session_ended_elsewhere),
		cmocka_unit_test(test_session_that_breaks_a_rule),
		cmocka_unit_test(test_scheme),
		cmocka_unit_test(test_other_pages),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_without_request),
	};

	return cmocka_run_group_tests(tests, open_service, close_service);
}
