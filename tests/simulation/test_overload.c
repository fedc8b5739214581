/* SPDX-License-Identifier: MIT */
/*
 * More requests than can be served: who is served, who is refused and when, to the millisecond. A
 * handler that computes moves the time of the world itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "answers.h"
#include "runtime/lag.h"
#include "script.h"
#include "service.h"

#define CROWD       200
#define WORK_MS     4
#define PATIENCE_MS (COR_LAG_PATIENCE * QUEUE_MS)
#define SHORT_MS    10 /* the time of a single request */

static int peers[CROWD];

struct tally {
	int served;
	int refused;
	int silent;
};

static void ask(struct stage *stage, int from, int to, const char *request)
{
	for (int i = from; i < to; i++)
		assert_int_equal(cor_world_send(stage->world, peers[i], request), strlen(request));
}

/* A refused client is told when to come again. */
static struct tally hear(struct stage *stage, int from, int to)
{
	static char text[2048];
	struct tally tally = { 0 };

	for (int i = from; i < to; i++) {
		ssize_t n = cor_world_receive(stage->world, peers[i], text, sizeof text - 1);
		text[n > 0 ? n : 0] = '\0';
		if (n <= 0) {
			tally.silent++;
		} else if (strncmp(text, "HTTP/1.1 200", 12) == 0) {
			tally.served++;
		} else {
			assert_memory_equal(text, "HTTP/1.1 503", 12);
			assert_non_null(strstr(text, "Retry-After: "));
			assert_non_null(strstr(text, PROBLEM));
			assert_null(strstr(text, "Connection: close"));
			tally.refused++;
		}
	}
	return tally;
}

/* All of them at once; the loop works until nothing is left to do now. */
static struct tally burst(struct stage *stage, int count, const char *request)
{
	ask(stage, 0, count, request);
	stage_run_until(stage, cor_world_now_ns(stage->world));
	return hear(stage, 0, count);
}

static void arrive(struct stage *stage, int count)
{
	stage_open(stage, 1);
	for (int i = 0; i < count; i++) {
		peers[i] = cor_world_connect(stage->world, STAGE_ADDRESS);
		assert_true(peers[i] > 0);
	}
	stage_run_until(stage, cor_world_now_ns(stage->world));
	/* from then on each may be idle for a while */
	assert_int_equal(burst(stage, count, GET("/hello?name=Ada")).served, count);
}

static void rest(struct stage *stage, int ms)
{
	stage_run_until(stage, cor_world_now_ns(stage->world) + MS(ms) - MS(0));
}

static uint64_t refused(const struct stage *stage, enum cor_refusal why)
{
	return cor_counter_read(&stage->counts[0].refused[why]);
}

static void test_burst_that_ends_is_served(void **state)
{
	struct stage stage;

	(void)state;
	arrive(&stage, CROWD);
	for (int i = 0; i < 20; i++) {
		const int count = PATIENCE_MS / WORK_MS - 25;
		struct tally tally = burst(&stage, count, GET("/toil?ms=4"));
		assert_int_equal(tally.served, count);
		rest(&stage, SHORT_MS);
	}
	assert_int_equal(refused(&stage, COR_REFUSED_QUEUE), 0);
	stage_close(&stage);
}

/* The first five targets are a burst; what has waited so long by then has waited too long. */
static void test_burst_that_is_too_long(void **state)
{
	const int served = PATIENCE_MS / WORK_MS;
	struct stage stage;

	(void)state;
	arrive(&stage, CROWD);
	struct tally tally = burst(&stage, CROWD, GET("/toil?ms=4"));
	assert_int_equal(tally.served, served);
	assert_int_equal(tally.refused, CROWD - served);
	assert_int_equal(refused(&stage, COR_REFUSED_QUEUE), CROWD - served);
	char *log = stage_log(&stage);
	assert_non_null(
		strstr(log, "\"reason\":\"more requests wait than can be served in time\""));
	free(log);
	stage_close(&stage);
}

/* While the queue stands, nobody waits longer than the target. */
static void test_queue_that_stands(void **state)
{
	const int served = QUEUE_MS / WORK_MS;
	struct stage stage;

	(void)state;
	arrive(&stage, CROWD);
	(void)burst(&stage, CROWD, GET("/toil?ms=4"));
	for (int i = 0; i < 10; i++) {
		struct tally tally = burst(&stage, CROWD, GET("/toil?ms=4"));
		assert_int_equal(tally.served, served);
		assert_int_equal(tally.refused, CROWD - served);
	}
	stage_close(&stage);
}

