/* SPDX-License-Identifier: MIT */
/* What decides a group, and what becomes of the children then. */
#include "stage.h"

static void all_run_at_the_same_time(struct stage *stage)
{
	struct nap naps[] = { { .ms = 30 }, { .ms = 10 }, { .ms = 20 } };

	assert_int_equal(nap_all(stage, COR_ALL, naps, 3), 0);
	assert_int_equal(stage_ms(stage), 30);
}

static void first_failure_ends_all(struct stage *stage)
{
	struct nap naps[] = { { .ms = 30 }, { .ms = 10, .code = -ECONNREFUSED }, { .ms = 5 },
		{ .ms = 20, .code = -EPIPE } };

	assert_int_equal(nap_all(stage, COR_ALL, naps, 4), -ECONNREFUSED);
	assert_int_equal(stage_ms(stage), 10);
	assert_int_equal(naps[0].woken, -ECANCELED);
	assert_int_equal(naps[2].woken, 0);
	assert_int_equal(naps[3].woken, -ECANCELED);
}

static void first_to_end_decides(struct stage *stage)
{
	struct nap naps[] = { { .ms = 30 }, { .ms = 10, .code = -EPIPE }, { .ms = 20 } };

	assert_int_equal(nap_all(stage, COR_FIRST, naps, 3), -EPIPE);
	assert_int_equal(stage_ms(stage), 10);
	naps[1].code = 0;
	assert_int_equal(nap_all(stage, COR_FIRST, naps, 3), 0);
	assert_int_equal(stage_ms(stage), 20);
	assert_int_equal(naps[2].woken, -ECANCELED);
}

static void first_success_decides(struct stage *stage)
{
	struct nap naps[] = { { .ms = 40 }, { .ms = 10, .code = -EPIPE },
		{ .ms = 20, .status = 404 }, { .ms = 30 } };

	assert_int_equal(nap_all(stage, COR_ANY_SUCCESS, naps, 4), 0);
	assert_int_equal(stage_ms(stage), 30);
	assert_int_equal(naps[0].woken, -ECANCELED);
	assert_null(cor_problem_of(stage->ctx));
}

static void without_a_success_it_is_the_first_failure(struct stage *stage)
{
	struct nap naps[] = { { .ms = 20, .code = -EPIPE }, { .ms = 10, .status = 404 },
		{ .ms = 30, .status = 410 } };

	assert_int_equal(nap_all(stage, COR_ANY_SUCCESS, naps, 3), -COR_EPROBLEM);
	assert_int_equal(stage_ms(stage), 30);
	assert_int_equal(cor_problem_of(stage->ctx)->status, 404);
	assert_string_equal(cor_problem_of(stage->ctx)->detail, "nap of 10 ms");
}

static void best_effort_lets_all_end(struct stage *stage)
{
	struct nap naps[] = { { .ms = 20, .code = -EPIPE }, { .ms = 10, .status = 404 },
		{ .ms = 30 } };
	struct cor_group group;

	cor_group_begin(&group, stage->ctx, COR_BEST_EFFORT);
	for (size_t i = 0; i < 3; i++)
		cor_group_start(&group, take_nap, &naps[i]);
	assert_int_equal(cor_group_result(&group, 2), -EINPROGRESS);
	assert_int_equal(cor_group_wait(&group), 0);
	assert_int_equal(stage_ms(stage), 30);
	assert_int_equal(cor_group_result(&group, 0), -EPIPE);
	assert_null(cor_problem_of(stage->ctx));
	assert_int_equal(cor_group_result(&group, 1), -COR_EPROBLEM);
	assert_int_equal(cor_problem_of(stage->ctx)->status, 404);
	assert_int_equal(cor_group_result(&group, 2), 0);
	assert_int_equal(cor_group_result(&group, 3), -EINVAL);
}

static void group_of_nobody_succeeds(struct stage *stage)
{
	for (int rule = COR_ALL; rule <= COR_BEST_EFFORT; rule++)
		assert_int_equal(nap_all(stage, (enum cor_group_rule)rule, NULL, 0), 0);
	assert_int_equal(stage_ms(stage), 0);
}

