/* SPDX-License-Identifier: MIT */
/* What a jar keeps, for whom, and how calls use it. */
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/cookie_jar.h>
#include <coracle/error.h>

#include "client/cookie_jar.h"
#include "stage.h"

/* What is shown to a URL; "" for nothing. */
static const char *shown(struct stage *stage, struct cor_cookie_jar *jar, const char *url)
{
	struct cor_arena *arena = cor_ctx_arena(stage->ctx);
	struct cor_url parsed;
	const char *why, *value = NULL;

	assert_int_equal(cor_url_parse(arena, cor_str(url), &parsed, &why), 0);
	assert_int_equal(cor_jar_show(jar, &parsed, NULL, arena, &value), 0);
	return value ? value : "";
}

static const struct {
	const char *from;
	const char *set_cookie; /* NULL: a jar of its own begins */
	const char *to;         /* NULL: it is refused */
	const char *shown;
} rules[] = {
	/* hosts: sections 5.1.3 and 5.7 */
	{ "http://a.example/", "a=1", "http://a.example:81/", "a=1" },
	{ "http://a.example/", "a=1", "http://A.Example/", "a=1" },
	{ "http://a.example/", "a=1", "http://b.a.example/", "" },
	{ "http://a.example/", "a=1", "http://example/", "" },
	{ "http://a.example/", "a=1; Domain=a.example", "http://b.a.example/", "a=1" },
	{ "http://a.example/", "a=1; Domain=.A.EXAMPLE", "http://b.a.example/", "a=1" },
	{ "http://b.a.example/", "a=1; Domain=a.example", "http://a.example/", "a=1" },
	{ "http://b.a.example/", "a=1; Domain=a.example", "http://ba.example/", "" },
	{ "http://a.example/", "a=1; Domain=b.a.example", NULL, "" },
	{ "http://a.example/", "a=1; Domain=b.example", NULL, "" },
	{ "http://ba.example/", "a=1; Domain=a.example", NULL, "" },
	{ "http://a.example/", "a=1; Domain=example", NULL, "" }, /* of one label */
	{ "http://a.example/", "a=1; Domain=example.", NULL, "" },
	{ "http://shop/", "a=1; Domain=shop", "http://shop/", "a=1" },
	{ "http://shop/", "a=1; Domain=shop", "http://a.shop/", "" },
	{ "http://127.0.0.1/", "a=1; Domain=127.0.0.1", "http://127.0.0.1:8080/", "a=1" },
	{ "http://127.0.0.1/", "a=1; Domain=0.0.1", NULL, "" },
	{ "http://[::1]/", "a=1", "http://[::1]/", "a=1" },
	{ "http://unix:/run/a.sock", "a=1", "http://unix:/run/a.sock", "a=1" },
	{ "http://unix:/run/a.sock", "a=1", "http://unix:/run/b.sock", "" },
	{ "http://unix:/run/a.sock", "a=1", "http://localhost/", "" },
	{ "http://unix:/run/a.sock", "a=1; Domain=localhost", NULL, "" },
	/* paths: section 5.1.4 */
	{ "http://a.example/x/y", "a=1", "http://a.example/x/z", "a=1" },
	{ "http://a.example/x/y", "a=1", "http://a.example/x", "a=1" },
	{ "http://a.example/x/y", "a=1", "http://a.example/xy", "" },
	{ "http://a.example/x/y", "a=1", "http://a.example/", "" },
	{ "http://a.example/x", "a=1", "http://a.example/z", "a=1" },
	{ "http://a.example/x", "a=1; Path=/y", "http://a.example/y/z?q", "a=1" },
	{ "http://a.example/x", "a=1; Path=/y/", "http://a.example/y", "" },
	{ "http://a.example/x/y", "a=1; Path=y", "http://a.example/x/", "a=1" },
	/* Secure, and what names promise */
	{ "https://a.example/", "a=1; Secure", "https://a.example/", "a=1" },
	{ "https://a.example/", "a=1; Secure", "http://a.example/", "" },
	{ "https://a.example/", "a=1", "http://a.example/", "a=1" },
	{ "http://a.example/", "a=1; Secure", NULL, "" },
	{ "https://a.example/", "__Secure-a=1; Secure", "https://a.example/", "__Secure-a=1" },
	{ "https://a.example/", "__secure-a=1", NULL, "" },
	{ "https://a.example/x", "__Host-a=1; Secure; Path=/", "https://a.example/", "__Host-a=1" },
	{ "https://a.example/", "__Host-a=1; Secure", NULL, "" },
	{ "https://a.example/", "__Host-a=1; Path=/", NULL, "" },
	{ "https://a.example/", "__Host-a=1; Secure; Path=/; Domain=a.example", NULL, "" },
	{ "https://a.example/", "=__Host-a=1; Secure; Path=/", NULL, "" },
	{ "https://a.example/", "__Host-a; Secure; Path=/", NULL, "" },
	/* the rest */
	{ "http://a.example/", "a", "http://a.example/", "a" },
	{ "http://a.example/", "a=", "http://a.example/", "a=" },
	{ "http://a.example/", "a=1; Max-Age=0", "http://a.example/", "" },
	{ "http://a.example/", "", NULL, "" },
};

