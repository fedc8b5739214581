/* SPDX-License-Identifier: MIT */
/* The fine clock beside the system's: what it says lies between what that said before and after. */
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "runtime/clock.h"
#include "runtime/fine_clock.h"
#include "runtime/seams.h"

#define SLACK_NS 2000 /* of the clock, and ten millionths of what is timed here */

static void expect_between(int64_t low, int64_t value, int64_t high)
{
	if (value < low || value > high)
		fail_msg("%" PRId64 " is not from %" PRId64 " to %" PRId64, value, low, high);
}

/* A moment is marked and looked back at: both between two looks at the clock. */
static void expect_agreement(int64_t busy_ns)
{
	int64_t before_ns = cor_monotonic_ns();
	uint64_t mark = cor_fine_mark();
	int64_t marked_ns = cor_monotonic_ns();

	while (cor_monotonic_ns() - marked_ns < busy_ns)
		continue;
	int64_t looked_ns = cor_monotonic_ns(), since_ns = cor_fine_since(mark);
	int64_t after_ns = cor_monotonic_ns();

	expect_between(looked_ns - marked_ns - SLACK_NS, since_ns, after_ns - before_ns + SLACK_NS);
	int64_t low_ns = cor_monotonic_ns(), fine_ns = cor_fine_ns(), high_ns = cor_monotonic_ns();
	expect_between(low_ns - SLACK_NS, fine_ns, high_ns + SLACK_NS);
}

/* From the first, when the speed of the counter is not known, to those when a look is too old. */
static void test_agrees_with_the_clock(void **state)
{
	static const int64_t busy_ms[] = { 0, 1, 12, 0, 5, 150, 0, 20, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof busy_ms / sizeof busy_ms[0]; i++)
		expect_agreement(busy_ms[i] * COR_NS_PER_MS);
}

/* One that was made long ago, while others are timed: the look is fresh, the mark is not. */
static void test_an_old_mark(void **state)
{
	int64_t before_ns = cor_monotonic_ns();
	uint64_t mark = cor_fine_mark();
	int64_t marked_ns = cor_monotonic_ns();

	(void)state;
	for (int i = 0; i < 30; i++)
		expect_agreement(10 * COR_NS_PER_MS);
	int64_t looked_ns = cor_monotonic_ns(), since_ns = cor_fine_since(mark);
	expect_between(
		looked_ns - marked_ns - 10000, since_ns, cor_monotonic_ns() - before_ns + 10000);
}

static int64_t test_now_ns;

static int64_t now_of_test(const struct cor_clock *clock)
{
	(void)clock;
	return test_now_ns;
}

static void test_of_a_test_it_is_the_time_itself(void **state)
{
	static const struct cor_clock clock = { .monotonic_ns = now_of_test,
		.realtime_ns = now_of_test };
	static const struct cor_seams seams = { .clock = &clock };
	struct cor_thread_seams own;

	(void)state;
	cor_seams_enter(&own, &seams);
	test_now_ns = 7;
	uint64_t mark = cor_fine_mark();
	test_now_ns = 3600 * INT64_C(1000000000) + 8;
	assert_int_equal(cor_fine_since(mark), 3600 * INT64_C(1000000000) + 1);
	assert_int_equal(cor_fine_ns(), test_now_ns);
	cor_seams_leave(&own);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_agrees_with_the_clock),
		cmocka_unit_test(test_an_old_mark),
		cmocka_unit_test(test_of_a_test_it_is_the_time_itself),
	};

	return cmocka_run_group_tests_name("fine clock", tests, NULL, NULL);
}
