/* SPDX-License-Identifier: MIT */
/* The fine clock where the counter jumps and looks are late: counter and clock are the test's. */
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "runtime/clock.h"
#include "runtime/seams.h"

#define CORACLE_RUNTIME_TICKS_H
#define TICKS_PER_NS 2
#define SLACK_NS     6000 /* a step back of 10,000 ticks, and ten millionths */
#define HOUR_NS      (3600 * INT64_C(1000000000))

static uint64_t counter;
static int64_t clock_ns, late_ns; /* from reading the counter to reading the clock, once */

static uint64_t cor_ticks(void)
{
	return counter;
}

static void pass(int64_t ns)
{
	counter += (uint64_t)ns * TICKS_PER_NS;
	clock_ns += ns;
}

static int64_t read_clock(const struct cor_clock *clock)
{
	(void)clock;
	pass(late_ns);
	late_ns = 0;
	return clock_ns;
}

static const struct cor_clock system_clock = { .monotonic_ns = read_clock };

static const struct cor_clock *clock_here(void)
{
	return &system_clock;
}

/* The whole of it, beside this counter and this clock. */
#define cor_system_clock system_clock
#define cor_clock_here   clock_here
#define cor_fine_ns      fine_ns
#define cor_fine_mark    fine_mark
#define cor_fine_since   fine_since
#include "runtime/fine_clock.c" // NOLINT(bugprone-suspicious-include)

static int learn_speed(void **state)
{
	(void)state;
	counter = 1000000000;
	clock_ns = 5000000000;
	known = (struct known){ 0 };
	for (int i = 0; i < 5; i++) {
		(void)fine_ns();
		pass(LEAST_NS);
	}
	assert_true(known.good_for > 0);
	return 0;
}

/* Of what is timed after the jump, and once the counter is believed again. */
static void expect_exact(void)
{
	for (int i = 0; i < 20; i++) {
		uint64_t mark = fine_mark();
		pass(LEAST_NS * (i + 1));
		assert_in_range(fine_since(mark), LEAST_NS * (i + 1) - SLACK_NS,
			LEAST_NS * (i + 1) + SLACK_NS);
		assert_in_range(fine_ns(), clock_ns - SLACK_NS, clock_ns + SLACK_NS);
	}
}

static void test_a_counter_that_steps_back(void **state)
{
	(void)state;
	pass(LEAST_NS);
	uint64_t mark = fine_mark();
	pass(4000);
	counter -= 10000;
	assert_in_range(fine_since(mark), 3990, 4010);
	expect_exact();
	counter = 5;
	expect_exact();
}

/* The counter goes on where the clock does not. */
static void test_a_suspended_machine(void **state)
{
	(void)state;
	uint64_t mark = fine_mark();
	pass(LEAST_NS / 2);
	counter += HOUR_NS * TICKS_PER_NS;
	assert_in_range(fine_since(mark), LEAST_NS / 2 - SLACK_NS, LEAST_NS / 2 + SLACK_NS);
	expect_exact();
}

/* A thread that loses its processor within a look. */
static void test_a_late_look(void **state)
{
	(void)state;
	pass(11 * LEAST_NS);
	late_ns = LEAST_NS;
	(void)fine_ns();
	expect_exact();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_a_counter_that_steps_back, learn_speed),
		cmocka_unit_test_setup(test_a_suspended_machine, learn_speed),
		cmocka_unit_test_setup(test_a_late_look, learn_speed),
	};

	return cmocka_run_group_tests_name("jumps of the counter", tests, NULL, NULL);
}
