/* SPDX-License-Identifier: MIT */
/* Several targets of an upstream: the rules in thousands of seconds of a clock, and calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/error.h>
#include <coracle/fiber.h>

#include "client/balance.h"
#include "client/upstreams.h"
#include "stage.h"

/* --- the rules, by themselves --- */

/* A call each 10 ms for `ms`, each of which takes no time; `bad` is a bit for each target that
   fails. Returns how many have failed. */
static uint32_t play(
	struct cor_balancer *balancer, int64_t *now_ms, int64_t ms, uint32_t bad, uint32_t *got)
{
	uint32_t failed = 0;

	for (int64_t end = *now_ms + ms; *now_ms < end; *now_ms += 10) {
		struct cor_pick pick = cor_balancer_choose(balancer, 0, *now_ms);
		bool is_bad = bad & UINT32_C(1) << pick.index;
		got[pick.index]++;
		failed += is_bad;
		(void)cor_balancer_end(
			balancer, &pick, is_bad ? COR_TARGET_BAD : COR_TARGET_GOOD, *now_ms);
	}
	return failed;
}

static void test_one_after_the_other(void **state)
{
	struct cor_balancer balancer;
	uint32_t got[3] = { 0 };
	int64_t now_ms = 0;

	(void)state;
	cor_balancer_init(&balancer, NULL, 3, 7); /* 7 is the turn of 1 */
	assert_int_equal(cor_balancer_choose(&balancer, 0, 0).index, 1);
	assert_int_equal(play(&balancer, &now_ms, 30000, 0, got), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(got[i], 1000);
}

/* An hour, of which one target is down for a quarter: what is lost are 5 calls, and 6 probes after
   10, 20, 40, 80, 160 and 300 s; the next finds it up, 10 s after it has come. */
static void test_one_is_down(void **state)
{
	struct cor_balancer balancer;
	uint32_t before[3] = { 0 }, down[3] = { 0 }, again[3] = { 0 }, after[3] = { 0 };
	int64_t now_ms = 0;

	(void)state;
	cor_balancer_init(&balancer, NULL, 3, 0);
	assert_int_equal(play(&balancer, &now_ms, 99990, 0, before), 0);
	assert_int_equal(play(&balancer, &now_ms, 900000, 1 << 1, down), 11);
	assert_int_equal(down[1], 11);
	assert_int_equal(down[0] + down[2], 90000 - 11);
	assert_true(balancer.targets[1].is_out);
	assert_int_equal(balancer.targets[1].last_ms, 300000);
	assert_int_equal(play(&balancer, &now_ms, 11010, 0, again), 0);
	assert_false(balancer.targets[1].is_out);
	assert_int_equal(play(&balancer, &now_ms, 2589000, 0, after), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(after[i], 86300);
	assert_int_equal(now_ms, 3600000);
}

/* One that comes and goes is out for longer each time, until it has been in for as long. */
static void test_how_the_time_grows(void **state)
{
	static const struct {
		int64_t up_ms;
		int64_t out_ms; /* that it is put out for when it fails again then */
	} rows[] = {
		{ 0, 1000 },
		{ 500, 2000 },
		{ 1990, 4000 },
		{ 3000, 8000 },
		{ 100, 8000 }, /* the most */
		{ 7990, 8000 },
		{ 8000, 1000 }, /* it was in for as long as out */
		{ 990, 2000 },
	};
	const struct cor_balance rules = { .ejected_ms = 1000, .ejected_max_ms = 8000 };
	struct cor_balancer balancer;
	struct cor_pick pick;
	int64_t now_ms = 0;

	(void)state;
	cor_balancer_init(&balancer, &rules, 1, 0);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		now_ms += rows[i].up_ms;
		for (int n = 0; n < 5; n++) {
			assert_false(balancer.targets[0].is_out);
			pick = cor_balancer_choose(&balancer, 0, now_ms);
			assert_int_equal(cor_balancer_end(&balancer, &pick, COR_TARGET_BAD, now_ms),
				n == 4 ? COR_TARGET_LEAVES : COR_TARGET_STAYS);
		}
		assert_int_equal(balancer.targets[0].due_ms - now_ms, rows[i].out_ms);
		now_ms += rows[i].out_ms;
		pick = cor_balancer_choose(&balancer, 0, now_ms);
		assert_true(pick.is_probe);
		assert_int_equal(cor_balancer_end(&balancer, &pick, COR_TARGET_GOOD, now_ms),
			COR_TARGET_RETURNS);
	}
}

/* A probe that hangs is the only call that hangs there, and one that nobody waits for any more
   leaves its place to the next. */
static void test_one_probe_at_a_time(void **state)
{
	struct cor_balancer balancer;
	uint32_t got[2] = { 0 };
	int64_t now_ms = 0;

	(void)state;
	cor_balancer_init(&balancer, NULL, 2, 0);
	assert_int_equal(play(&balancer, &now_ms, 100, 1 << 0, got), 5);
	now_ms = 20000;
	for (int n = 0; n < 3; n++) {
		struct cor_pick probe = cor_balancer_choose(&balancer, 0, now_ms);
		assert_true(probe.is_probe);
		assert_int_equal(probe.index, 0);
		for (int i = 0; i < 1000; i++) {
			struct cor_pick other = cor_balancer_choose(&balancer, 0, now_ms);
			assert_int_equal(other.index, 1);
			assert_int_equal(
				cor_balancer_end(&balancer, &other, COR_TARGET_GOOD, now_ms),
				COR_TARGET_STAYS);
		}
		assert_int_equal(cor_balancer_end(&balancer, &probe, COR_TARGET_UNJUDGED, now_ms),
			COR_TARGET_STAYS);
	}
}

/* What was on its way when a target was put out does not bring it back: a server that ends finishes
   its calls, and takes no more. */
static void test_late_answers(void **state)
{
	struct cor_balancer balancer;
	struct cor_pick early, pick;

	(void)state;
	cor_balancer_init(&balancer, NULL, 1, 0);
	early = cor_balancer_choose(&balancer, 0, 0);
	for (int n = 0; n < 5; n++) {
		pick = cor_balancer_choose(&balancer, 0, 0);
		(void)cor_balancer_end(&balancer, &pick, COR_TARGET_BAD, 0);
	}
	assert_int_equal(cor_balancer_answered(&balancer, &early, 1), COR_TARGET_STAYS);
	assert_int_equal(cor_balancer_end(&balancer, &early, COR_TARGET_GOOD, 1), COR_TARGET_STAYS);
	assert_true(balancer.targets[0].is_out);
}

/* All are down: all are tried, and the first that is up again is in at once. */
static void test_all_are_out(void **state)
{
	struct cor_balancer balancer;
	uint32_t got[4] = { 0 }, again[4] = { 0 };
	int64_t now_ms = 0;

	(void)state;
	cor_balancer_init(&balancer, NULL, 4, 0);
	assert_int_equal(play(&balancer, &now_ms, 1000000, 0xf, got), 100000);
	for (int i = 0; i < 4; i++) {
		assert_true(balancer.targets[i].is_out);
		assert_in_range(got[i], 24990, 25010);
	}
	/* three calls at most go elsewhere before it is its turn */
	assert_in_range(play(&balancer, &now_ms, 10000, 0xb, again), 0, 3);
	assert_in_range(again[2], 997, 1000);
}

static void test_retries_go_elsewhere(void **state)
{
	struct cor_balancer balancer;
	uint32_t got[3] = { 0 };
	int64_t now_ms = 0;

	(void)state;
	cor_balancer_init(&balancer, NULL, 3, 0);
	for (uint32_t chance = 0; chance < 3; chance++)
		for (uint32_t tried = 0; tried < 7; tried++) {
			balancer.next = chance;
			struct cor_pick pick = cor_balancer_choose(&balancer, tried, 0);
			assert_false(tried & UINT32_C(1) << pick.index);
		}
	assert_in_range(cor_balancer_choose(&balancer, 7, 0).index, 0, 2);
	/* but not to what is out, while something is in */
	assert_int_equal(play(&balancer, &now_ms, 1000, 1 << 2, got), 5);
	for (int n = 0; n < 10; n++)
		assert_in_range(cor_balancer_choose(&balancer, 3, now_ms).index, 0, 1);
}

/* Two that take 10 ms, one that takes 100: a call each millisecond for 1,000 s. */
static void test_least_in_flight(void **state)
{
	static const int64_t takes_ms[3] = { 10, 100, 10 };
	const struct cor_balance rules = { .choice = COR_LEAST_IN_FLIGHT };
	static bool is_due[128][3];
	struct cor_balancer balancer;
	uint32_t got[3] = { 0 }, most = 0;

	(void)state;
	cor_balancer_init(&balancer, &rules, 3, 0);
	memset(is_due, 0, sizeof is_due);
	for (int64_t now_ms = 0; now_ms < 1000000; now_ms++) {
		for (uint32_t i = 0; i < 3; i++) {
			struct cor_pick pick = { i, false, false };
			if (is_due[now_ms % 128][i])
				(void)cor_balancer_end(&balancer, &pick, COR_TARGET_GOOD, now_ms);
			is_due[now_ms % 128][i] = false;
		}
		struct cor_pick pick = cor_balancer_choose(&balancer, 0, now_ms);
		is_due[(now_ms + takes_ms[pick.index]) % 128][pick.index] = true;
		got[pick.index]++;
		if (balancer.targets[pick.index].in_flight > most)
			most = balancer.targets[pick.index].in_flight;
	}
	/* by Little's law: 5 each on their way, of 1,000 calls/s 48, 476 and 476 */
	print_message("# figure: least in flight: %u, %u, %u calls, %u on their way at most\n",
		got[0], got[1], got[2], most);
	assert_int_equal(got[0] + got[1] + got[2], 1000000);
	assert_in_range(got[1], 40000, 56000);
	assert_in_range(got[0], 468000, 484000);
	assert_in_range(most, 4, 6);
}

/* 5,000 s of chance: nobody is forgotten, and at most one probe is on its way. */
static void test_chance(void **state)
{
	static struct cor_pick open[64];
	struct cor_balancer balancer;
	uint64_t seed = 42;
	size_t len = 0;

	(void)state;
	cor_balancer_init(&balancer, NULL, 5, 0);
	for (int64_t now_ms = 0; now_ms < 5000000; now_ms += 5) {
		seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		uint32_t draw = (uint32_t)(seed >> 33);
		if (len < 64 && draw % 2)
			open[len++] = cor_balancer_choose(&balancer, draw >> 8 & 31, now_ms);
		else if (len) {
			size_t at = (draw >> 8) % len;
			(void)cor_balancer_end(&balancer, &open[at],
				(enum cor_target_verdict)((draw >> 4) % 3), now_ms);
			open[at] = open[--len];
		}
		uint32_t in_flight[5] = { 0 }, probes[5] = { 0 };
		for (size_t i = 0; i < len; i++) {
			in_flight[open[i].index]++;
			probes[open[i].index] += open[i].is_probe;
		}
		for (int i = 0; i < 5; i++) {
			assert_int_equal(balancer.targets[i].in_flight, in_flight[i]);
			assert_int_equal(balancer.targets[i].is_probed, probes[i]);
		}
	}
}

static const struct {
	enum cor_failure kind;
	int status;
	enum cor_target_verdict verdict;
} verdicts[] = {
	{ COR_FAILED_NOT, 200, COR_TARGET_GOOD },
	{ COR_FAILED_NOT, 404, COR_TARGET_GOOD },
	{ COR_FAILED_NOT, 429, COR_TARGET_GOOD },
	{ COR_FAILED_NOT, 500, COR_TARGET_BAD },
	{ COR_FAILED_NOT, 503, COR_TARGET_BAD },
	{ COR_FAILED_NOT, 0, COR_TARGET_UNJUDGED },
	{ COR_FAILED_STATUS, 404, COR_TARGET_GOOD },
	{ COR_FAILED_STATUS, 503, COR_TARGET_BAD },
	{ COR_FAILED_CONNECT_TIMEOUT, 0, COR_TARGET_BAD },
	{ COR_FAILED_TOTAL_TIMEOUT, 0, COR_TARGET_BAD },
	{ COR_FAILED_BETWEEN_TIMEOUT, 200, COR_TARGET_BAD },
	{ COR_FAILED_REFUSED, 0, COR_TARGET_BAD },
	{ COR_FAILED_LOST, 200, COR_TARGET_BAD },
	{ COR_FAILED_CERTIFICATE, 0, COR_TARGET_BAD },
	{ COR_FAILED_PROTOCOL, 0, COR_TARGET_BAD },
	{ COR_FAILED_TOO_LARGE, 200, COR_TARGET_GOOD },
	{ COR_FAILED_SCHEMA, 200, COR_TARGET_GOOD },
	{ COR_FAILED_CANCELED, 0, COR_TARGET_UNJUDGED },
	{ COR_FAILED_SOURCE, 0, COR_TARGET_UNJUDGED },
	{ COR_FAILED_MEMORY, 0, COR_TARGET_UNJUDGED },
};

static void test_what_counts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++) {
		print_message("# %x %d\n", (unsigned)verdicts[i].kind, verdicts[i].status);
		assert_int_equal(cor_target_judge(verdicts[i].kind, verdicts[i].status),
			verdicts[i].verdict);
	}
}

