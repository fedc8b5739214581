/* SPDX-License-Identifier: MIT */
/* Breakers: the rules in thousands of seconds of a clock, and calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <coracle/error.h>
#include <coracle/fiber.h>

#include "client/breaker.h"
#include "client/call_figures.h"
#include "client/upstreams.h"
#include "context/context.h"
#include "stage.h"

/* --- the rules, by themselves --- */

static const struct cor_breaker by_default = {
	.window_ms = 10000, .calls_min = 20, .failed_percent = 50, .open_ms = 5000, .probes = 3
};

/* What has happened in a while. */
struct course {
	uint32_t passed, failed, refused, opened, tried, closed;
};

static void note(struct course *course, const struct cor_breaker_change *change)
{
	course->opened += change->to == COR_BREAKER_OPENS;
	course->tried += change->to == COR_BREAKER_TRIES;
	course->closed += change->to == COR_BREAKER_CLOSES;
}

static void call_once(struct cor_breaker_state *state, const struct cor_breaker *rules,
	int64_t now_ms, bool is_bad, struct course *course)
{
	struct cor_breaker_change change;
	struct cor_permit permit;
	int64_t wait_ms = cor_breaker_enter(state, rules, now_ms, now_ms + 1000, &permit, &change);

	note(course, &change);
	assert_int_equal(permit.is_given, wait_ms == 0);
	if (wait_ms) {
		course->refused++;
		return;
	}
	course->passed++;
	course->failed += is_bad;
	change = cor_breaker_leave(
		state, rules, &permit, is_bad ? COR_TARGET_BAD : COR_TARGET_GOOD, now_ms);
	note(course, &change);
}

/* A call each 10 ms for `ms`, of which each `nth` fails; 0: none does. */
static struct course play(struct cor_breaker_state *state, const struct cor_breaker *rules,
	int64_t *now_ms, int64_t ms, uint32_t nth)
{
	struct course course = { 0 };
	uint32_t n = 0;

	for (int64_t end = *now_ms + ms; *now_ms < end; *now_ms += 10)
		call_once(state, rules, *now_ms, nth && ++n % nth == 0, &course);
	return course;
}

static void assert_course(const struct course *got, const struct course *wanted)
{
	print_message("# %u passed, %u failed, %u refused, %u opened, %u tried, %u closed\n",
		got->passed, got->failed, got->refused, got->opened, got->tried, got->closed);
	assert_memory_equal(got, wanted, sizeof *got);
}

/* An hour: well, dead for half of it, well again. */
static void test_dead_for_half_an_hour(void **state_)
{
	struct cor_breaker_state state;
	struct course course;
	int64_t now_ms = 0;

	(void)state_;
	assert_int_equal(cor_breaker_init(&state), 0);
	course = play(&state, &by_default, &now_ms, 900000, 0);
	assert_course(&course, &(struct course){ .passed = 90000 });
	course = play(&state, &by_default, &now_ms, 1800000, 1);
	/* after 500 of them half of the window is bad, and then there is a probe each 5 s */
	assert_course(&course, &(struct course){ .passed = 500 + 359,
				       .failed = 500 + 359,
				       .refused = 180000 - 500 - 359,
				       .opened = 360,
				       .tried = 359 });
	course = play(&state, &by_default, &now_ms, 900000, 0);
	assert_int_equal(course.closed, 1);
	assert_int_equal(course.failed, 0);
	assert_int_equal(state.phase, COR_BREAKER_CLOSED);
}

/* Just below the rate it never opens, and with it it does. */
static void test_the_rate(void **state_)
{
	struct cor_breaker rules = by_default;
	struct cor_breaker_state state;
	struct course course;
	int64_t now_ms = 1;

	(void)state_;
	assert_int_equal(cor_breaker_init(&state), 0);
	rules.failed_percent = 34;
	course = play(&state, &rules, &now_ms, 1000000, 3);
	assert_course(&course, &(struct course){ .passed = 100000, .failed = 33333 });
	rules.failed_percent = 33;
	course = play(&state, &rules, &now_ms, 30, 3);
	assert_int_equal(course.opened, 1);
}