static void test_rules(void **state)
{
	struct stage *stage = *state;

	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		struct cor_cookie_jar *jar;
		print_message("# %s: %s\n", rules[i].from, rules[i].set_cookie);
		assert_int_equal(cor_cookie_jar_create(&jar), 0);
		assert_int_equal(cor_cookie_jar_set(jar, rules[i].from, rules[i].set_cookie),
			rules[i].to ? 0 : -COR_EINVALID);
		if (rules[i].to)
			assert_string_equal(shown(stage, jar, rules[i].to), rules[i].shown);
		else
			assert_string_equal(
				cor_cookie_jar_list(stage->ctx, jar)->name ? "kept" : "", "");
		cor_cookie_jar_destroy(jar);
	}
}

static struct cor_cookie_jar *jar_of(const char *const *set, const char *url)
{
	struct cor_cookie_jar *jar;

	assert_int_equal(cor_cookie_jar_create(&jar), 0);
	for (; *set; set++)
		assert_int_equal(cor_cookie_jar_set(jar, url, *set), 0);
	return jar;
}

static void test_one_takes_the_place_of_another(void **state)
{
	static const char *const set[] = { "a=1", "b=2", "a=3", "A=4", "a=5; Path=/x",
		"a=6; Domain=s.example", NULL };
	struct stage *stage = *state;
	struct cor_cookie_jar *jar = jar_of(set, "http://s.example/");

	/* longer paths first, then in the order in which they were made */
	assert_string_equal(shown(stage, jar, "http://s.example/x"), "a=5; a=3; b=2; A=4; a=6");
	assert_int_equal(cor_cookie_jar_set(jar, "http://s.example/", "a=; Max-Age=-1"), 0);
	assert_string_equal(shown(stage, jar, "http://s.example/x"), "a=5; b=2; A=4; a=6");
	cor_cookie_jar_clear(jar);
	assert_string_equal(shown(stage, jar, "http://s.example/x"), "");
	cor_cookie_jar_destroy(jar);
}

static void test_plain_http_hides_no_secure_cookie(void **state)
{
	static const char *const set[] = { "a=1; Secure; Domain=s.example; Path=/x", NULL };
	static const struct {
		const char *url, *set_cookie;
		int rc;
	} tries[] = {
		{ "http://s.example/", "a=2; Path=/x", -COR_EINVALID },
		{ "http://s.example/", "a=2; Path=/x/y", -COR_EINVALID },
		{ "http://b.s.example/", "a=2; Path=/x", -COR_EINVALID },
		{ "http://s.example/", "a=2; Path=/", 0 },
		{ "http://s.example/", "b=2; Path=/x", 0 },
		{ "https://s.example/", "a=2; Path=/x", 0 },
	};
	struct stage *stage = *state;
	struct cor_cookie_jar *jar = jar_of(set, "https://s.example/");

	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++)
		assert_int_equal(
			cor_cookie_jar_set(jar, tries[i].url, tries[i].set_cookie), tries[i].rc);
	assert_string_equal(shown(stage, jar, "https://s.example/x"), "a=1; b=2; a=2; a=2");
	cor_cookie_jar_destroy(jar);
}