/* --- calls --- */

#define GET(...) cor_http_get(stage->ctx, &several, COR_NONE, NULL, __VA_ARGS__)

static const char *host(const struct stage *stage, size_t i)
{
	return stage_call(stage, i)->upstream;
}

static void test_calls_take_turns(void **state)
{
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ .times = COR_SCRIPT_ALWAYS });
	for (int n = 0; n < 6; n++)
		assert_int_equal(GET(COR_PATH("/x")), 0);
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(host(stage, i), host(stage, i + 3));
		assert_string_not_equal(host(stage, i), host(stage, (i + 1) % 3));
		assert_string_equal(stage_call(stage, i)->path, "/v1/x");
	}
}

/* One refuses, one answers 503: each call succeeds by the third, with a retry or two. After five
   failures in a row each, none needs one. */
static void test_calls_avoid_who_fails(void **state)
{
	struct stage *stage = *state;
	size_t made;

	stage_line(stage, &(struct cor_scripted){ .upstream = "a:81",
				  .fault = COR_SCRIPT_REFUSED,
				  .times = COR_SCRIPT_ALWAYS });
	stage_line(stage, &(struct cor_scripted){
				  .upstream = "b:82", .status = 503, .times = COR_SCRIPT_ALWAYS });
	stage_line(stage, &(struct cor_scripted){ .upstream = "c:83", .times = COR_SCRIPT_ALWAYS });
	for (int n = 0; n < 15; n++)
		assert_int_equal(GET(COR_PATH("/")), 0);
	/* 15 that were good, 5 failures of each of the others */
	made = cor_script_len(stage->script);
	assert_int_equal(made, 25);
	for (int n = 0; n < 100; n++)
		assert_int_equal(GET(COR_PATH("/")), 0);
	assert_int_equal(cor_script_len(stage->script), made + 100);
	for (size_t i = 0; i < 100; i++)
		assert_string_equal(host(stage, made + i), "c:83");
}

