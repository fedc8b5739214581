/* SPDX-License-Identifier: MIT */
/* Answers that are kept, and several calls at the same time: one asks, others change. */
#include <coracle/error.h>
#include <coracle/fiber.h>
#include <coracle/group.h>

#include "kept_stage.h"

#define CALLERS 10

struct caller {
	const struct cor_upstream *upstream;
	int64_t after_ms;
	enum cor_answer_source source;
	int64_t took_ms;
	struct stage *stage;
	char body;
};

static int ask(struct cor_ctx *ctx, struct caller *caller)
{
	struct cor_str got;

	cor_ignore(cor_sleep_ms(caller->after_ms));
	caller->took_ms = stage_ms(caller->stage);
	int rc = cor_http_get(ctx, caller->upstream, COR_BYTES, &got, COR_PATH("/p"),
		.ret_source = &caller->source);
	caller->took_ms = stage_ms(caller->stage) - caller->took_ms;
	caller->body = rc == 0 && got.len ? got.data[0] : '-';
	return rc;
}

static void ask_all(
	struct stage *stage, struct caller *callers, const struct cor_upstream *upstream)
{
	struct cor_group group;

	cor_group_begin(&group, stage->ctx, COR_ALL);
	for (size_t i = 0; i < CALLERS; i++) {
		callers[i] = (struct caller){
			.upstream = upstream, .after_ms = (int64_t)i, .stage = stage
		};
		cor_group_start(&group, ask, &callers[i]);
	}
	assert_int_equal(cor_group_wait(&group), 0);
}

static void renew(struct stage *stage)
{
	struct caller callers[CALLERS];

	stage_line(stage, &(struct cor_scripted){ .headers = F({ "Cache-Control",
							  "max-age=1, stale-while-revalidate=60" }),
				  .body = "a" });
	expect(stage, &plain, COR_ANSWERED_BY_SERVER, "a");
	assert_int_equal(cor_sleep_ms(5000), 0);
	stage_line(
		stage, &(struct cor_scripted){ .headers = F(FRESH), .head_ms = 100, .body = "b" });
	ask_all(stage, callers, &plain);
	assert_int_equal(callers[0].source, COR_ANSWERED_BY_SERVER);
	assert_int_equal(callers[0].body, 'b');
	for (size_t i = 1; i < CALLERS; i++) {
		assert_int_equal(callers[i].source, COR_ANSWERED_STALE);
		assert_int_equal(callers[i].body, 'a');
		assert_int_equal(callers[i].took_ms, 0);
	}
	expect(stage, &plain, COR_ANSWERED_FRESH, "b");
	asked(stage, 2);
}

static void test_stale_while_it_is_renewed(void **state)
{
	stage_in_fiber(*state, renew);
}

static void join(struct stage *stage)
{
	struct caller callers[CALLERS];

	stage_line(stage,
		&(struct cor_scripted){ .headers = F(FRESH, ETAG), .head_ms = 100, .body = "a" });
	ask_all(stage, callers, &joined);
	asked(stage, 1);
	expect(stage, &joined, COR_ANSWERED_FRESH, "a");
	assert_int_equal(cor_sleep_ms(10000), 0);
	stage_line(stage,
		&(struct cor_scripted){ .status = 304, .headers = F(FRESH), .head_ms = 100 });
	ask_all(stage, callers, &joined);
	for (size_t i = 0; i < CALLERS; i++) {
		assert_int_equal(callers[i].source, COR_ANSWERED_VALIDATED);
		assert_int_equal(callers[i].body, 'a');
	}
	asked(stage, 2);
	expect(stage, &joined, COR_ANSWERED_FRESH, "a");
	assert_int_equal(cor_sleep_ms(10000), 0);
	stage_line(
		stage, &(struct cor_scripted){ .headers = F(FRESH), .head_ms = 100, .body = "b" });
	ask_all(stage, callers, &joined);
	for (size_t i = 0; i < CALLERS; i++)
		assert_int_equal(callers[i].body, 'b');
	asked(stage, 3);
	expect(stage, &joined, COR_ANSWERED_FRESH, "b");
}

static void test_one_request_for_all(void **state)
{
	stage_in_fiber(*state, join);
}

static void hedge(struct stage *stage)
{
	stage_line(stage,
		&(struct cor_scripted){ .headers = F(FRESH, ETAG), .head_ms = 500, .body = "a" });
	stage_line(stage,
		&(struct cor_scripted){ .headers = F(FRESH, ETAG), .head_ms = 10, .body = "b" });
	expect(stage, &late, COR_ANSWERED_BY_SERVER, "b");
	expect(stage, &late, COR_ANSWERED_FRESH, "b");
	assert_int_equal(cor_sleep_ms(10000), 0);
	stage_line(stage, &(struct cor_scripted){ .status = 304, .head_ms = 500 });
	stage_line(
		stage, &(struct cor_scripted){ .status = 304, .headers = F(FRESH), .head_ms = 10 });
	expect(stage, &late, COR_ANSWERED_VALIDATED, "b");
	asked(stage, 4);
	expect(stage, &late, COR_ANSWERED_FRESH, "b");
}

static void test_hedged(void **state)
{
	stage_in_fiber(*state, hedge);
}

static int change(struct cor_ctx *ctx, struct caller *caller)
{
	cor_ignore(cor_sleep_ms(caller->after_ms));
	return cor_http_post(ctx, caller->upstream, COR_NONE, NULL, COR_PATH("/p"));
}

/* What was asked for before a change may be what was there before it. */
static void change_meanwhile(struct stage *stage)
{
	struct caller reader = { .upstream = &plain, .stage = stage };
	struct caller writer = { .upstream = &plain, .after_ms = 10 };
	struct cor_group group;

	stage_line(
		stage, &(struct cor_scripted){
			       .method = "GET", .headers = F(FRESH), .head_ms = 100, .body = "a" });
	stage_line(stage, &(struct cor_scripted){ .method = "POST" });
	cor_group_begin(&group, stage->ctx, COR_ALL);
	cor_group_start(&group, ask, &reader);
	cor_group_start(&group, change, &writer);
	assert_int_equal(cor_group_wait(&group), 0);
	stage_line(stage, &(struct cor_scripted){ .headers = F(FRESH), .body = "b" });
	expect(stage, &plain, COR_ANSWERED_BY_SERVER, "b");
	expect(stage, &plain, COR_ANSWERED_FRESH, "b");
}

static void test_a_change_meanwhile(void **state)
{
	stage_in_fiber(*state, change_meanwhile);
}

/* A failed change may have been one. */
static void test_a_change_that_was_lost(void **state)
{
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ .headers = F(FRESH), .body = "a" });
	expect(stage, &plain, COR_ANSWERED_BY_SERVER, "a");
	stage_line(stage, &(struct cor_scripted){ .fault = COR_SCRIPT_RESET });
	assert_true(cor_http_post(stage->ctx, &plain, COR_NONE, NULL, COR_PATH("/p")) < 0);
	stage_line(stage, &(struct cor_scripted){ .headers = F(FRESH), .body = "b" });
	expect(stage, &plain, COR_ANSWERED_BY_SERVER, "b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_STAGE(test_stale_while_it_is_renewed),
		ON_STAGE(test_one_request_for_all),
		ON_STAGE(test_hedged),
		ON_STAGE(test_a_change_meanwhile),
		ON_STAGE(test_a_change_that_was_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