/* A hundred come again and again, so that each look finds too many, but none very many. */
static void test_queue_that_finally_stands(void **state)
{
	const int count = 2 * QUEUE_MS / WORK_MS;
	struct stage stage;
	int turns = 0;

	(void)state;
	arrive(&stage, CROWD);
	while (turns < 10 && burst(&stage, count, GET("/toil?ms=4")).refused == 0)
		turns++;
	assert_int_equal(turns, PATIENCE_MS / (2 * QUEUE_MS));
	stage_close(&stage);
}

static void test_it_is_over_when_the_load_is(void **state)
{
	struct stage stage;

	(void)state;
	arrive(&stage, CROWD);
	(void)burst(&stage, CROWD, GET("/toil?ms=4"));
	assert_true(burst(&stage, CROWD, GET("/toil?ms=4")).refused > 0);
	assert_int_equal(burst(&stage, 10, GET("/toil?ms=4")).served, 10);
	assert_int_equal(burst(&stage, 100, GET("/toil?ms=4")).served, 100);
	stage_close(&stage);
}

/* A few that wait long are not an overload: each of them computes for long. */
static void test_few_are_served_however_long_they_take(void **state)
{
	struct stage stage;

	(void)state;
	arrive(&stage, CROWD);
	for (int i = 0; i < 5; i++)
		assert_int_equal(
			burst(&stage, COR_LAG_FEW, GET("/toil?ms=200")).served, COR_LAG_FEW);
	assert_int_equal(burst(&stage, COR_LAG_FEW + 2, GET("/toil?ms=200")).refused, 2);
	stage_close(&stage);
}

/*
 * Time that passes at once, as for a process that was stopped (SIGSTOP, a frozen container), shows
 * no queue: those who have come meanwhile are served, as soon as it goes on.
 */
static void test_pause_is_not_a_queue(void **state)
{
	struct stage stage;

	(void)state;
	arrive(&stage, CROWD);
	for (int i = 0; i < 5; i++) {
		ask(&stage, 0, 1, GET("/toil?ms=900"));
		ask(&stage, 1, CROWD, GET("/hello?name=Ada"));
		stage_run_until(&stage, cor_world_now_ns(stage.world));
		assert_int_equal(hear(&stage, 0, CROWD).served, CROWD);
		rest(&stage, SHORT_MS);
	}
	stage_close(&stage);
}

/* It would not be served in time any more: nobody computes for it. */
static void test_time_that_is_up_before_the_turn(void **state)
{
	struct stage stage;

	(void)state;
	arrive(&stage, CROWD);
	struct tally tally = burst(&stage, 3, GET("/toil?ms=2000"));
	assert_int_equal(tally.served, 2);
	assert_int_equal(tally.refused, 1);
	assert_int_equal(refused(&stage, COR_REFUSED_DEADLINE), 1);
	assert_int_equal(cor_world_now_ns(stage.world), MS(4000));
	stage_close(&stage);
}

/* --- fibers that may go on --- */

/* Somebody comes with each that is done. */
static struct stage *crowded;
static int next_peer;
static const char *next_request;

static void another_comes(void)
{
	if (next_peer < CROWD)
		ask(crowded, next_peer, next_peer + 1, next_request);
	next_peer++;
}

/*
 * They have waited for something else, and their work is still to come: a second of it. Nobody
 * knows until half a second of it is done; then nobody is let in until no more than the target is
 * left.
 */
static void test_run_queue_that_stands(void **state)
{
	const int first = 100;
	struct stage stage;

	(void)state;
	arrive(&stage, CROWD);
	crowded = &stage;
	next_peer = first;
	next_request = GET("/toil?after=5&ms=10");
	toil_meanwhile = another_comes;
	ask(&stage, 0, first, GET("/toil?after=5&ms=10"));
	rest(&stage, 3000);
	toil_meanwhile = NULL;
	assert_int_equal(hear(&stage, 0, first).served, first);
	struct tally later = hear(&stage, first, CROWD);
	assert_int_equal(later.silent, 0);
	assert_in_range(later.served, 40, 60);
	assert_int_equal(refused(&stage, COR_REFUSED_QUEUE), later.refused);
	ask(&stage, 0, 20, GET("/toil?after=5&ms=10"));
	rest(&stage, 300);
	assert_int_equal(hear(&stage, 0, 20).served, 20);
	stage_close(&stage);
}

