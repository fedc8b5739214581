/* SPDX-License-Identifier: MIT */
/* Equal GETs at the same time: one request, and what each caller makes of the answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/error.h>
#include <coracle/fiber.h>
#include <coracle/group.h>

#include "stage.h"

#define CALLERS 20

struct caller {
	const char *path;
	const char *language; /* NULL: says nothing */
	int64_t after_ms;     /* it begins then */
	int64_t timeout_ms;   /* 0: none of its own */
	struct price price;
	int rc;
	enum cor_failure failure;
};

static int ask(struct cor_ctx *ctx, struct caller *caller)
{
	const struct cor_http_field fields[] = { { "Accept-Language", caller->language },
		{ NULL, NULL } };
	struct cor_scope scope;

	cor_ignore(cor_sleep_ms(caller->after_ms));
	cor_scope_enter(&scope, caller->timeout_ms ? caller->timeout_ms : COR_FOREVER);
	caller->rc = cor_http_get(ctx, &shared, price_schema, &caller->price,
		COR_PATH_AS_IS(caller->path ? caller->path : "/p"),
		.headers = caller->language ? fields : NULL);
	cor_scope_leave(&scope);
	caller->failure = caller->rc < 0 ? cor_http_failure(ctx)->kind : COR_FAILED_NOT;
	return 0;
}

static void ask_all(struct stage *stage, struct caller *callers, size_t len)
{
	struct cor_group group;

	cor_group_begin(&group, stage->ctx, COR_ALL);
	for (size_t i = 0; i < len; i++)
		cor_group_start(&group, ask, &callers[i]);
	assert_int_equal(cor_group_wait(&group), 0);
}

/* --- one for all --- */

static void be_one(struct stage *stage)
{
	struct caller callers[CALLERS] = { 0 };

	for (size_t i = 0; i < CALLERS; i++)
		callers[i].after_ms = (int64_t)i;
	stage_line(stage, &(struct cor_scripted){ .head_ms = 100,
				  .piece_bytes = 3,
				  .piece_ms = 1,
				  .body = "{\"cents\":7,\"currency\":\"CHF\"}",
				  .headers = COR_HTTP_FIELDS({ "ETag", "\"a\"" }) });
	ask_all(stage, callers, CALLERS);
	assert_int_equal(cor_script_len(stage->script), 1);
	for (size_t i = 0; i < CALLERS; i++) {
		assert_int_equal(callers[i].rc, 0);
		assert_int_equal(callers[i].price.cents, 7);
		assert_string_equal(callers[i].price.currency, "CHF");
		assert_string_equal(callers[i].price.etag, "\"a\"");
	}
}

static void test_equal_ones_are_one(void **state)
{
	stage_in_fiber(*state, be_one);
}

/* The next one after that is sent again. */
static void be_two(struct stage *stage)
{
	struct caller callers[2] = { { 0 }, { .after_ms = 200 } };

	stage_line(stage, &(struct cor_scripted){ .head_ms = 100, .body = "{\"cents\":1}" });
	stage_line(stage, &(struct cor_scripted){ .head_ms = 100, .body = "{\"cents\":2}" });
	ask_all(stage, callers, 2);
	assert_int_equal(callers[0].price.cents, 1);
	assert_int_equal(callers[1].price.cents, 2);
}

static void test_only_at_the_same_time(void **state)
{
	stage_in_fiber(*state, be_two);
}

static void differ(struct stage *stage)
{
	struct caller callers[] = { { .path = "/a" }, { .path = "/a?b" },
		{ .path = "/a", .language = "de" }, { .path = "/a", .language = "fr" },
		{ .path = "/a", .language = "de" } };

	stage_line(stage,
		&(struct cor_scripted){ .head_ms = 10, .body = "{\"cents\":1}", .times = 10 });
	ask_all(stage, callers, 5);
	assert_int_equal(cor_script_len(stage->script), 4);
}

static void test_what_differs(void **state)
{
	stage_in_fiber(*state, differ);
}

/* --- failures --- */

static void fail_together(struct stage *stage)
{
	static const struct {
		struct cor_scripted line;
		enum cor_failure failure;
	} rows[] = {
		{ { .fault = COR_SCRIPT_REFUSED, .connect_ms = 10 }, COR_FAILED_REFUSED },
		{ { .fault = COR_SCRIPT_RESET, .head_ms = 10 }, COR_FAILED_LOST },
		{ { .fault = COR_SCRIPT_RESET,
			  .body = "{\"cents\":1}",
			  .fails_after = 5,
			  .head_ms = 9 },
			COR_FAILED_LOST },
		{ { .status = 500, .head_ms = 10 }, COR_FAILED_STATUS },
		{ { .body = "[]", .head_ms = 10 }, COR_FAILED_SCHEMA },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct caller callers[3] = { 0 };
		stage_line(stage, &rows[i].line);
		ask_all(stage, callers, 3);
		assert_int_equal(cor_script_len(stage->script), i + 1);
		for (size_t j = 0; j < 3; j++)
			assert_int_equal(callers[j].failure, rows[i].failure);
	}
}

static void test_they_fail_together(void **state)
{
	stage_in_fiber(*state, fail_together);
}

/* One that has no more time, or is cut off, leaves the others: the next of them leads. */
static void leave_early(struct stage *stage)
{
	struct caller callers[4] = { { .timeout_ms = 50 }, { 0 }, { .timeout_ms = 20 }, { 0 } };

	stage_line(stage, &(struct cor_scripted){ .head_ms = 100, .body = "{\"cents\":1}" });
	stage_line(stage, &(struct cor_scripted){ .head_ms = 100, .body = "{\"cents\":2}" });
	ask_all(stage, callers, 4);
	assert_int_equal(callers[0].failure, COR_FAILED_TOTAL_TIMEOUT);
	assert_int_equal(callers[2].failure, COR_FAILED_TOTAL_TIMEOUT);
	assert_int_equal(callers[1].price.cents, 2);
	assert_int_equal(callers[3].price.cents, 2);
	assert_int_equal(cor_script_len(stage->script), 2);
}

static void test_one_that_leaves_leaves_alone(void **state)
{
	stage_in_fiber(*state, leave_early);
}

static void be_too_long(struct stage *stage)
{
	static char body[2000];
	struct caller callers[3] = { 0 };

	memset(body, ' ', sizeof body - 1);
	stage_line(stage, &(struct cor_scripted){ .head_ms = 10, .body = body });
	ask_all(stage, callers, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(callers[i].failure, COR_FAILED_TOO_LARGE);
}

static void test_limits_hold(void **state)
{
	stage_in_fiber(*state, be_too_long);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_equal_ones_are_one, stage_open, stage_close),
		cmocka_unit_test_setup_teardown(
			test_only_at_the_same_time, stage_open, stage_close),
		cmocka_unit_test_setup_teardown(test_what_differs, stage_open, stage_close),
		cmocka_unit_test_setup_teardown(test_they_fail_together, stage_open, stage_close),
		cmocka_unit_test_setup_teardown(
			test_one_that_leaves_leaves_alone, stage_open, stage_close),
		cmocka_unit_test_setup_teardown(test_limits_hold, stage_open, stage_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
