/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "http/precondition.h"

#define THEN   "Sun, 06 Nov 1994 08:49:37 GMT"
#define BEFORE "Sun, 06 Nov 1994 08:49:36 GMT"
#define AFTER  "Sun, 06 Nov 1994 08:49:38 GMT"
#define THEN_S 784111777
#define NOW_S  1700000000

struct condition_case {
	const char *if_match;
	const char *if_unmodified_since;
	const char *if_none_match;
	const char *if_modified_since;
	int get; /* the status; 200: it holds */
	int put;
};

static const struct condition_case cases[] = {
	{ NULL, NULL, NULL, NULL, 200, 200 },
	{ "\"tag\"", NULL, NULL, NULL, 200, 200 },
	{ "\"other\"", NULL, NULL, NULL, 412, 412 },
	{ "\"foo\", \"bar\", \t\"tag\" , \"baz\"", NULL, NULL, NULL, 200, 200 },
	{ "\"a,b\",\"tag\"", NULL, NULL, NULL, 200, 200 },
	{ "*", NULL, NULL, NULL, 200, 200 },
	{ " * ", NULL, NULL, NULL, 200, 200 },
	{ "W/\"tag\"", NULL, NULL, NULL, 412, 412 },
	{ "w/\"tag\"", NULL, NULL, NULL, 412, 412 },
	{ "tag", NULL, NULL, NULL, 412, 412 },
	{ "\"tag", NULL, NULL, NULL, 412, 412 },
	{ "", NULL, NULL, NULL, 412, 412 },
	{ "bad, \"tag\"", NULL, NULL, NULL, 412, 412 },
	{ "\"tag\", bad", NULL, NULL, NULL, 200, 200 },
	{ NULL, THEN, NULL, NULL, 200, 200 },
	{ NULL, AFTER, NULL, NULL, 200, 200 },
	{ NULL, BEFORE, NULL, NULL, 412, 412 },
	{ NULL, "yesterday", NULL, NULL, 200, 200 },
	{ "\"tag\"", BEFORE, NULL, NULL, 200, 200 }, /* If-Match goes before it */
	{ NULL, NULL, "\"tag\"", NULL, 304, 412 },
	{ NULL, NULL, "W/\"tag\"", NULL, 304, 412 },
	{ NULL, NULL, "\"foo\", \"bar\", \"tag\" , \"baz\"", NULL, 304, 412 },
	{ NULL, NULL, "*", NULL, 304, 412 },
	{ NULL, NULL, "\"foo\"", NULL, 200, 200 },
	{ NULL, NULL, "", NULL, 200, 200 },
	{ NULL, NULL, NULL, THEN, 304, 200 },
	{ NULL, NULL, NULL, AFTER, 304, 200 },
	{ NULL, NULL, NULL, BEFORE, 200, 200 },
	{ NULL, NULL, NULL, "Sunday, 06-Nov-94 08:49:37 GMT", 304, 200 },
	{ NULL, NULL, NULL, "Sun Nov  6 08:49:37 1994", 304, 200 },
	{ NULL, NULL, NULL, "Tue, 19 Jan 2038 03:14:08 GMT", 304, 200 },
	{ NULL, NULL, NULL, "Fri, 25 Feb 2174 09:42:23 GMT", 304, 200 },
	{ NULL, NULL, NULL, "0", 200, 200 },
	{ NULL, NULL, "\"foo\"", AFTER, 200, 200 }, /* If-None-Match goes before it */
	{ NULL, NULL, "\"tag\"", BEFORE, 304, 412 },
	{ "\"other\"", NULL, "\"tag\"", NULL, 412, 412 }, /* If-Match is asked first */
	{ NULL, BEFORE, "\"tag\"", NULL, 412, 412 },
	{ "\"tag\"", NULL, "\"tag\"", NULL, 304, 412 },
	{ "\"tag\"", NULL, "\"foo\"", NULL, 200, 200 },
};

static int status_of(enum cor_precondition precondition)
{
	return precondition == COR_NOT_MODIFIED          ? 304
	       : precondition == COR_PRECONDITION_FAILED ? 412
							 : 200;
}

