/* SPDX-License-Identifier: MIT */
/* Calls under an adaptive limit: who waits, who is refused, what is learned, and that nothing is
   left behind. */
#include <setjmp.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/clock.h>
#include <coracle/error.h>
#include <coracle/fiber.h>
#include <coracle/group.h>

#include "client/upstreams.h"
#include "context/context.h"
#include "stage.h"

#define CALLERS  20
#define ANSWERED .body = "{\"cents\":1}"

struct caller {
	const struct cor_upstream *upstream;
	const char *path;
	int64_t after_ms;   /* it begins then */
	int64_t timeout_ms; /* 0: none of its own */
	int64_t over_ms;    /* when it was over */
	int rc;
	struct cor_http_failure failure;
};

static struct stage *here;

static int ask(struct cor_ctx *ctx, struct caller *caller)
{
	struct cor_scope scope;

	cor_ignore(cor_sleep_ms(caller->after_ms));
	cor_scope_enter(&scope, caller->timeout_ms ? caller->timeout_ms : COR_FOREVER);
	caller->rc = cor_http_get(ctx, caller->upstream, COR_NONE, NULL,
		COR_PATH_AS_IS(caller->path ? caller->path : "/p"));
	cor_scope_leave(&scope);
	caller->over_ms = stage_ms(here);
	if (caller->rc < 0)
		caller->failure = *cor_http_failure(ctx);
	return 0;
}

static void ask_all(struct stage *stage, struct caller *callers, size_t len)
{
	struct cor_group group;

	here = stage;
	cor_group_begin(&group, stage->ctx, COR_ALL);
	for (size_t i = 0; i < len; i++)
		cor_group_start(&group, ask, &callers[i]);
	assert_int_equal(cor_group_wait(&group), 0);
}

static struct cor_slots *slots_of(struct stage *stage, const struct cor_upstream *upstream)
{
	struct cor_upstreams *upstreams;

	assert_int_equal(cor_upstreams_here(stage->ctx->environment->upstreams, &upstreams), 0);
	struct cor_upstream_here *its = cor_upstreams_find(upstreams, upstream);
	assert_non_null(its);
	return &its->slots;
}

static void assert_nothing_left(struct stage *stage, const struct cor_upstream *upstream)
{
	const struct cor_slots *slots = slots_of(stage, upstream);

	assert_int_equal(slots->in_flight, 0);
	assert_int_equal(slots->waiting, 0);
	assert_null(slots->first);
	assert_null(slots->last);
}

static int64_t asked_ms(const struct stage *stage, size_t i)
{
	return (stage_call(stage, i)->at_ns - stage->began_ns) / 1000000;
}

/* --- who waits --- */

static void wait_in_order(struct stage *stage)
{
	struct caller callers[5] = { 0 };

	stage_line(stage, &(struct cor_scripted){ .head_ms = 50, .times = 5 });
	int64_t began_ms = stage_ms(stage);
	for (size_t i = 0; i < 5; i++)
		callers[i] = (struct caller){ .upstream = &limited, .after_ms = (int64_t)i };
	ask_all(stage, callers, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(callers[i].rc, 0);
		assert_int_equal(asked_ms(stage, i) - began_ms, (int64_t)(i / 2 * 50 + i % 2));
		assert_int_equal(callers[i].over_ms - began_ms, (int64_t)(i / 2 * 50 + 50 + i % 2));
	}
	assert_nothing_left(stage, &limited);
}

static void test_calls_above_it_wait_in_order(void **state)
{
	stage_in_fiber(*state, wait_in_order);
}