/* So few calls that it never opens, though all of them fail; with one more in a window it does. */
static void test_the_minimum(void **state_)
{
	struct cor_breaker_state state;
	struct course course = { 0 };
	int64_t now_ms = 0;

	(void)state_;
	assert_int_equal(cor_breaker_init(&state), 0);
	for (; now_ms < 3600000; now_ms += 530) /* 18.9 in 10 s */
		call_once(&state, &by_default, now_ms, true, &course);
	assert_course(&course, &(struct course){ .passed = 6793, .failed = 6793 });
	for (int i = 0; i < 20 && course.opened == 0; i++)
		call_once(&state, &by_default, now_ms, true, &course);
	assert_int_equal(course.opened, 1);
	assert_in_range(course.failed, 6794, 6797);
}

/* What has failed long ago does not count. */
static void test_the_window_moves(void **state_)
{
	struct cor_breaker_state state;
	struct course course = { 0 };

	(void)state_;
	assert_int_equal(cor_breaker_init(&state), 0);
	for (int i = 0; i < 19; i++)
		call_once(&state, &by_default, 0, true, &course);
	call_once(&state, &by_default, 10000, true, &course);
	assert_int_equal(course.opened, 0);
	for (int i = 0; i < 18; i++)
		call_once(&state, &by_default, 19999, true, &course);
	assert_int_equal(course.opened, 0);
	call_once(&state, &by_default, 19999, true, &course);
	assert_int_equal(course.opened, 1);
	call_once(&state, &by_default, 24998, true, &course);
	assert_int_equal(course.refused, 1);
}

static void fail_it(struct cor_breaker_state *state, int64_t now_ms)
{
	struct course course = { 0 };

	for (int i = 0; i < 20; i++)
		call_once(state, &by_default, now_ms, true, &course);
	assert_int_equal(course.opened, 1);
	assert_int_equal(cor_breaker_phase_at(state, now_ms + 4999), COR_BREAKER_OPEN);
	assert_int_equal(cor_breaker_phase_at(state, now_ms + 5000), COR_BREAKER_HALF_OPEN);
}

/* Half open, three are let through at once, and no more: not even when one of them is answered. */
static void test_probes(void **state_)
{
	struct cor_breaker_state state;
	struct cor_breaker_change change;
	struct cor_permit probes[3], more;

	(void)state_;
	assert_int_equal(cor_breaker_init(&state), 0);
	fail_it(&state, 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
			cor_breaker_enter(&state, &by_default, 5000, 9000, &probes[i], &change), 0);
		assert_true(probes[i].is_probe);
		assert_int_equal(change.to, i == 0 ? COR_BREAKER_TRIES : COR_BREAKER_STAYS);
	}
	assert_int_not_equal(cor_breaker_enter(&state, &by_default, 5001, 9000, &more, &change), 0);
	for (int i = 0; i < 3; i++) {
		change = cor_breaker_leave(&state, &by_default, &probes[i], COR_TARGET_GOOD, 5002);
		assert_int_equal(change.to, i == 2 ? COR_BREAKER_CLOSES : COR_BREAKER_STAYS);
		int64_t wait_ms = cor_breaker_enter(
			&state, &by_default, 5003, 9000, &more, &change);
		assert_int_equal(wait_ms == 0, i == 2);
	}
	assert_false(more.is_probe);
}

/* One that nobody waits for any more leaves its place; one that fails opens it, whatever others
   say afterwards. */