static void test_conditions(void **state)
{
	const struct cor_validators validators = { COR_STR("\"tag\""), THEN_S };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct condition_case *c = &cases[i];
		const struct cor_conditions conditions = {
			cor_str(c->if_match),
			cor_str(c->if_unmodified_since),
			cor_str(c->if_none_match),
			cor_str(c->if_modified_since),
		};
		int get = status_of(cor_precondition_check(&conditions, &validators, true, NOW_S));
		int put = status_of(cor_precondition_check(&conditions, &validators, false, NOW_S));
		if (get != c->get || put != c->put)
			fail_msg("case %zu: GET %d, not %d; PUT %d, not %d", i, get, c->get, put,
				c->put);
	}
}

/* "If-Match: *" wants one, "If-None-Match: *" wants none. */
static void test_nothing_is_there(void **state)
{
	const struct cor_conditions wants_one = { .if_match = COR_STR("*") };
	const struct cor_conditions wants_none = { .if_none_match = COR_STR("*") };
	const struct cor_conditions dated = { .if_unmodified_since = COR_STR(BEFORE) };

	(void)state;
	assert_int_equal(
		cor_precondition_check(&wants_one, NULL, false, NOW_S), COR_PRECONDITION_FAILED);
	assert_int_equal(
		cor_precondition_check(&wants_none, NULL, false, NOW_S), COR_PRECONDITION_HOLDS);
	assert_int_equal(
		cor_precondition_check(&dated, NULL, false, NOW_S), COR_PRECONDITION_HOLDS);
}

static void test_weak_and_unknown(void **state)
{
	const struct cor_validators weak = { COR_STR("W/\"tag\""), -1 };
	const struct cor_conditions match = { .if_match = COR_STR("W/\"tag\"") };
	const struct cor_conditions none_match = { .if_none_match = COR_STR("\"tag\"") };
	const struct cor_conditions modified = { .if_modified_since = COR_STR(AFTER) };
	const struct cor_validators untagged = { .modified_s = THEN_S };

	(void)state;
	assert_int_equal(
		cor_precondition_check(&match, &weak, true, NOW_S), COR_PRECONDITION_FAILED);
	assert_int_equal(cor_precondition_check(&none_match, &weak, true, NOW_S), COR_NOT_MODIFIED);
	assert_int_equal(
		cor_precondition_check(&modified, &weak, true, NOW_S), COR_PRECONDITION_HOLDS);
	assert_int_equal(cor_precondition_check(&none_match, &untagged, true, NOW_S),
		COR_PRECONDITION_HOLDS);
}

static bool if_range(const char *value, int64_t now_s)
{
	const struct cor_validators validators = { COR_STR("\"tag\""), THEN_S };

	return cor_if_range_holds(cor_str(value), &validators, now_s);
}

static void test_if_range(void **state)
{
	const struct cor_validators weak = { COR_STR("W/\"tag\""), THEN_S };

	(void)state;
	assert_true(if_range("\"tag\"", NOW_S));
	assert_true(if_range(THEN, NOW_S));
	assert_false(if_range(THEN, THEN_S)); /* it may have changed twice in that second */
	assert_false(if_range(BEFORE, NOW_S));
	assert_false(if_range(AFTER, NOW_S));
	assert_false(if_range("W/\"tag\"", NOW_S));
	assert_false(if_range("\"other\"", NOW_S));
	assert_false(if_range("\"tag\", \"tag\"", NOW_S));
	assert_false(if_range("*", NOW_S));
	assert_false(if_range("wrong", NOW_S));
	assert_false(if_range("", NOW_S));
	assert_false(cor_if_range_holds(COR_STR("W/\"tag\""), &weak, NOW_S));
	assert_false(cor_if_range_holds(COR_STR("\"tag\""), &weak, NOW_S));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_nothing_is_there),
		cmocka_unit_test(test_weak_and_unknown),
		cmocka_unit_test(test_if_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