static void refuse(struct stage *stage)
{
	struct caller callers[3] = { { &limited }, { &limited }, { &limited, .after_ms = 1 } };

	stage_line(stage, &(struct cor_scripted){ .head_ms = 300, .times = 3 });
	int64_t began_ms = stage_ms(stage);
	ask_all(stage, callers, 3);
	assert_int_equal(callers[0].rc, 0);
	assert_int_equal(callers[1].rc, 0);
	assert_int_equal(callers[2].rc, -COR_EUNTRIED);
	assert_int_equal(callers[2].over_ms - began_ms, 101);
	assert_int_equal(callers[2].failure.kind, COR_FAILED_FULL);
	assert_int_equal(callers[2].failure.attempts, 0);
	assert_int_equal(callers[2].failure.retry_after_ms, 1000);
	assert_non_null(strstr(callers[2].failure.text, "2 requests at once are its limit now"));
	assert_int_equal(cor_script_len(stage->script), 2);
	assert_int_equal(slots_of(stage, &limited)->state->shed, 1);
	assert_int_equal(slots_of(stage, &limited)->state->told, 1);
	assert_nothing_left(stage, &limited);
}

static void test_who_waits_for_too_long_is_refused(void **state)
{
	stage_in_fiber(*state, refuse);
}

/* Only to the head: what is read for an hour leaves its place to others. */
static void read_slowly(struct stage *stage)
{
	struct cor_answer *answers[5];
	char buffer[8];

	stage_line(stage, &(struct cor_scripted){ .head_ms = 10,
				  .body = "xxxx",
				  .piece_bytes = 1,
				  .piece_ms = 3000,
				  .times = 5 });
	int64_t began_ms = stage_ms(stage);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(
			cor_http_open(stage->ctx, &limited, &answers[i], COR_PATH("/p")), 0);
	assert_int_equal(stage_ms(stage) - began_ms, 50);
	assert_nothing_left(stage, &limited);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(cor_answer_read(answers[0], buffer, sizeof buffer), 1);
	cor_answer_close(answers[1]); /* early */
	const struct cor_adaptive_window *window = &slots_of(stage, &limited)->state->window;
	assert_int_equal(window->answered, 5);
	assert_true(window->answered_ns == 5 * 10e6);
	for (size_t i = 0; i < 5; i++)
		cor_answer_close(answers[i]);
	assert_nothing_left(stage, &limited);
}

static void test_streams(void **state)
{
	stage_in_fiber(*state, read_slowly);
}

/* Nor does one that waits before it is tried again. */
static void pause_between(struct stage *stage)
{
	struct caller callers[] = { { &limited, "/a" }, { &limited, "/a" },
		{ &limited, "/b", .after_ms = 10 } };

	stage_line(stage, &(struct cor_scripted){ .path = "/a",
				  .status = 503,
				  .headers = COR_HTTP_FIELDS({ "Retry-After", "5" }),
				  .times = 2 });
	stage_line(stage, &(struct cor_scripted){ .head_ms = 10, .times = 3 });
	int64_t began_ms = stage_ms(stage);
	ask_all(stage, callers, 3);
	assert_int_equal(callers[2].over_ms - began_ms, 20);
	assert_int_equal(callers[0].over_ms - began_ms, 5010);
	assert_int_equal(callers[0].rc, 0);
	assert_nothing_left(stage, &limited);
}

static void test_retries_wait_without_one(void **state)
{
	stage_in_fiber(*state, pause_between);
}

static void test_outside_of_a_fiber(void **state)
{
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ .head_ms = 10, .times = 3 });
	for (int i = 0; i < 3; i++)
		assert_int_equal(
			cor_http_get(stage->ctx, &limited, COR_NONE, NULL, COR_PATH("/p")), 0);
	assert_nothing_left(stage, &limited);
}

/* Whose own time ends while it waits was not refused. */
static void end_while_it_waits(struct stage *stage)
{
	struct caller callers[] = { { &limited }, { &limited },
		{ &limited, .after_ms = 1, .timeout_ms = 50 } };
	struct cor_adaptive_state *its = slots_of(stage, &limited)->state;

	stage_line(stage, &(struct cor_scripted){ .head_ms = 300, .times = 2 });
	int64_t began_ms = stage_ms(stage);
	ask_all(stage, callers, 3);
	assert_int_equal(callers[2].over_ms - began_ms, 51);
	assert_int_equal(callers[2].failure.kind, COR_FAILED_TOTAL_TIMEOUT);
	assert_int_equal(callers[2].failure.attempts, 0);
	assert_int_equal(its->shed, 0);
	assert_nothing_left(stage, &limited);
}

