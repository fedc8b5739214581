/* SPDX-License-Identifier: MIT */
/* Hedged calls: the second request, who wins, and what it costs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/error.h>
#include <coracle/fiber.h>

#include "client/latency.h"
#include "stage.h"

#define ANSWERS .times = COR_SCRIPT_ALWAYS

static const struct cor_script_call *last(const struct stage *stage, size_t back)
{
	return stage_call(stage, cor_script_len(stage->script) - 1 - back);
}

static int64_t left_ms(const struct cor_script_call *call)
{
	const char *text = cor_script_header(call, "X-Left-Ms");

	assert_non_null(text);
	return strtol(text, NULL, 10);
}

/* --- who wins --- */

static void let_the_second_win(struct stage *stage)
{
	struct price price;

	int64_t began_ms = stage_ms(stage);
	size_t len = cor_script_len(stage->script);
	stage_line(stage, &(struct cor_scripted){ .head_ms = 1000, .body = "{\"cents\":1}" });
	stage_line(stage, &(struct cor_scripted){ .head_ms = 20, .body = "{\"cents\":2}" });
	assert_int_equal(
		cor_http_get(stage->ctx, &hedged, price_schema, &price, COR_PATH("/p")), 0);
	assert_int_equal(price.cents, 2);
	assert_int_equal(stage_ms(stage) - began_ms, 70);
	assert_int_equal(cor_script_len(stage->script), len + 2);
	assert_string_not_equal(last(stage, 0)->upstream, last(stage, 1)->upstream);
	assert_string_equal(last(stage, 0)->path, last(stage, 1)->path);
	assert_int_equal(left_ms(last(stage, 1)) - left_ms(last(stage, 0)), 50);
}

static void test_the_second_wins(void **state)
{
	stage_in_fiber(*state, let_the_second_win);
}

static void let_the_first_win(struct stage *stage)
{
	struct price price;

	int64_t began_ms = stage_ms(stage);
	stage_line(stage, &(struct cor_scripted){ .head_ms = 60, .body = "{\"cents\":1}" });
	stage_line(stage, &(struct cor_scripted){ .head_ms = 1000, .body = "{\"cents\":2}" });
	assert_int_equal(
		cor_http_get(stage->ctx, &hedged, price_schema, &price, COR_PATH("/p")), 0);
	assert_int_equal(price.cents, 1);
	assert_int_equal(stage_ms(stage) - began_ms, 60);
}

static void test_the_first_wins(void **state)
{
	stage_in_fiber(*state, let_the_first_win);
}

/* What loses because its server is down is no answer: the other is waited for. */
static void let_one_fail(struct stage *stage)
{
	static const struct cor_scripted refused = { .fault = COR_SCRIPT_REFUSED };
	struct price price;

	for (int fails = 0; fails < 2; fails++) {
		const struct cor_scripted first = {
			.head_ms = fails == 0 ? 80 : 100,
			.fault = fails == 0 ? COR_SCRIPT_RESET : COR_SCRIPT_WHOLE,
			.body = "{\"cents\":1}",
		};
		stage_line(stage, &first);
		stage_line(stage, fails == 0 ? &(struct cor_scripted){ .head_ms = 60,
						       .body = "{\"cents\":2}" }
					     : &refused);
		assert_int_equal(
			cor_http_get(stage->ctx, &hedged, price_schema, &price, COR_PATH("/p")), 0);
		assert_int_equal(price.cents, fails == 0 ? 2 : 1);
	}
}

static void test_one_fails(void **state)
{
	stage_in_fiber(*state, let_one_fail);
}

static void let_both_fail(struct stage *stage)
{
	stage_line(stage, &(struct cor_scripted){ .head_ms = 80, .fault = COR_SCRIPT_RESET });
	stage_line(stage, &(struct cor_scripted){ .fault = COR_SCRIPT_REFUSED });
	assert_int_equal(
		cor_http_get(stage->ctx, &hedged, COR_NONE, NULL, COR_PATH("/p")), -ECONNRESET);
	assert_int_equal(stage_failure(stage), COR_FAILED_LOST);
	assert_int_equal(cor_http_failure(stage->ctx)->attempts, 2);
}

static void test_both_fail(void **state)
{
	stage_in_fiber(*state, let_both_fail);
}

/* --- when there is no second --- */

static void send_no_second(struct stage *stage)
{
	static const struct cor_scripted slow = { .head_ms = 200, ANSWERS };
	size_t len;

	stage_line(stage, &slow);
	len = cor_script_len(stage->script);
	assert_int_equal(cor_http_post(stage->ctx, &hedged, COR_NONE, NULL, COR_PATH("/p")), 0);
	assert_int_equal(cor_script_len(stage->script), len + 1); /* it may do harm */
	assert_int_equal(cor_http_post(stage->ctx, &hedged, COR_NONE, NULL, COR_PATH("/p"),
				 .repeats = COR_REPEATABLE),
		0);
	assert_int_equal(cor_script_len(stage->script), len + 3);
}

static void test_no_second_that_may_do_harm(void **state)
{
	stage_in_fiber(*state, send_no_second);
}