/* Its answer is a 200 that stops: that is a failure of the target, too. */
static void test_answers_that_are_cut_count(void **state)
{
	struct stage *stage = *state;
	struct cor_str ret;
	size_t bad = 0, asked = 0;

	stage_line(stage, &(struct cor_scripted){ .upstream = "a:81",
				  .body = "0123",
				  .fault = COR_SCRIPT_RESET,
				  .fails_after = 2,
				  .times = COR_SCRIPT_ALWAYS });
	stage_line(stage, &(struct cor_scripted){ .body = "0123", .times = COR_SCRIPT_ALWAYS });
	for (int n = 0; n < 100; n++)
		bad += cor_http_get(stage->ctx, &several, COR_BYTES, &ret, COR_PATH("/")) < 0;
	assert_int_equal(bad, 0); /* they were tried elsewhere */
	for (size_t i = 0; i < cor_script_len(stage->script); i++)
		asked += strcmp(stage_call(stage, i)->upstream, "a:81") == 0;
	assert_int_equal(asked, 5);
}

/* The deadline of a request that is over at once says nothing of the target: it is not put out. */
static void test_the_time_of_our_client_does_not_count(void **state)
{
	struct stage *stage = *state;
	size_t late = 0;

	stage_line(stage, &(struct cor_scripted){
				  .upstream = "a:81", .head_ms = 100, .times = COR_SCRIPT_ALWAYS });
	stage_line(stage, &(struct cor_scripted){ .times = COR_SCRIPT_ALWAYS });
	for (int n = 0; n < 300; n++) {
		struct cor_scope scope;
		cor_scope_enter(&scope, 5);
		late += GET(COR_PATH("/")) == -ETIMEDOUT;
		cor_scope_leave(&scope);
	}
	assert_int_equal(late, 100);
}