static void test_whose_time_ends_while_it_waits(void **state)
{
	stage_in_fiber(*state, end_while_it_waits);
}

/* How much time is left is told as of when it is sent. */
static void tell_what_is_left(struct stage *stage)
{
	struct caller callers[] = { { &limited }, { &limited }, { &limited } };

	stage_line(stage, &(struct cor_scripted){ .head_ms = 50, .times = 3 });
	ask_all(stage, callers, 3);
	const char *first = cor_script_header(stage_call(stage, 0), "X-Left-Ms");
	const char *last = cor_script_header(stage_call(stage, 2), "X-Left-Ms");
	assert_non_null(first);
	assert_non_null(last);
	assert_int_equal(strtol(first, NULL, 10) - strtol(last, NULL, 10), 50);
}

static void test_what_is_left_of_the_time(void **state)
{
	stage_in_fiber(*state, tell_what_is_left);
}

/* --- what is learned, and left --- */

struct lesson {
	struct cor_scripted line;
	int rc;
	uint32_t answered, late, overloaded;
	int64_t timeout_ms;
};

static const struct lesson lessons[] = {
	{ { .head_ms = 50 }, 0, 1, 0, 0, 0 },
	{ { .head_ms = 50, .status = 404 }, -COR_ESTATUS, 1, 0, 0, 0 },
	{ { .head_ms = 1, .status = 500 }, -COR_ESTATUS, 0, 0, 0, 0 },
	{ { .head_ms = 1, .status = 502, .times = 2 }, -COR_ESTATUS, 0, 0, 0, 0 },
	{ { .head_ms = 1, .status = 503, .times = 2 }, -COR_ESTATUS, 0, 0, 2, 0 },
	{ { .head_ms = 1, .status = 504, .times = 2 }, -COR_ESTATUS, 0, 0, 2, 0 },
	{ { .head_ms = 1, .status = 429 }, -COR_ESTATUS, 0, 0, 1, 0 },
	{ { .fault = COR_SCRIPT_REFUSED, .times = 2 }, -ECONNREFUSED, 0, 0, 0, 0 },
	{ { .fault = COR_SCRIPT_UNRESOLVED, .times = 2 }, -EHOSTUNREACH, 0, 0, 0, 0 },
	{ { .fault = COR_SCRIPT_RESET, .times = 2 }, -ECONNRESET, 0, 0, 0, 0 },
	{ { .fault = COR_SCRIPT_GARBAGE }, -EBADMSG, 0, 0, 0, 0 },
	{ { .fault = COR_SCRIPT_SILENT, .times = 2 }, -ETIMEDOUT, 0, 2, 0, 0 },
	/* the caller's time ends: it knows only what it waited for */
	{ { .fault = COR_SCRIPT_SILENT }, -ETIMEDOUT, 0, 0, 0, 500 },
	{ { .fault = COR_SCRIPT_SILENT }, -ETIMEDOUT, 0, 1, 0, 1500 },
	/* the body breaks off, behind a head that was good */
	{ { .head_ms = 50, ANSWERED, .fault = COR_SCRIPT_STALLED, .fails_after = 3 }, -ETIMEDOUT, 1,
		0, 0, 300 },
	/* no connection: these two last, since their lines are not used up */
	{ { .connect_ms = 5000, .times = 2 }, -ETIMEDOUT, 0, 2, 0, 0 },
	{ { .connect_ms = 2500 }, -ETIMEDOUT, 0, 0, 0, 1500 },
};

