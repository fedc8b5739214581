/* SPDX-License-Identifier: MIT */
/* Adaptive limits by simulation: a server with a queue, and threads that call it, in thousands of
   seconds of a clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adaptive_one.h"
#include "adaptive_world.h"

static struct course course;

/* 20 at once, 5 of them for 1,000 s, 20 again: near what it takes at best, and all that it can. */
static void falls_and_returns(const struct cor_adaptive_limit *limit, uint32_t threads,
	enum sharing sharing, uint32_t slow_each, uint32_t ret_p50[3], uint32_t ret_answered[3])
{
	static const uint32_t capacities[] = { 20, 5, 20 };
	static const char *const names[] = { "of 20", "of 5", "of 20 again" };
	struct cor_world world;

	open_world_of(&world, threads, limit, 100, sharing);
	world.takes_ms = 50;
	world.slow_each = slow_each;
	for (int i = 0; i < 3; i++) {
		world.capacity = capacities[i];
		play(&world, 1000000, i == 1 ? 300 : 380, &course);
		print(names[i], &course);
		ret_p50[i] = percentile(&course, 50);
		ret_answered[i] = course.answered;
	}
	close_world(&world);
}

static void test_capacity_falls_and_returns(void **state)
{
	uint32_t p50[3], answered[3];

	(void)state;
	falls_and_returns(&fixed, 1, TOGETHER, 0, p50, answered);
	assert_in_range(p50[1], 900, 1100); /* without: 100 wait for 5 */
	falls_and_returns(&usual, 1, TOGETHER, 0, p50, answered);
	assert_in_range(p50[0], 45, 60);
	assert_in_range(p50[1], 50, 100);
	assert_in_range(p50[2], 45, 60);
	assert_in_range(answered[0], 370000, 380000);
	assert_in_range(answered[1], 96000, 100100);
	assert_in_range(answered[2], 370000, 380000);
}

/* One answer of ten takes eleven times as long, by itself: that is no queue. */
static void test_answers_that_differ(void **state)
{
	uint32_t p50[3], answered[3];

	(void)state;
	falls_and_returns(&usual, 1, TOGETHER, 10, p50, answered);
	/* it can do half as much: 20 / (0.9 * 50 ms + 0.1 * 550 ms) = 200 a second, and 50 */
	assert_in_range(answered[0], 185000, 202000);
	assert_in_range(answered[1], 46000, 51000);
	assert_in_range(answered[2], 185000, 202000);
	assert_in_range(p50[0], 45, 120);
	assert_in_range(p50[1], 45, 150);
}

/* Eight threads hold what one holds: they measure together. */
static void test_threads_share_it(void **state)
{
	uint32_t p50[3], answered[3];

	(void)state;
	falls_and_returns(&usual, 8, TOGETHER, 0, p50, answered);
	assert_in_range(p50[0], 45, 60);
	assert_in_range(p50[1], 50, 120); /* each may have one: 8 in 5 take 80 ms */
	assert_in_range(answered[0], 365000, 381000);
	assert_in_range(answered[1], 97000, 100100);
	assert_in_range(answered[2], 370000, 381000);
}

/* Four services on four machines, whose clocks differ a little: they know nothing of each other,
   but measure at the same time. Else each takes the queue of the others for the server, and grows:
   without that it is 3,700 ms, and all of them at their bounds. */
static void test_services_share_a_server(void **state)
{
	uint32_t p50[3], answered[3];

	(void)state;
	falls_and_returns(&usual, 4, APART, 0, p50, answered);
	assert_in_range(p50[0], 45, 60);
	assert_in_range(p50[1], 50, 150);
	assert_in_range(p50[2], 45, 60);
	assert_in_range(answered[0], 370000, 381000);
	assert_in_range(answered[1], 96000, 100100);
	assert_in_range(answered[2], 370000, 381000);
}

/* Milliseconds until in a whole second so many of a hundred calls are answered. */
static int64_t recovers_in_ms(struct cor_world *world, uint32_t per_s, uint32_t percent)
{
	int64_t began_ms = world->now_ms;

	do {
		play(world, 1000, per_s, &course);
		assert_true(world->now_ms - began_ms < 600000);
	} while (course.answered * 100 < per_s * percent);
	return world->now_ms - began_ms;
}

static void test_it_recovers_soon(void **state)
{
	struct cor_world world;

	(void)state;
	open_world(&world, 4, &usual, 100);
	world.takes_ms = 50;
	for (int i = 0; i < 20; i++) {
		world.capacity = 1; /* as good as down: the limit is at its least */
		play(&world, 120000, 380, &course);
		assert_in_range(course.limit_min, 1, 12); /* four may always have one */
		world.capacity = 20;
		int64_t ms = recovers_in_ms(&world, 380, 95);
		print_message(
			"# figure: after two minutes of 1 at once: 95%% again in %d ms\n", (int)ms);
		assert_in_range(ms, 0, 30000);
	}
	close_world(&world);
}

