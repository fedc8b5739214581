/* SPDX-License-Identifier: MIT */
/*
 * The basket as a browser sees it, without a socket and in no time:
 *
 *     cc basket.c test/test_basket.c -o test_basket \
 *             $(pkg-config --cflags --libs coracle-testing coracle-crypto)
 *     ./test_basket
 */
#include <coracle/testing.h>

#include "../basket.h"

static void log_in(struct cor_test *t)
{
	cor_test_call(t, .method = "POST", .path = COR_PATH("/session"), .form = "name=Ada");
}

static void put(struct cor_test *t, const char *json)
{
	cor_test_call(t, .method = "POST", .path = COR_PATH("/basket"), .json = json);
}

static void a_stranger_has_no_basket(struct cor_test *t)
{
	const struct cor_test_answer answer = cor_test_get_problem(t, "/basket", 401, NULL);

	cor_expect_equal(
		t, cor_test_header(&answer, "WWW-Authenticate"), "Session realm=\"basket\"");
	/* That its keys are made up is nothing to warn of: they end with the test. */
	cor_expect_not_logged(t, "--cookie-keys");
}

static void a_basket_is_carried_in_a_cookie(struct cor_test *t)
{
	struct basket basket;

	log_in(t);
	put(t, "{\"title\":\"Emma\"}");
	put(t, "{\"title\":\"Middlemarch\"}");
	cor_test_get(t, "/basket", basket_schema, &basket);
	cor_expect_equal(t, basket.owner, "Ada");
	cor_require_equal(t, basket.titles.len, 2);
	cor_expect_equal(t, basket.titles.items[0], "Emma");
	cor_expect_equal(t, basket.titles.items[1], "Middlemarch");
}

static void another_browser_has_another_basket(struct cor_test *t)
{
	log_in(t);
	cor_test_get_problem(t, "/basket", 401, NULL, .cookies = COR_TEST_NO_COOKIES);
}

static void a_basket_is_full_at_some_time(struct cor_test *t)
{
	log_in(t);
	for (int i = 0; i < TITLES_MAX; i++)
		put(t, "{\"title\":\"Emma\"}");
	cor_test_problem(t, 409, "the basket is full: it holds 20", .method = "POST",
		.path = COR_PATH("/basket"), .json = "{\"title\":\"one more\"}");
}

static void an_idle_hour_ends_the_session(struct cor_test *t)
{
	struct basket basket;

	log_in(t);
	cor_test_pass_ms(t, 3599000);
	cor_test_get(t, "/basket", basket_schema, &basket);
	cor_test_pass_ms(t, 3600000);
	cor_test_get_problem(t, "/basket", 401, NULL);
}

static void who_logs_out_is_a_stranger(struct cor_test *t)
{
	log_in(t);
	cor_test_delete(t, "/session");
	cor_test_get_problem(t, "/basket", 401, NULL);
}

static void a_name_is_needed(struct cor_test *t)
{
	cor_test_violation(t, "/name", "at least 1", .method = "POST", .path = COR_PATH("/session"),
		.json = "{\"name\":\"\"}");
}

static const struct cor_case cases[] = {
	COR_CASE(a_stranger_has_no_basket),
	COR_CASE(a_basket_is_carried_in_a_cookie),
	COR_CASE(another_browser_has_another_basket),
	COR_CASE(a_basket_is_full_at_some_time),
	COR_CASE(an_idle_hour_ends_the_session),
	COR_CASE(who_logs_out_is_a_stranger),
	COR_CASE(a_name_is_needed),
};

int main(int argc, char **argv)
{
	return cor_test_main(
		argc, argv, &(struct cor_suite){ .service = &basket_service, COR_CASES(cases) });
}