static void learn(struct stage *stage)
{
	struct cor_adaptive_state *its = slots_of(stage, &limited)->state;

	for (size_t i = 0; i < sizeof lessons / sizeof lessons[0]; i++) {
		const struct lesson *lesson = &lessons[i];
		struct caller caller = { &limited, .timeout_ms = lesson->timeout_ms };
		its->window = (struct cor_adaptive_window){ 0 };
		stage_line(stage, &lesson->line);
		ask_all(stage, &caller, 1);
		if (caller.rc != lesson->rc || its->window.answered != lesson->answered ||
			its->window.late != lesson->late ||
			its->window.overloaded != lesson->overloaded)
			fail_msg("lesson %zu: %s, %u answered, %u late, %u overloaded", i,
				cor_errname(caller.rc), its->window.answered, its->window.late,
				its->window.overloaded);
		assert_nothing_left(stage, &limited);
	}
}

static void test_what_is_learned(void **state)
{
	stage_in_fiber(*state, learn);
}

static int be_quicker(struct cor_ctx *ctx, void *arg)
{
	(void)ctx;
	(void)arg;
	return cor_sleep_ms(1500);
}

static int ask_silent(struct cor_ctx *ctx, void *arg)
{
	(void)arg;
	return cor_http_get(ctx, &limited, COR_NONE, NULL, COR_PATH("/p"));
}

/* Where another is quicker, it took as long as it was waited for. */
static void be_unneeded(struct stage *stage)
{
	struct cor_adaptive_state *its = slots_of(stage, &limited)->state;
	struct cor_group group;

	stage_line(stage, &(struct cor_scripted){ .fault = COR_SCRIPT_SILENT });
	cor_group_begin(&group, stage->ctx, COR_ANY_SUCCESS);
	cor_group_start(&group, ask_silent, NULL);
	cor_group_start(&group, be_quicker, NULL);
	assert_int_equal(cor_group_wait(&group), 0);
	assert_int_equal(its->window.late, 1);
	assert_nothing_left(stage, &limited);
}

static void test_calls_that_nobody_needs(void **state)
{
	stage_in_fiber(*state, be_unneeded);
}

/* A call without time, and one that nothing answers: none begins, or is left. */
static void begin_nothing(struct stage *stage)
{
	struct caller callers[] = { { &limited, .timeout_ms = -1 }, { &limited } };

	ask_all(stage, callers, 2);
	assert_true(callers[0].rc < 0 && callers[1].rc < 0);
	assert_nothing_left(stage, &limited);
}

static void test_nothing_begins(void **state)
{
	stage_in_fiber(*state, begin_nothing);
}

/* Another server is not this upstream. */
static void lead_elsewhere(struct stage *stage)
{
	struct caller caller = { &limited };
	struct cor_adaptive_state *its = slots_of(stage, &limited)->state;

	stage_line(stage, &(struct cor_scripted){ .status = 302,
				  .head_ms = 10,
				  .headers = COR_HTTP_FIELDS({ "Location", "http://other/" }) });
	stage_line(stage, &(struct cor_scripted){ .head_ms = 5000 });
	ask_all(stage, &caller, 1);
	assert_int_equal(its->window.answered, 1);
	assert_true(its->window.answered_ns == 10e6);
	assert_nothing_left(stage, &limited);
}

static void test_redirects(void **state)
{
	struct stage *stage = *state;

	stage_in_fiber(stage, lead_elsewhere);
}

/* Nor is a retry there one that the limit is for. */
static void retry_elsewhere(struct stage *stage)
{
	struct caller callers[] = { { &limited, "/slow" }, { &limited, "/a" },
		{ &limited, "/slow", .after_ms = 5 } };

	stage_line(stage, &(struct cor_scripted){ .path = "/slow", .head_ms = 90, .times = 2 });
	stage_line(stage, &(struct cor_scripted){ .path = "/a",
				  .status = 302,
				  .headers = COR_HTTP_FIELDS({ "Location", "http://other/" }) });
	stage_line(
		stage, &(struct cor_scripted){ .upstream = "other", .status = 503, .head_ms = 20 });
	stage_line(stage, &(struct cor_scripted){ .upstream = "other" });
	ask_all(stage, callers, 3);
	assert_int_equal(callers[1].rc, 0);
	assert_nothing_left(stage, &limited);
}