static void test_they_end(void **state)
{
	static const char *const set[] = { "a=1; Max-Age=60", "b=2", "c=3; Max-Age=99999999",
		NULL };
	struct stage *stage = *state;
	struct cor_cookie_jar *jar = jar_of(set, "http://s/");

	stage->now_ns += INT64_C(59) * 1000000000;
	assert_string_equal(shown(stage, jar, "http://s/"), "a=1; b=2; c=3");
	stage->now_ns += INT64_C(1) * 1000000000;
	assert_string_equal(shown(stage, jar, "http://s/"), "b=2; c=3");
	const struct cor_jar_cookie *list = cor_cookie_jar_list(stage->ctx, jar);
	assert_string_equal(list[0].name, "b");
	assert_string_equal(list[0].value, "2");
	assert_string_equal(list[0].domain, "s");
	assert_string_equal(list[0].path, "/");
	assert_true(list[0].is_host_only && !list[0].is_secure);
	assert_true(list[0].expires_s == COR_JAR_COOKIE_ENDLESS);
	assert_true(list[1].expires_s < COR_JAR_COOKIE_ENDLESS);
	assert_null(list[2].name);
	stage->now_ns += INT64_C(400) * 24 * 3600 * 1000000000; /* the longest that is kept */
	assert_string_equal(shown(stage, jar, "http://s/"), "b=2");
	cor_cookie_jar_destroy(jar);
}

/* --- limits --- */

static void fill(struct cor_cookie_jar *jar, const char *host, int from, int to, size_t bytes)
{
	char *text = calloc(1, bytes + 100), url[100];

	assert_non_null(text);
	snprintf(url, sizeof url, "http://%s/", host);
	for (int i = from; i < to; i++) {
		int len = snprintf(text, 100, "n%d=", i);
		memset(text + len, 'x', bytes);
		assert_int_equal(cor_cookie_jar_set(jar, url, text), 0);
	}
	free(text);
}

static size_t count(struct stage *stage, struct cor_cookie_jar *jar)
{
	const struct cor_jar_cookie *list = cor_cookie_jar_list(stage->ctx, jar);
	size_t len = 0;

	while (list[len].name)
		len++;
	return len;
}

static void test_limits(void **state)
{
	static const char *const set[] = { "first=1; Secure", NULL };
	struct stage *stage = *state;
	struct cor_cookie_jar *jar = jar_of(set, "https://s/");

	fill(jar, "s", 0, 40, 1);
	assert_non_null(strstr(shown(stage, jar, "http://s/"), "n0=x;")); /* it was used */
	fill(jar, "s", 40, 100, 1);
	assert_int_equal(count(stage, jar), COR_COOKIE_JAR_HOST_MAX);
	assert_string_equal(cor_cookie_jar_list(stage->ctx, jar)->name, "first"); /* is Secure */
	fill(jar, "t", 0, 50, 4000);
	assert_true(strlen(shown(stage, jar, "http://t/")) <= COR_COOKIE_HEADER_BYTES);
	for (int i = 0; i < 100; i++) {
		char host[20];
		snprintf(host, sizeof host, "h%d", i);
		fill(jar, host, 0, 50, 1);
	}
	assert_true(count(stage, jar) == COR_COOKIE_JAR_MAX);
	cor_cookie_jar_clear(jar);
	for (int i = 0; i < 20; i++) {
		char host[20];
		snprintf(host, sizeof host, "h%d", i);
		fill(jar, host, 0, 50, 4000);
	}
	size_t len = count(stage, jar);
	assert_true(len * 4000 < COR_COOKIE_JAR_BYTES && len * 4500 > COR_COOKIE_JAR_BYTES);
	cor_cookie_jar_destroy(jar);
}

static void *use(void *arg)
{
	struct cor_cookie_jar *jar = arg;

	for (int i = 0; i < 20; i++)
		fill(jar, "s", 0, 60, 10);
	return NULL;
}