static void test_a_redirect_leads_where_it_says(void **state)
{
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ .status = 307,
				  .headers = COR_HTTP_FIELDS({ "Location", "/v1/y" }) });
	stage_line(stage, &(struct cor_scripted){ 0 });
	assert_int_equal(GET(COR_PATH("/x")), 0);
	assert_string_equal(host(stage, 0), host(stage, 1));
}

/* --- contradictions --- */

#define UPSTREAM(...)                                                                              \
	{                                                                                          \
		.name = "x", __VA_ARGS__                                                           \
	}

static const struct {
	struct cor_upstream upstream;
	const char *fault;
} faults[] = {
	{ UPSTREAM(.targets = COR_TARGETS("http://a", "http://b:81/")), NULL },
	{ UPSTREAM(.targets = COR_TARGETS("http://a/v1", "http://b/v1/")), NULL },
	{ UPSTREAM(.targets = COR_TARGETS("http://a", "http://b"), .base_url = "http://c"),
		"has a .base_url besides" },
	{ UPSTREAM(.targets = COR_TARGETS("http://a", "ftp://b")),
		"has the target \"ftp://b\", which does not begin with" },
	{ UPSTREAM(.targets = COR_TARGETS("http://a", "http://u:secret@b")),
		"has a target that has a user in it" },
	{ UPSTREAM(.targets = COR_TARGETS("http://a", "http://A:80")),
		"has the target \"http://A:80\" twice" },
	{ UPSTREAM(.targets = COR_TARGETS("http://a/v1", "http://b/v2")),
		"not the same: another path" },
	{ UPSTREAM(.balance = &(const struct cor_balance){ .choice = COR_LEAST_IN_FLIGHT }),
		"has no .targets: set them, or give --upstream-x-url" },
	{ UPSTREAM(.targets = COR_TARGETS("http://a"),
		  .balance = &(const struct cor_balance){ .ejected_ms = 2, .ejected_max_ms = 1 }),
		"has an .ejected_ms that is longer" },
	{ UPSTREAM(.targets = COR_TARGETS("http://a"),
		  .balance = &(const struct cor_balance){ .ejection = COR_NOT_EJECTED,
			  .eject_after = 1 }),
		"says when targets are ejected" },
};

static void test_contradictions(void **state)
{
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		const char *fault = cor_upstream_fault(&arena, &faults[i].upstream, NULL);
		print_message("# %s\n", fault ? fault : "none");
		if (faults[i].fault)
			assert_non_null(fault && strstr(fault, faults[i].fault) ? fault : NULL);
		else
			assert_null(fault);
	}
	cor_arena_finish(&arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_after_the_other),
		cmocka_unit_test(test_one_is_down),
		cmocka_unit_test(test_how_the_time_grows),
		cmocka_unit_test(test_one_probe_at_a_time),
		cmocka_unit_test(test_late_answers),
		cmocka_unit_test(test_all_are_out),
		cmocka_unit_test(test_retries_go_elsewhere),
		cmocka_unit_test(test_least_in_flight),
		cmocka_unit_test(test_chance),
		cmocka_unit_test(test_what_counts),
		TEST(test_calls_take_turns),
		TEST(test_calls_avoid_who_fails),
		TEST(test_answers_that_are_cut_count),
		TEST(test_the_time_of_our_client_does_not_count),
		TEST(test_a_redirect_leads_where_it_says),
		cmocka_unit_test(test_contradictions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