static void test_retries_elsewhere(void **state)
{
	stage_in_fiber(*state, retry_elsewhere);
}

/* Sending is as slow as whoever gives the body. */
static ssize_t give_slowly(void *arg, void *buffer, size_t size)
{
	cor_ignore(cor_sleep_ms(100));
	return pieces_give(arg, buffer, size);
}

static void send_slowly(struct stage *stage)
{
	struct pieces pieces = { .bytes = 21 };
	const struct cor_http_source source = { give_slowly, pieces_rewind, &pieces, 21 };
	struct cor_adaptive_state *its = slots_of(stage, &limited)->state;

	stage_line(stage, &(struct cor_scripted){ .head_ms = 10 });
	assert_int_equal(cor_http_put(stage->ctx, &limited, COR_NONE, NULL, COR_PATH("/p"),
				 .source = &source),
		0);
	assert_true(its->window.answered_ns == 10e6);
}

static void test_a_body_that_comes_slowly(void **state)
{
	stage_in_fiber(*state, send_slowly);
}

/* Callers end at any time, also as they get what they wait for. */
static void end_at_any_time(struct stage *stage)
{
	uint64_t seed = 3;

	stage_line(stage, &(struct cor_scripted){ .head_ms = 50, .times = COR_SCRIPT_ALWAYS });
	for (int round = 0; round < 200; round++) {
		struct caller callers[CALLERS];
		for (size_t i = 0; i < CALLERS; i++) {
			seed = seed * UINT64_C(6364136223846793005) + 1;
			callers[i] = (struct caller){ &limited,
				.after_ms = (int64_t)(seed >> 33) % 5 * 25,
				.timeout_ms = (int64_t)(seed >> 40) % 8 * 25 };
		}
		ask_all(stage, callers, CALLERS);
		assert_nothing_left(stage, &limited);
	}
}

static void test_callers_end_at_any_time(void **state)
{
	stage_in_fiber(*state, end_at_any_time);
}

/* --- beside the others --- */

/* A second request has a place of its own, or is not sent. */
static void hedge(struct stage *stage)
{
	struct caller caller = { &limited_hedged };
	struct cor_slots *slots = slots_of(stage, &limited_hedged);

	stage_line(stage, &(struct cor_scripted){ .head_ms = 200 });
	ask_all(stage, &caller, 1);
	assert_int_equal(caller.rc, 0);
	assert_int_equal(cor_script_len(stage->script), 1);
	slots->state->limit = 2;
	stage_line(stage, &(struct cor_scripted){ .head_ms = 200 });
	stage_line(stage, &(struct cor_scripted){ .head_ms = 10 });
	int64_t began_ms = stage_ms(stage);
	ask_all(stage, &caller, 1);
	assert_int_equal(caller.rc, 0);
	assert_int_equal(caller.over_ms - began_ms, 60);
	assert_int_equal(cor_script_len(stage->script), 3);
	assert_int_equal(slots->state->window.answered, 2);
	assert_int_equal(slots->state->window.late, 0);
	assert_int_equal(slots->state->shed, 0);
	assert_nothing_left(stage, &limited_hedged);
}

static void test_hedges(void **state)
{
	stage_in_fiber(*state, hedge);
}