static void problem_of_the_first_failure_is_the_parents(struct stage *stage)
{
	struct nap naps[] = { { .ms = 20, .status = 404 }, { .ms = 10, .status = 409 } };

	assert_int_equal(nap_all(stage, COR_ALL, naps, 2), -COR_EPROBLEM);
	assert_int_equal(cor_problem_of(stage->ctx)->status, 409);
	assert_string_equal(cor_problem_of(stage->ctx)->detail, "nap of 10 ms");
}

static void positive_number_is_a_defect(struct stage *stage)
{
	struct nap nap = { .code = 7 };

	assert_int_equal(nap_all(stage, COR_ALL, &nap, 1), -COR_EPROBLEM);
	assert_int_equal(cor_problem_of(stage->ctx)->status, 500);
	assert_string_equal(cor_problem_of(stage->ctx)->detail,
		"take_nap() returned 7, not 0 or a negative code");
}

static void who_is_late_never_runs(struct stage *stage)
{
	struct nap bad = { .code = -EPIPE }, late = { .ms = 10, .woken = 1 };
	struct cor_group group;

	cor_group_begin(&group, stage->ctx, COR_ALL);
	cor_group_start(&group, take_nap, &bad);
	assert_int_equal(cor_sleep_ms(1), 0);
	cor_group_start(&group, take_nap, &late);
	assert_int_equal(cor_group_result(&group, 1), -ECANCELED);
	assert_int_equal(cor_group_wait(&group), -EPIPE);
	assert_int_equal(late.woken, 1);
	assert_int_equal(cor_group_wait(&group), -EPIPE); /* the same again */
}

/* Those that wait for their first turn when the group is decided do not get it. */
static void who_has_not_begun_never_runs(struct stage *stage)
{
	struct nap naps[] = { { .code = -EPIPE }, { .ms = 10 }, { .ms = 10 } };

	naps[0].ms = 0;
	assert_int_equal(nap_all(stage, COR_FIRST, naps, 1), -EPIPE);
	struct cor_group group;
	cor_group_begin(&group, stage->ctx, COR_ALL);
	naps[1].woken = naps[2].woken = 1;
	cor_group_start(&group, take_nap, &naps[1]);
	cor_group_start(&group, take_nap, &naps[2]);
	cor_fiber_cancel(cor_fiber_current());
	assert_int_equal(cor_group_wait(&group), -ECANCELED);
	assert_int_equal(naps[1].woken, 1);
	assert_int_equal(naps[2].woken, 1);
}

#define PLAY(name)                                                                                 \
	static void test_##name(void **state)                                                      \
	{                                                                                          \
		(void)state;                                                                       \
		stage_play(name, 0);                                                               \
	}

PLAY(all_run_at_the_same_time)
PLAY(first_failure_ends_all)
PLAY(first_to_end_decides)
PLAY(first_success_decides)
PLAY(without_a_success_it_is_the_first_failure)
PLAY(best_effort_lets_all_end)
PLAY(group_of_nobody_succeeds)
PLAY(problem_of_the_first_failure_is_the_parents)
PLAY(positive_number_is_a_defect)
PLAY(who_is_late_never_runs)
PLAY(who_has_not_begun_never_runs)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_run_at_the_same_time),
		cmocka_unit_test(test_first_failure_ends_all),
		cmocka_unit_test(test_first_to_end_decides),
		cmocka_unit_test(test_first_success_decides),
		cmocka_unit_test(test_without_a_success_it_is_the_first_failure),
		cmocka_unit_test(test_best_effort_lets_all_end),
		cmocka_unit_test(test_group_of_nobody_succeeds),
		cmocka_unit_test(test_problem_of_the_first_failure_is_the_parents),
		cmocka_unit_test(test_positive_number_is_a_defect),
		cmocka_unit_test(test_who_is_late_never_runs),
		cmocka_unit_test(test_who_has_not_begun_never_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
