/* SPDX-License-Identifier: MIT */
/* Clocks that somebody sets: nothing that is over is served, nothing lives longer than it may. */
#include "stage.h"

#include <errno.h>
#include <string.h>

static const int64_t jumps[] = { HOUR, DAY, 30 * YEAR, -HOUR, -DAY, -30 * YEAR };

/* The clock jumps, and time passes: after 120 s of it, whatever the clock has said, it is over. */
static void expect_no_longer_life(struct stage *stage, int64_t first, int64_t second)
{
	assert_int_equal(stage_put(stage, "a", "1"), 0);
	stage->real_ns += first;
	for (int s = 0; s < 60; s++) {
		(void)stage_has(stage, "a", "1");
		stage_pass(stage, SECOND);
	}
	stage->real_ns += second;
	stage_pass(stage, 60 * SECOND - 1);
	(void)stage_has(stage, "a", "1");
	stage_pass(stage, 1);
	for (int s = 0; s < 300; s++) {
		assert_true(stage_has(stage, "a", NULL));
		stage_pass(stage, SECOND);
	}
}

static void no_jump_lengthens_a_life(void **state)
{
	struct stage *stage = *state;

	for (size_t i = 0; i < sizeof jumps / sizeof *jumps; i++)
		for (size_t j = 0; j < sizeof jumps / sizeof *jumps; j++)
			expect_no_longer_life(stage, jumps[i], jumps[j]);
}

/* Nobody has looked while the clock was wrong. */
static void nor_does_one_that_is_taken_back(void **state)
{
	struct stage *stage = *state;

	for (size_t i = 0; i < sizeof jumps / sizeof *jumps; i++) {
		stage->real_ns += jumps[i];
		assert_int_equal(stage_put(stage, "a", "1"), 0);
		stage->real_ns -= jumps[i];
		stage_pass(stage, 120 * SECOND);
		assert_true(stage_has(stage, "a", NULL));
		assert_int_equal(stage_put(stage, "a", "1"), 0);
		stage->real_ns += jumps[i];
		stage_pass(stage, 120 * SECOND);
		stage->real_ns -= jumps[i];
		assert_true(stage_has(stage, "a", NULL));
	}
}

/* After a start of the system the clock that never jumps begins anew. */
static void without_the_monotonic_clock(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(stage_put(stage, "a", "1"), 0);
	stage->mono_ns = 0; /* less than before: no time of this start */
	assert_true(stage_has(stage, "a", NULL));
	assert_int_equal(stage_put(stage, "a", "1"), 0);
	stage->real_ns -= HOUR;
	assert_true(stage_has(stage, "a", NULL)); /* of the future */
	stage->real_ns += HOUR;
	assert_true(stage_has(stage, "a", NULL)); /* it has gone */
}

/* A machine that sleeps: the monotonic clock stands still. */
static void while_the_machine_sleeps(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(stage_put(stage, "a", "1"), 0);
	stage->real_ns += 119 * SECOND;
	assert_true(stage_has(stage, "a", "1"));
	stage->real_ns += SECOND;
	assert_true(stage_has(stage, "a", NULL));
}

static void whole_life_to_the_nanosecond(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(stage_put_for(stage, "a", "1", 1), 0);
	stage_pass(stage, 999999);
	assert_true(stage_has(stage, "a", "1"));
	stage_pass(stage, 1);
	assert_true(stage_has(stage, "a", NULL));
}

/* cachelib counts seconds in 32 bits. */
static void after_the_year_2106(void **state)
{
	struct stage *stage = *state;

	stage->real_ns += 100 * YEAR;
	assert_int_equal(stage_put(stage, "a", "1"), 0);
	assert_true(stage_has(stage, "a", "1"));
	stage_pass(stage, 120 * SECOND);
	assert_true(stage_has(stage, "a", NULL));
	assert_int_equal(stage_put_for(stage, "a", "1", INT64_MAX - 1), 0);
	stage_pass(stage, YEAR);
	assert_true(stage_has(stage, "a", "1"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_jump_lengthens_a_life),
		TEST(nor_does_one_that_is_taken_back),
		TEST(without_the_monotonic_clock),
		TEST(while_the_machine_sleeps),
		TEST(whole_life_to_the_nanosecond),
		TEST(after_the_year_2106),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