static void test_several_threads(void **state)
{
	struct stage *stage = *state;
	struct cor_cookie_jar *jar;
	pthread_t threads[3];

	assert_int_equal(cor_cookie_jar_create(&jar), 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, use, jar), 0);
	for (int i = 0; i < 100; i++)
		(void)shown(stage, jar, "http://s/");
	for (size_t i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(count(stage, jar), COR_COOKIE_JAR_HOST_MAX);
	cor_cookie_jar_destroy(jar);
}

/* --- in calls --- */

#define GET(...)  cor_http_get(stage->ctx, &prices, COR_NONE, NULL, __VA_ARGS__)
#define SETS(...) .headers = COR_HTTP_FIELDS(__VA_ARGS__)

static const char *cookie(struct stage *stage, size_t i)
{
	const char *value = cor_script_header(stage_call(stage, i), "Cookie");

	return value ? value : "";
}

/* requests: what is set by a redirect is sent with the next request, each by its own rules. */
static void test_redirects(void **state)
{
	struct stage *stage = *state;
	struct cor_cookie_jar *jar;
	const struct question question = { .shelf = "s", .tenant = "t", .session = "own" };

	assert_int_equal(cor_cookie_jar_create(&jar), 0);
	stage_line(stage, &(struct cor_scripted){ .status = 302,
				  SETS({ "Location", "/v1/w" }, { "Set-Cookie", "a=1" },
					  { "set-cookie", "session=theirs" }) });
	stage_line(stage,
		&(struct cor_scripted){ .status = 302,
			SETS({ "Location", "http://other/" }, { "Set-Cookie", "b=2; Path=/" }) });
	stage_line(stage, &(struct cor_scripted){ .status = 302,
				  SETS({ "Location", "https://prices/v1/" },
					  { "Set-Cookie", "c=3; Domain=prices" }) });
	stage_line(stage, &(struct cor_scripted){ .times = 2 });
	assert_int_equal(
		GET(COR_PATH("/{shelf}"), .jar = jar, .in = COR_VALUE(question_schema, &question)),
		0);
	assert_string_equal(cookie(stage, 0), "session=own");
	assert_string_equal(cookie(stage, 1), "session=own; a=1");
	assert_string_equal(cookie(stage, 2), "");
	assert_string_equal(cookie(stage, 3), "a=1; session=theirs; b=2");
	/* what a call has itself is not kept; without the jar nothing is sent */
	assert_int_equal(GET(COR_PATH("/")), 0);
	assert_string_equal(cookie(stage, 4), "");
	assert_int_equal(count(stage, jar), 3);
	cor_cookie_jar_destroy(jar);
}

static void test_retries_and_failures(void **state)
{
	struct stage *stage = *state;
	struct cor_cookie_jar *jar;
	struct cor_answer *answer;

	assert_int_equal(cor_cookie_jar_create(&jar), 0);
	stage_line(stage, &(struct cor_scripted){ .status = 503, SETS({ "Set-Cookie", "a=1" }) });
	stage_line(stage, &(struct cor_scripted){ .status = 404, SETS({ "Set-Cookie", "b=2" }) });
	stage_line(stage, &(struct cor_scripted){ .times = 2 });
	assert_int_equal(GET(COR_PATH("/"), .jar = jar), -COR_ESTATUS);
	assert_string_equal(cookie(stage, 1), "a=1");
	assert_null(strstr(cor_http_failure(stage->ctx)->text, "a=1"));
	assert_int_equal(cor_http_open(stage->ctx, &prices, &answer, COR_PATH("/"), .jar = jar,
				 .headers = COR_HTTP_FIELDS({ "Cookie", "b=mine; x=y" })),
		0);
	cor_answer_close(answer);
	assert_string_equal(cookie(stage, 2), "b=mine; x=y; a=1");
	assert_int_equal(GET(COR_PATH("/"), .jar = jar), 0);
	assert_string_equal(cookie(stage, 3), "a=1; b=2");
	cor_cookie_jar_destroy(jar);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rules),
		TEST(test_one_takes_the_place_of_another),
		TEST(test_plain_http_hides_no_secure_cookie),
		TEST(test_they_end),
		TEST(test_limits),
		TEST(test_several_threads),
		TEST(test_redirects),
		TEST(test_retries_and_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