/* While the process is stopped, nobody has a turn: but then all have, and others are let in. */
static void test_pause_is_no_run_queue(void **state)
{
	const int first = 100;
	struct stage stage;

	(void)state;
	arrive(&stage, CROWD);
	crowded = &stage;
	next_peer = first;
	next_request = GET("/hello?name=Ada");
	toil_meanwhile = another_comes;
	ask(&stage, 0, 10, GET("/toil?after=5&ms=1"));
	ask(&stage, 10, 11, GET("/toil?after=5&ms=900"));
	ask(&stage, 11, first, GET("/toil?after=5&ms=1"));
	rest(&stage, 3000);
	toil_meanwhile = NULL;
	assert_int_equal(hear(&stage, 0, first).served, first);
	assert_int_equal(hear(&stage, first, CROWD).served, CROWD - first);
	stage_close(&stage);
}

/* One that computes for ever, and lets others have their turn, is not behind. */
static void test_fiber_that_yields_is_not_a_queue(void **state)
{
	struct stage stage;

	(void)state;
	arrive(&stage, CROWD);
	for (int i = 0; i < 50; i++) {
		ask(&stage, 0, 2, GET("/toil?after=5&ms=90"));
		rest(&stage, 2 * QUEUE_MS);
		assert_int_equal(hear(&stage, 0, 2).served, 2);
	}
	stage_close(&stage);
}

/* --- memory --- */

#define FEW COR_LAG_FEW

/* Those who wait give theirs back sometime: until then only a few are let in. */
static void test_memory_that_is_short(void **state)
{
	struct stage stage;

	(void)state;
	arrive(&stage, 20);
	stage_use_memory(&stage, 900);
	ask(&stage, 0, 10, GET("/nap?ms=1000"));
	rest(&stage, COR_WHILE_WAITING_MS);
	ask(&stage, 10, 20, GET("/hello?name=Ada"));
	rest(&stage, 0);
	assert_int_equal(hear(&stage, 10, 20).refused, 10);
	assert_int_equal(refused(&stage, COR_REFUSED_MEMORY), 10);
	char *log = stage_log(&stage);
	assert_non_null(strstr(log, "900 of 1000 bytes of the control group are in use"));
	assert_non_null(strstr(log, "\"reason\":\"memory is short\""));
	free(log);

	stage_use_memory(&stage, 899);
	rest(&stage, COR_WHILE_WAITING_MS);
	ask(&stage, 10, 20, GET("/hello?name=Ada"));
	rest(&stage, 0);
	assert_int_equal(hear(&stage, 10, 20).served, 10);
	rest(&stage, 1000);
	assert_int_equal(hear(&stage, 0, 10).served, 10);
	stage_close(&stage);
}

/* Whatever takes the memory, it is not the requests: refusing them gives nothing back. */
static void test_memory_that_others_take(void **state)
{
	struct stage stage;

	(void)state;
	arrive(&stage, 20);
	stage_use_memory(&stage, 1000);
	ask(&stage, 0, FEW, GET("/nap?ms=1000"));
	rest(&stage, COR_WHILE_WAITING_MS);
	ask(&stage, 10, 20, GET("/hello?name=Ada"));
	rest(&stage, 1000);
	assert_int_equal(hear(&stage, 10, 20).served, 10);
	assert_int_equal(hear(&stage, 0, FEW).served, FEW);
	stage_close(&stage);
}

/* The loop sleeps without a timer of ours. */
static void test_memory_is_not_looked_at_needlessly(void **state)
{
	struct stage stage;

	(void)state;
	arrive(&stage, 1);
	ask(&stage, 0, 1, GET("/nap?ms=1000"));
	rest(&stage, 1000 + COR_WHILE_WAITING_MS);
	uint64_t polls = cor_world_polls(stage.world);
	rest(&stage, 2000);
	assert_true(cor_world_polls(stage.world) - polls < 2000 / COR_WHILE_WAITING_MS);
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_burst_that_ends_is_served),
		cmocka_unit_test(test_burst_that_is_too_long),
		cmocka_unit_test(test_queue_that_stands),
		cmocka_unit_test(test_queue_that_finally_stands),
		cmocka_unit_test(test_it_is_over_when_the_load_is),
		cmocka_unit_test(test_few_are_served_however_long_they_take),
		cmocka_unit_test(test_time_that_is_up_before_the_turn),
		cmocka_unit_test(test_run_queue_that_stands),
		cmocka_unit_test(test_pause_is_no_run_queue),
		cmocka_unit_test(test_pause_is_not_a_queue),
		cmocka_unit_test(test_fiber_that_yields_is_not_a_queue),
		cmocka_unit_test(test_memory_that_is_short),
		cmocka_unit_test(test_memory_that_others_take),
		cmocka_unit_test(test_memory_is_not_looked_at_needlessly),
	};

	return cmocka_run_group_tests_name("simulation/overload", tests, NULL, NULL);
}