/* A tenth of the calls, whatever happens. */
static void spend_the_budget(struct stage *stage)
{
	stage_line(stage, &(struct cor_scripted){ .head_ms = 200, ANSWERS });
	for (int i = 0; i < 1000; i++)
		assert_int_equal(
			cor_http_get(stage->ctx, &hedged, COR_NONE, NULL, COR_PATH("/p")), 0);
	assert_in_range(cor_script_len(stage->script), 1100, 1110); /* ten are saved up at first */
}

static void test_no_more_than_a_tenth(void **state)
{
	stage_in_fiber(*state, spend_the_budget);
}

static void test_none_outside_of_a_fiber(void **state)
{
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ .head_ms = 200 });
	assert_int_equal(cor_http_get(stage->ctx, &hedged, COR_NONE, NULL, COR_PATH("/p")), 0);
	assert_int_equal(cor_script_len(stage->script), 1);
}

/* Else each call would begin at the same of two targets. */
static void take_turns(struct stage *stage)
{
	size_t first[2] = { 0, 0 };

	stage_line(stage, &(struct cor_scripted){ .upstream = "a:81", .head_ms = 300, ANSWERS });
	stage_line(stage, &(struct cor_scripted){ .upstream = "b:82", ANSWERS });
	for (int i = 0; i < 4; i++) {
		size_t len = cor_script_len(stage->script);
		assert_int_equal(
			cor_http_get(stage->ctx, &hedged, COR_NONE, NULL, COR_PATH("/p")), 0);
		first[strcmp(stage_call(stage, len)->upstream, "b:82") == 0]++;
	}
	assert_int_equal(first[0], 2);
	assert_int_equal(first[1], 2);
}

static void test_a_hedge_takes_no_turn(void **state)
{
	stage_in_fiber(*state, take_turns);
}

/* --- how it ends early --- */

static void run_out_of_time(struct stage *stage)
{
	struct cor_scope scope;

	stage_line(stage, &(struct cor_scripted){ .fault = COR_SCRIPT_SILENT, ANSWERS });
	cor_scope_enter(&scope, 120);
	assert_int_equal(
		cor_http_get(stage->ctx, &hedged, COR_NONE, NULL, COR_PATH("/p")), -ETIMEDOUT);
	cor_scope_leave(&scope);
	assert_int_equal(stage_failure(stage), COR_FAILED_TOTAL_TIMEOUT);
	assert_int_equal(cor_http_get(stage->ctx, &hedged, COR_NONE, NULL, COR_PATH("/p"),
				 .timeout_ms = 120),
		-ETIMEDOUT);
	assert_int_equal(stage_failure(stage), COR_FAILED_TOTAL_TIMEOUT);
}

static void test_out_of_time(void **state)
{
	stage_in_fiber(*state, run_out_of_time);
}

/* --- the percentile --- */

static void hedge_the_slowest(struct stage *stage)
{
	size_t len;

	for (int i = 0; i < 100; i++) {
		stage_line(stage, &(struct cor_scripted){ .head_ms = i % 10 == 9 ? 40 : 20 });
		assert_int_equal(
			cor_http_get(stage->ctx, &usual, COR_NONE, NULL, COR_PATH("/p")), 0);
	}
	len = cor_script_len(stage->script);
	stage_line(stage, &(struct cor_scripted){ .head_ms = 1000 });
	stage_line(stage, &(struct cor_scripted){ .head_ms = 5 });
	int64_t began_ms = stage_ms(stage);
	assert_int_equal(cor_http_get(stage->ctx, &usual, COR_NONE, NULL, COR_PATH("/p")), 0);
	assert_int_equal(stage_ms(stage) - began_ms, 25);
	assert_int_equal(cor_script_len(stage->script), len + 2);
}

static void test_the_slowest_are_hedged(void **state)
{
	stage_in_fiber(*state, hedge_the_slowest);
}

static void test_percentiles(void **state)
{
	struct cor_latency latency = { 0 };

	(void)state;
	assert_int_equal(cor_latency_us(&latency, 95), 0);
	for (int i = 1; i <= 100; i++)
		cor_latency_add(&latency, i * INT64_C(1000000));
	assert_int_equal(cor_latency_us(&latency, 95), 95000);
	assert_int_equal(cor_latency_us(&latency, 1), 1000);
	for (int i = 0; i < 200; i++)
		cor_latency_add(&latency, INT64_MAX);
	assert_int_equal(cor_latency_us(&latency, 1), UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_the_second_wins, stage_open, stage_close),
		cmocka_unit_test_setup_teardown(test_the_first_wins, stage_open, stage_close),
		cmocka_unit_test_setup_teardown(test_one_fails, stage_open, stage_close),
		cmocka_unit_test_setup_teardown(test_both_fail, stage_open, stage_close),
		cmocka_unit_test_setup_teardown(
			test_no_second_that_may_do_harm, stage_open, stage_close),
		cmocka_unit_test_setup_teardown(test_no_more_than_a_tenth, stage_open, stage_close),
		cmocka_unit_test_setup_teardown(
			test_none_outside_of_a_fiber, stage_open, stage_close),
		cmocka_unit_test_setup_teardown(
			test_a_hedge_takes_no_turn, stage_open, stage_close),
		cmocka_unit_test_setup_teardown(test_out_of_time, stage_open, stage_close),
		cmocka_unit_test_setup_teardown(
			test_the_slowest_are_hedged, stage_open, stage_close),
		cmocka_unit_test(test_percentiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