/* It is ten times slower for good, with as much room: that is what it takes at best now. */
static void test_slower_for_good(void **state)
{
	struct cor_world world;

	(void)state;
	open_world(&world, 2, &usual, 100);
	world.capacity = 20;
	world.takes_ms = 50;
	play(&world, 300000, 300, &course);
	print("50 ms each", &course);
	world.takes_ms = 500;
	play(&world, 60000, 300, &course);
	print("500 ms each, the first minute", &course);
	play(&world, 1000000, 300, &course);
	print("500 ms each", &course);
	assert_in_range(course.answered, 36000, 40100); /* of 40 a second */
	assert_in_range(percentile(&course, 50), 450, 900);
	assert_in_range(state_of(&world)->best_us, 400000, 750000);
	world.takes_ms = 50;
	int64_t ms = recovers_in_ms(&world, 300, 95);
	print_message("# figure: fast again: 95%% in %d ms\n", (int)ms);
	assert_in_range(ms, 0, 5000);
	close_world(&world);
}

/* It queues nothing, but is slower for 3 s of 10: fewer requests would not help it. */
static void test_slow_by_itself(void **state)
{
	uint32_t answered = 0, refused = 0;
	struct cor_world world;

	(void)state;
	open_world(&world, 2, &usual, 100);
	world.capacity = 1000;
	for (int i = 0; i < 100; i++) {
		world.takes_ms = 50;
		play(&world, 7000, 300, &course);
		answered += course.answered;
		refused += course.refused;
		world.takes_ms = 200;
		play(&world, 3000, 300, &course);
		answered += course.answered;
		refused += course.refused;
	}
	print_message("# figure: slow for 3 s of 10: %u answered, %u refused\n", answered, refused);
	assert_in_range(refused, 0, 85000);
	close_world(&world);
}

/* What is measured again and again does not creep: an hour of twice as much as it can. */
static void test_it_does_not_creep(void **state)
{
	struct cor_world world;

	(void)state;
	open_world(&world, 4, &usual, 1000);
	world.capacity = 20;
	world.takes_ms = 50;
	for (int i = 0; i < 6; i++) {
		play(&world, 600000, 800, &course);
		print("ten minutes of twice as much", &course);
		assert_in_range(percentile(&course, 50), 45, 80);
		assert_in_range(course.answered, 228000, 240500); /* of 400 a second */
		assert_in_range(course.limit_max, 20, 60);
	}
	close_world(&world);
}

/* It queues nothing: what is above 20 is a 503, after 1 ms. */
static void test_a_server_that_says_so(void **state)
{
	struct cor_world world;

	(void)state;
	open_world(&world, 2, &fixed, 100);
	world.capacity = world.room = 20;
	world.takes_ms = 50;
	play(&world, 1000000, 800, &course);
	print("503 above 20, without", &course);
	assert_in_range(course.overloaded, 390000, 410000);
	close_world(&world);
	open_world(&world, 2, &usual, 100);
	world.capacity = world.room = 20;
	world.takes_ms = 50;
	play(&world, 1000000, 800, &course);
	print("503 above 20", &course);
	assert_in_range(course.answered, 330000, 400000);
	assert_in_range(course.overloaded, 0, 16000);
	assert_in_range(state_of(&world)->best_us, 40000, 60000); /* 503 is no fast answer */
	close_world(&world);
}

/* An hour of ten calls a second, of which none waits: it does not grow for nobody. */
static void test_unused_it_stays(void **state)
{
	struct cor_world world;

	(void)state;
	open_world(&world, 2, &usual, 100);
	world.capacity = 100;
	world.takes_ms = 50;
	play(&world, 3600000, 10, &course);
	print("an hour of 10 a second", &course);
	assert_int_equal(course.limit_min, COR_ADAPTIVE_START);
	assert_int_equal(course.limit_max, COR_ADAPTIVE_START);
	assert_int_equal(course.refused, 0);
	close_world(&world);
}

/* A server with room for all: it grows to what is used, and to .in_flight of each thread. */
static void test_it_grows_to_its_bound(void **state)
{
	struct cor_world world;

	(void)state;
	open_world(&world, 2, &usual, 30);
	world.capacity = 1000;
	world.takes_ms = 50;
	play(&world, 60000, 400, &course);
	print("20 at once, of a server for all", &course);
	assert_in_range(course.limit_max, 20, 60);
	play(&world, 600000, 4000, &course);
	print("200 at once, bound to 60", &course);
	assert_int_equal(course.limit_max, 60);
	assert_in_range(course.most, 58, 62);
	close_world(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_capacity_falls_and_returns),
		cmocka_unit_test(test_answers_that_differ),
		cmocka_unit_test(test_threads_share_it),
		cmocka_unit_test(test_services_share_a_server),
		cmocka_unit_test(test_it_recovers_soon),
		cmocka_unit_test(test_slower_for_good),
		cmocka_unit_test(test_slow_by_itself),
		cmocka_unit_test(test_it_does_not_creep),
		cmocka_unit_test(test_a_server_that_says_so),
		cmocka_unit_test(test_unused_it_stays),
		cmocka_unit_test(test_it_grows_to_its_bound),
		cmocka_unit_test(test_cancelled_calls),
		cmocka_unit_test(test_nothing_but_timeouts),
		cmocka_unit_test(test_nothing_but_503),
		cmocka_unit_test(test_some_fail),
		cmocka_unit_test(test_chance),
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_a_thread_that_is_gone),
		cmocka_unit_test(test_more_threads_than_rows),
		cmocka_unit_test(test_one_for_all_processes),
		cmocka_unit_test(test_a_full_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
