/* SPDX-License-Identifier: MIT */
/* Whether an upstream is ready. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/error.h>
#include <coracle/fiber.h>

#include "client/reach.h"
#include "stage.h"

#define GET(upstream_) cor_http_get(stage->ctx, &(upstream_), COR_NONE, NULL, COR_PATH("/x"))

static void assert_unready(
	const struct stage *stage, const struct cor_upstream *upstream, const char *why)
{
	assert_int_not_equal(cor_upstream_reach(stage->ctx, upstream), 0);
	assert_string_equal(cor_problem_of(stage->ctx)->detail, why);
}

/* A connection is all that it takes: no request is sent. */
static void test_a_connection(void **state)
{
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ .fault = COR_SCRIPT_REFUSED });
	stage_line(stage,
		&(struct cor_scripted){
			.upstream = "safe", .connect_ms = 5000, .times = COR_SCRIPT_ALWAYS });
	stage_line(stage, &(struct cor_scripted){ .status = 500, .times = COR_SCRIPT_ALWAYS });
	assert_unready(stage, &prices, "connection refused");
	assert_int_equal(cor_upstream_reach(stage->ctx, &prices), 0);
	assert_int_equal(stage_ms(stage), 0);
	assert_unready(stage, &safe, "no connection within 3000 ms");
	assert_int_equal(stage_ms(stage), 3000);
}

/* Open, it is not ready; once a call may try it is: else nobody would. */
static void test_a_breaker(void **state)
{
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ .status = 500, .times = 4 });
	stage_line(stage, &(struct cor_scripted){ .times = COR_SCRIPT_ALWAYS });
	assert_int_equal(cor_upstream_reach(stage->ctx, &guarded), 0);
	for (int i = 0; i < 4; i++)
		cor_ignore(GET(guarded));
	assert_unready(stage, &guarded, "its breaker is open for 60000 ms more");
	assert_int_equal(cor_sleep_ms(59000), 0);
	assert_unready(stage, &guarded, "its breaker is open for 1000 ms more");
	assert_int_equal(cor_sleep_ms(1000), 0);
	assert_int_equal(cor_upstream_reach(stage->ctx, &guarded), 0);
}

/* One that takes connections is enough; those that get no calls are not asked. */
static void test_targets(void **state)
{
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ .upstream = "a:81",
				  .fault = COR_SCRIPT_REFUSED,
				  .times = COR_SCRIPT_ALWAYS });
	stage_line(stage,
		&(struct cor_scripted){
			.upstream = "b:82", .connect_ms = 100000, .times = COR_SCRIPT_ALWAYS });
	stage_line(stage, &(struct cor_scripted){ .upstream = "c:83", .status = 500, .times = 7 });
	stage_line(stage, &(struct cor_scripted){ .upstream = "c:83", .times = COR_SCRIPT_ALWAYS });
	assert_int_equal(cor_upstream_reach(stage->ctx, &several), 0);
	assert_int_equal(stage_ms(stage), 1000); /* a third of the time for b */
	while (cor_problem_of(stage->ctx) == NULL ||
		strcmp(cor_problem_of(stage->ctx)->detail, "all of its targets are out") != 0) {
		cor_ignore(GET(several));
		cor_ignore(cor_upstream_reach(stage->ctx, &several));
		assert_in_range(stage_ms(stage), 0, 10000000);
	}
	assert_int_equal(cor_sleep_ms(300000), 0);
	assert_int_equal(cor_upstream_reach(stage->ctx, &several), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_connection, stage_open, stage_close),
		cmocka_unit_test_setup_teardown(test_a_breaker, stage_open, stage_close),
		cmocka_unit_test_setup_teardown(test_targets, stage_open, stage_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