static void test_probes_that_end_otherwise(void **state_)
{
	struct cor_breaker_state state;
	struct cor_breaker_change change;
	struct cor_permit probes[3], more;

	(void)state_;
	assert_int_equal(cor_breaker_init(&state), 0);
	fail_it(&state, 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(
			cor_breaker_enter(&state, &by_default, 5000, 9000, &probes[i], &change), 0);
	(void)cor_breaker_leave(&state, &by_default, &probes[1], COR_TARGET_UNJUDGED, 5100);
	assert_int_equal(cor_breaker_enter(&state, &by_default, 5100, 9000, &more, &change), 0);
	change = cor_breaker_leave(&state, &by_default, &probes[0], COR_TARGET_BAD, 5200);
	assert_int_equal(change.to, COR_BREAKER_OPENS);
	assert_int_equal(change.tries, 0);
	change = cor_breaker_leave(&state, &by_default, &more, COR_TARGET_GOOD, 5300);
	assert_int_equal(change.to, COR_BREAKER_STAYS);
	assert_int_equal(cor_breaker_enter(&state, &by_default, 5300, 9000, &more, &change), 4900);
}

/* The worker of three probes is killed: they have their places until their timeouts are over. */
static void test_a_probe_that_never_ends(void **state_)
{
	struct cor_breaker_state state;
	struct cor_breaker_change change;
	struct cor_permit lost, permit;
	struct course course = { 0 };

	(void)state_;
	assert_int_equal(cor_breaker_init(&state), 0);
	fail_it(&state, 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(
			cor_breaker_enter(&state, &by_default, 5000, 35000, &lost, &change), 0);
	assert_int_not_equal(
		cor_breaker_enter(&state, &by_default, 34999, 36000, &permit, &change), 0);
	for (int i = 0; i < 3; i++)
		call_once(&state, &by_default, 35000, false, &course);
	assert_int_equal(course.closed, 1);
	/* and should one come back after all, it has no say */
	change = cor_breaker_leave(&state, &by_default, &lost, COR_TARGET_BAD, 35001);
	assert_int_equal(change.to, COR_BREAKER_STAYS);
	assert_int_equal(state.phase, COR_BREAKER_CLOSED);
}

/* Calls that were on their way when it opened say nothing of what it is like later. */
static void test_late_answers(void **state_)
{
	struct cor_breaker_state state;
	struct cor_breaker_change change;
	struct cor_permit late[30];
	struct course course = { 0 };

	(void)state_;
	assert_int_equal(cor_breaker_init(&state), 0);
	for (int i = 0; i < 30; i++)
		assert_int_equal(
			cor_breaker_enter(&state, &by_default, 0, 30000, &late[i], &change), 0);
	fail_it(&state, 0);
	for (int i = 0; i < 10; i++)
		(void)cor_breaker_leave(&state, &by_default, &late[i], COR_TARGET_GOOD, 5000);
	assert_int_equal(state.phase, COR_BREAKER_OPEN);
	for (int i = 0; i < 3; i++)
		call_once(&state, &by_default, 5000, false, &course);
	assert_int_equal(course.closed, 1);
	for (int i = 10; i < 30; i++)
		(void)cor_breaker_leave(&state, &by_default, &late[i], COR_TARGET_BAD, 5001);
	assert_int_equal(state.phase, COR_BREAKER_CLOSED);
}

/* 5,000 s of chance: what is let through while it is half open is never more than the probes. */
static void test_chance(void **state_)
{
	static struct cor_permit open[64];
	struct cor_breaker_state state;
	struct cor_breaker_change change;
	struct course course = { 0 };
	uint64_t seed = 42;
	size_t len = 0;

	(void)state_;
	assert_int_equal(cor_breaker_init(&state), 0);
	for (int64_t now_ms = 0; now_ms < 5000000; now_ms += 5) {
		seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		uint32_t draw = (uint32_t)(seed >> 33);
		change.to = COR_BREAKER_STAYS;
		if (len < 64 && draw % 2) {
			if (cor_breaker_enter(&state, &by_default, now_ms, INT64_MAX, &open[len],
				    &change) == 0)
				len++;
		} else if (len) {
			size_t at = (draw >> 8) % len;
			change = cor_breaker_leave(&state, &by_default, &open[at],
				(enum cor_target_verdict)((draw >> 4) % 3), now_ms);
			open[at] = open[--len];
		}
		note(&course, &change);
		uint32_t probes = 0;
		for (size_t i = 0; i < len; i++)
			probes += open[i].is_probe && open[i].epoch == state.epoch;
		if (state.phase == COR_BREAKER_HALF_OPEN)
			assert_in_range(probes + state.answered, 0, 3);
	}
	print_message("# figure: chance: %u opened, %u closed\n", course.opened, course.closed);
	assert_int_equal(course.opened, state.opened);
	assert_true(course.closed > 10 && course.tried >= course.closed);
}

/* --- between processes --- */

static void test_one_for_all_processes(void **state_)
{
	struct cor_breaker other = by_default;
	struct cor_breaker_table *table = mmap(
		NULL, sizeof *table, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;

	(void)state_;
	assert_ptr_not_equal(table, MAP_FAILED);
	assert_int_equal(cor_breaker_table_init(table, sizeof *table), 0);
	assert_null(cor_breaker_find(table, "prices", &by_default));
	pid_t child = fork();
	if (child == 0) {
		struct course course = { 0 };
		struct cor_breaker_state *its = cor_breaker_hold(table, "prices", &by_default);
		for (int i = 0; i < 20; i++)
			call_once(its, &by_default, 0, true, &course);
		(void)!cor_lock_take(&its->lock, NULL, NULL); /* and dies with it */
		_exit(course.opened == 1 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	struct cor_breaker_state *state = cor_breaker_hold(table, "prices", &by_default);
	assert_ptr_equal(cor_breaker_find(table, "prices", &by_default), state);
	assert_int_equal(state->phase, COR_BREAKER_OPEN);
	struct course course = { 0 };
	call_once(state, &by_default, 1, false, &course); /* it is mended: closed */
	assert_int_equal(state->phase, COR_BREAKER_CLOSED);
	other.probes = 4;
	assert_ptr_not_equal(cor_breaker_hold(table, "prices", &other), state);
	assert_ptr_not_equal(cor_breaker_hold(table, "others", &by_default), state);
	munmap(table, sizeof *table);
}

static void test_no_room(void **state_)
{
	struct cor_breaker_table *table = cor_breaker_table_create();
	struct cor_breaker rules = by_default;

	(void)state_;
	assert_non_null(table);
	for (rules.calls_min = 1; rules.calls_min <= COR_BREAKERS_MAX; rules.calls_min++)
		assert_non_null(cor_breaker_hold(table, "prices", &rules));
	assert_null(cor_breaker_hold(table, "prices", &rules));
	free(table);
}

/* --- calls --- */

#define GET(...) cor_http_get(stage->ctx, &guarded, COR_NONE, NULL, COR_PATH("/x"), ##__VA_ARGS__)

static uint64_t counted(const struct stage *stage, const char *result)
{
	const struct cor_calls_figures *all = stage->ctx->environment->calls;
	size_t i = 0;

	while (strcmp(cor_call_result_name(i), result) != 0)
		i++;
	return cor_counter_read(&all->items[3].results[i]); /* the last of the service */
}

/* An hour with a call each second; the server is broken for half of it. It opens when half of a
   window has failed, and is asked once a minute. */
static void test_calls(void **state)
{
	struct stage *stage = *state;
	int good = 0, failed = 0, open = 0;

	stage_line(stage, &(struct cor_scripted){ .times = 900 });
	stage_line(stage, &(struct cor_scripted){ .times = 28 + 29, .status = 500 });
	stage_line(stage, &(struct cor_scripted){ .times = COR_SCRIPT_ALWAYS });
	for (int s = 0; s < 3600; s++) {
		int rc = GET();
		good += rc == 0;
		failed += rc == -COR_ESTATUS;
		open += rc == -COR_EUNTRIED;
		if (rc == -COR_EUNTRIED) {
			const struct cor_http_failure *failure = cor_http_failure(stage->ctx);
			assert_int_equal(failure->kind, COR_FAILED_OPEN);
			assert_int_equal(failure->attempts, 0);
			assert_in_range(failure->retry_after_ms, 1, 60000);
			assert_int_equal(cor_problem_of(stage->ctx)->status, 503);
		}
		assert_int_equal(cor_sleep_ms(1000), 0);
	}
	assert_int_equal(failed, 57);
	assert_int_equal(open, 30 * 59);
	assert_int_equal(good, 3600 - 57 - 30 * 59);
	assert_int_equal(counted(stage, "breaker open"), open);
	assert_int_equal(cor_script_len(stage->script), 3600 - open);
}

/* A retry is not made where the first try has opened it: the first failure is told. */
static void test_no_retry_into_an_open_one(void **state)
{
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ .status = 503, .times = COR_SCRIPT_ALWAYS });
	assert_int_equal(GET(), -COR_ESTATUS); /* a try and two retries */
	assert_int_equal(cor_http_failure(stage->ctx)->attempts, 3);
	assert_int_equal(GET(), -COR_ESTATUS); /* the fourth opens it */
	assert_int_equal(cor_http_failure(stage->ctx)->attempts, 1);
	assert_int_equal(GET(), -COR_EUNTRIED);
	assert_int_equal(cor_script_len(stage->script), 4);
}

/* What the caller, or a rule of ours, is to blame for says nothing of the server. */
static void test_what_does_not_count(void **state)
{
	struct stage *stage = *state;
	struct cor_scope scope;

	stage_line(stage, &(struct cor_scripted){ .status = 404, .times = 10 });
	stage_line(stage, &(struct cor_scripted){ .fault = COR_SCRIPT_SILENT, .times = 10 });
	stage_line(stage, &(struct cor_scripted){ .times = COR_SCRIPT_ALWAYS });
	for (int i = 0; i < 10; i++)
		assert_int_equal(GET(), -COR_ESTATUS);
	for (int i = 0; i < 10; i++) {
		cor_scope_enter(&scope, 50);
		assert_int_equal(GET(), -ETIMEDOUT);
		cor_scope_leave(&scope);
	}
	assert_int_equal(GET(), 0);
}

/* The head of an answer is enough for a probe: streams may last. */
static void test_a_probe_that_is_a_stream(void **state)
{
	struct stage *stage = *state;
	struct cor_answer *answer;

	stage_line(stage, &(struct cor_scripted){ .times = 4, .fault = COR_SCRIPT_REFUSED });
	stage_line(stage, &(struct cor_scripted){ .body = "x", .times = COR_SCRIPT_ALWAYS });
	cor_ignore(GET());
	cor_ignore(GET());
	assert_int_equal(GET(), -COR_EUNTRIED);
	assert_int_equal(cor_sleep_ms(60000), 0);
	assert_int_equal(cor_http_open(stage->ctx, &guarded, &answer, COR_PATH("/x")), 0);
	assert_int_equal(GET(), 0);
	cor_answer_close(answer);
}

static void test_contradictions(void **state)
{
	struct cor_upstream upstream = { .name = "x", .base_url = "http://a" };
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	upstream.breaker = &(const struct cor_breaker){ 0 };
	assert_null(cor_upstream_fault(&arena, &upstream, NULL));
	upstream.breaker = &(const struct cor_breaker){ .failed_percent = 101 };
	assert_non_null(strstr(cor_upstream_fault(&arena, &upstream, NULL), "101 .failed_percent"));
	upstream.breaker = &(const struct cor_breaker){ .probes = 17 };
	assert_non_null(strstr(cor_upstream_fault(&arena, &upstream, NULL), "17 .probes"));
	cor_arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dead_for_half_an_hour),
		cmocka_unit_test(test_the_rate),
		cmocka_unit_test(test_the_minimum),
		cmocka_unit_test(test_the_window_moves),
		cmocka_unit_test(test_probes),
		cmocka_unit_test(test_probes_that_end_otherwise),
		cmocka_unit_test(test_a_probe_that_never_ends),
		cmocka_unit_test(test_late_answers),
		cmocka_unit_test(test_chance),
		cmocka_unit_test(test_one_for_all_processes),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test_setup_teardown(test_calls, stage_open, stage_close),
		cmocka_unit_test_setup_teardown(
			test_no_retry_into_an_open_one, stage_open, stage_close),
		cmocka_unit_test_setup_teardown(test_what_does_not_count, stage_open, stage_close),
		cmocka_unit_test_setup_teardown(
			test_a_probe_that_is_a_stream, stage_open, stage_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