/* Those that follow have none, and are refused with the one that is. */
static void be_one(struct stage *stage)
{
	struct caller callers[] = { { &limited_shared }, { &limited_shared, .after_ms = 1 },
		{ &limited_shared, .after_ms = 1 }, { &limited_shared, .after_ms = 1 } };

	stage_line(stage, &(struct cor_scripted){ .head_ms = 300, .times = 2 });
	ask_all(stage, callers, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(callers[i].rc, 0);
	assert_int_equal(cor_script_len(stage->script), 1);
	assert_nothing_left(stage, &limited_shared);
	callers[0].path = "/other";
	int64_t began_ms = stage_ms(stage);
	ask_all(stage, callers, 4);
	assert_int_equal(callers[0].rc, 0);
	for (size_t i = 1; i < 4; i++) {
		assert_int_equal(callers[i].rc, -COR_EUNTRIED);
		assert_int_equal(callers[i].failure.kind, COR_FAILED_FULL);
		assert_int_equal(callers[i].failure.retry_after_ms, 1000);
		assert_int_equal(callers[i].over_ms - began_ms, 101);
	}
	assert_int_equal(cor_script_len(stage->script), 2);
	assert_nothing_left(stage, &limited_shared);
}

static void test_equal_gets(void **state)
{
	stage_in_fiber(*state, be_one);
}

/* What opens while somebody waits is open for him. */
static void open_meanwhile(struct stage *stage)
{
	struct caller callers[] = { { &limited_guarded }, { &limited_guarded, .after_ms = 1 } };

	stage_line(stage, &(struct cor_scripted){ .status = 500, .head_ms = 50, .times = 2 });
	ask_all(stage, callers, 2);
	assert_int_equal(callers[0].failure.kind, COR_FAILED_STATUS);
	assert_int_equal(callers[1].failure.kind, COR_FAILED_OPEN);
	assert_int_equal(callers[1].failure.attempts, 0);
	assert_int_equal(cor_script_len(stage->script), 1);
	assert_nothing_left(stage, &limited_guarded);
}

static void test_a_breaker_that_opens(void **state)
{
	stage_in_fiber(*state, open_meanwhile);
}

static int ask_in_a_hurry(struct cor_ctx *ctx, struct caller *caller)
{
	cor_ignore(cor_sleep_ms(caller->after_ms));
	caller->rc = cor_http_get(ctx, caller->upstream, COR_NONE, NULL, COR_PATH("/p"),
		.timeout_ms = (uint32_t)caller->timeout_ms);
	caller->failure = *cor_http_failure(ctx);
	return 0;
}

/* Who was not asked has not failed. */
static void blame_nobody(struct stage *stage)
{
	struct caller callers[] = { { &limited_guarded },
		{ &limited_guarded, .after_ms = 1, .timeout_ms = 50 } };
	struct cor_group group;

	here = stage;
	stage_line(stage, &(struct cor_scripted){ .head_ms = 90, .times = 2 });
	cor_group_begin(&group, stage->ctx, COR_ALL);
	cor_group_start(&group, ask, &callers[0]);
	cor_group_start(&group, ask_in_a_hurry, &callers[1]);
	assert_int_equal(cor_group_wait(&group), 0);
	assert_int_equal(callers[0].rc, 0);
	assert_int_equal(callers[1].failure.kind, COR_FAILED_TOTAL_TIMEOUT);
	assert_int_equal(callers[1].failure.attempts, 0);
	ask_all(stage, callers, 1);
	assert_int_equal(callers[0].rc, 0);
	assert_nothing_left(stage, &limited_guarded);
}

static void test_who_was_not_asked(void **state)
{
	stage_in_fiber(*state, blame_nobody);
}

/* --- beside other threads --- */

struct neighbour {
	struct cor_slots slots;
	struct cor_slot taken[4];
};

static int leave_soon(struct cor_ctx *ctx, struct neighbour *neighbour)
{
	(void)ctx;
	cor_ignore(cor_sleep_ms(30));
	for (size_t i = 0; i < 4; i++)
		cor_slots_give(&neighbour->slots, &neighbour->taken[i], cor_monotonic_ns());
	return 0;
}

/* Another thread has most of the limit, and is done with it while ours waits for its only one. */
static void share(struct stage *stage)
{
	struct caller callers[] = { { &limited }, { &limited, .after_ms = 1 },
		{ &limited, .after_ms = 2 } };
	struct cor_slots *slots = slots_of(stage, &limited), own = *slots;
	struct cor_adaptive_table *table = cor_adaptive_table_create();
	struct neighbour neighbour = { .slots = { .rules = slots->rules } };
	struct cor_group group;

	assert_non_null(table);
	here = stage;
	slots->state = neighbour.slots.state = cor_adaptive_hold(table, "x", &slots->rules);
	cor_slots_share(slots, table);
	cor_slots_share(&neighbour.slots, table);
	slots->state->limit = 4;
	for (size_t i = 0; i < 4; i++)
		assert_true(
			cor_slots_try(&neighbour.slots, &neighbour.taken[i], cor_monotonic_ns()));
	slots->state->limit = 2;
	stage_line(stage, &(struct cor_scripted){ .head_ms = 200, .times = 2 });
	int64_t began_ms = stage_ms(stage);
	cor_group_begin(&group, stage->ctx, COR_ALL);
	cor_group_start(&group, ask, &callers[0]);
	cor_group_start(&group, ask, &callers[1]);
	cor_group_start(&group, ask, &callers[2]);
	cor_group_start(&group, leave_soon, &neighbour);
	assert_int_equal(cor_group_wait(&group), 0);
	assert_int_equal(callers[0].rc, 0);
	assert_int_equal(callers[1].rc, 0);
	assert_in_range(asked_ms(stage, 1) - began_ms, 30, 60);
	assert_int_equal(callers[2].failure.kind, COR_FAILED_FULL);
	assert_int_equal(callers[2].over_ms - began_ms, 102);
	assert_nothing_left(stage, &limited);
	*slots = own;
	free(table);
}

static void test_what_another_thread_leaves(void **state)
{
	stage_in_fiber(*state, share);
}

/* A retry is not for one that is busy: what it said is told. */
static void retry_when_full(struct stage *stage)
{
	struct caller callers[] = { { &limited, "/slow" }, { &limited, "/slow" },
		{ &limited, "/a", .after_ms = -1 } };

	slots_of(stage, &limited)->state->limit = 3;
	stage_line(stage, &(struct cor_scripted){ .path = "/a", .head_ms = 20, .status = 503 });
	stage_line(stage, &(struct cor_scripted){ .head_ms = 500, .times = 4 });
	struct caller fourth = { &limited, "/slow", .after_ms = 5 };
	struct caller all[] = { callers[0], callers[1], callers[2], fourth };
	ask_all(stage, all, 4);
	assert_int_equal(all[2].failure.kind, COR_FAILED_STATUS);
	assert_int_equal(all[2].failure.attempts, 1);
	assert_int_equal(all[3].rc, 0);
	assert_nothing_left(stage, &limited);
}

static void test_no_retry_when_it_is_full(void **state)
{
	stage_in_fiber(*state, retry_when_full);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_calls_above_it_wait_in_order),
		TEST(test_who_waits_for_too_long_is_refused),
		TEST(test_streams),
		TEST(test_retries_wait_without_one),
		TEST(test_outside_of_a_fiber),
		TEST(test_whose_time_ends_while_it_waits),
		TEST(test_what_is_left_of_the_time),
		TEST(test_what_is_learned),
		TEST(test_calls_that_nobody_needs),
		TEST(test_nothing_begins),
		TEST(test_redirects),
		TEST(test_retries_elsewhere),
		TEST(test_a_body_that_comes_slowly),
		TEST(test_callers_end_at_any_time),
		TEST(test_hedges),
		TEST(test_equal_gets),
		TEST(test_a_breaker_that_opens),
		TEST(test_who_was_not_asked),
		TEST(test_what_another_thread_leaves),
		TEST(test_no_retry_when_it_is_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
