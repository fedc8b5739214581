/* SPDX-License-Identifier: MIT */
/* Jobs that give jobs to their own pool, and what happens to a pool while others use it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/executor.h>
#include <coracle/fiber.h>

#include "gate.h"

static struct cor_pool *narrow_pool(enum cor_full_queue when_full)
{
	static struct cor_executor executor;
	struct cor_pool *pool = NULL;

	executor = (struct cor_executor){
		.name = "narrow", .size = 1, .queue = 1, .when_full = when_full
	};
	assert_int_equal(cor_pool_create(&executor, &pool), 0);
	return pool;
}

static int result_of(struct cor_future *future)
{
	struct cor_scope scope;

	cor_scope_enter(&scope, 5000);
	int rc = cor_future_wait(future);
	cor_scope_leave(&scope);
	if (rc == 0)
		rc = cor_future_result(future);
	cor_future_drop(future);
	return rc;
}

/* --- a full queue, seen from a job --- */

static int add_one(struct cor_ctx *ctx, int *number)
{
	(void)ctx;
	*number += 1;
	return 0;
}

struct many {
	struct cor_pool *pool;
	int numbers[8];
};

static int map_in_its_own_pool(struct cor_ctx *ctx, struct many *many)
{
	struct cor_scope scope;

	(void)ctx;
	cor_scope_enter(&scope, 1000);
	int rc = cor_pool_map(many->pool, add_one, many->numbers, 8, NULL);
	cor_scope_leave(&scope);
	return rc;
}

static void a_job_does_not_wait_for_a_place_in_its_own_queue(void **state)
{
	struct many many = { .pool = narrow_pool(COR_FULL_WAIT) };
	struct cor_future *future;

	(void)state;
	assert_int_equal(cor_pool_submit(many.pool, map_in_its_own_pool, &many, &future), 0);
	assert_int_equal(cor_future_wait(future), 0);
	assert_int_equal(cor_future_read(future, &many), 0);
	for (int i = 0; i < 8; i++)
		assert_int_equal(many.numbers[i], 1);
	cor_future_drop(future);
	cor_pool_destroy(many.pool);
}

struct link {
	struct cor_pool *pool;
	int left;
	struct cor_semaphore *end;
};

static int go_on(struct cor_ctx *ctx, struct link *link)
{
	struct link next = { link->pool, link->left - 1, link->end };

	(void)ctx;
	if (next.left > 0)
		return cor_pool_submit(link->pool, go_on, &next, NULL);
	cor_semaphore_give(link->end);
	return 0;
}

static int begin_chain(struct cor_ctx *ctx, struct link *link)
{
	struct cor_future *queued;
	int rc = cor_pool_submit(link->pool, add_one, &(int){ 0 }, &queued);

	if (rc == 0)
		rc = go_on(ctx, link);
	cor_future_drop(queued);
	return rc;
}

#define LONG 1000000 /* jobs: more than any stack holds */

/* Each finds the queue full, and none may stand on the stack of the one before. */
static void a_chain_of_jobs_needs_no_deep_stack(void **state)
{
	static const enum cor_full_queue when_full[] = { COR_FULL_WAIT, COR_FULL_RUN_HERE };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct cor_semaphore end = { 0 };
		struct link link = { narrow_pool(when_full[i]), LONG, &end };
		assert_int_equal(cor_pool_submit(link.pool, begin_chain, &link, NULL), 0);
		assert_int_equal(cor_semaphore_take(&end), 0);
		cor_pool_destroy(link.pool);
	}
}

static void nor_that_of_whoever_submits(void **state)
{
	struct cor_semaphore end = { 0 };
	struct link link = { narrow_pool(COR_FULL_RUN_HERE), LONG, &end };
	struct gate gate = { 0 };
	struct pass call = { &gate, 0 };

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(cor_pool_submit(link.pool, pass, &call, NULL), 0);
	assert_int_equal(cor_pool_submit(link.pool, go_on, &link, NULL), 0);
	for (int i = 0; i < 2; i++)
		cor_semaphore_give(&gate.open);
	assert_int_equal(cor_semaphore_take(&end), 0);
	cor_pool_destroy(link.pool);
}

/* --- a map whose pool is shut down --- */

struct ending {
	struct cor_pool *pool;
	int has_run;
};

static int end_the_pool(struct cor_ctx *ctx, struct ending *ending)
{
	(void)ctx;
	ending->has_run = 1;
	cor_pool_shut_down(ending->pool, COR_SHUTDOWN_CANCEL);
	return 0;
}

static void a_map_that_is_cut_short_has_failed(void **state)
{
	static const struct cor_executor one = { .name = "one", .size = 1 };
	struct cor_pool *pool = NULL;
	struct ending endings[4];
	struct gate gate = { 0 };
	struct pass call = { &gate, 0 };
	int results[4];

	(void)state;
	assert_int_equal(cor_pool_create(&one, &pool), 0);
	for (int i = 0; i < 4; i++)
		endings[i] = (struct ending){ .pool = pool };
	assert_int_equal(cor_pool_submit(pool, pass, &call, NULL), 0);
	cor_semaphore_give(&gate.open);
	int rc = cor_pool_map(pool, end_the_pool, endings, 4,
		&(struct cor_pool_map_options){ .results = results });
	int run = 0;
	for (int i = 0; i < 4; i++)
		run += endings[i].has_run;
	assert_int_equal(run, 1);
	assert_int_equal(results[1], -ECANCELED);
	assert_int_equal(rc, -COR_ECLOSED);
	cor_pool_destroy(pool);
}

/* --- references --- */

static void what_has_come_may_be_dropped(void **state)
{
	static const struct cor_executor one = { .name = "one", .size = 1 };
	struct cor_completion completion;
	struct cor_pool *pool = NULL;
	struct cor_future *futures[4], *future;
	int rc;

	(void)state;
	assert_int_equal(cor_pool_create(&one, &pool), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(cor_pool_submit(pool, add_one, &(int){ i }, &futures[i]), 0);
	rc = cor_completion_begin(&completion, futures, 4);
	while (rc == 0 && (rc = cor_completion_next(&completion, &future)) == 0 && future)
		cor_future_drop(future);
	cor_completion_end(&completion);
	assert_int_equal(rc, 0);
	cor_pool_destroy(pool);
}

/* --- figures --- */

static int fail_to_start(struct cor_ctx *ctx, void **ret)
{
	(void)ret;
	return cor_problem(ctx, 500, -ECONNREFUSED, "no database");
}

static void figures_add_up_in_a_broken_pool(void **state)
{
	static const struct cor_executor broken = {
		.name = "broken", .size = 1, .start = fail_to_start
	};
	struct cor_pool *pool = NULL;
	struct cor_future *future;

	(void)state;
	assert_int_equal(cor_pool_create(&broken, &pool), 0);
	assert_int_equal(cor_pool_submit(pool, add_one, &(int){ 0 }, &future), 0);
	assert_int_equal(result_of(future), -COR_EBROKEN);
	struct cor_pool_figures figures = cor_pool_look(pool);
	assert_int_equal(figures.submitted, 1);
	assert_int_equal(figures.failed, 1);
	assert_true(figures.is_broken);
	cor_pool_destroy(pool);
}

static int look_inside(struct cor_ctx *ctx, struct cor_pool **pool)
{
	(void)ctx;
	return (int)cor_pool_look(*pool).running;
}

static int help(struct cor_ctx *ctx, struct cor_pool **pool)
{
	struct cor_future *future;
	int rc = cor_pool_submit(*pool, look_inside, pool, &future);

	(void)ctx;
	return rc < 0 ? rc : result_of(future);
}

static void a_job_inside_another_counts_as_running(void **state)
{
	struct cor_pool *pool = narrow_pool(COR_FULL_RUN_HERE);
	struct cor_future *future;

	(void)state;
	assert_int_equal(cor_pool_submit(pool, help, &pool, &future), 0);
	assert_int_equal(result_of(future), 2);
	assert_int_equal(cor_pool_look(pool).done, 2);
	cor_pool_destroy(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_does_not_wait_for_a_place_in_its_own_queue),
		cmocka_unit_test(a_chain_of_jobs_needs_no_deep_stack),
		cmocka_unit_test(nor_that_of_whoever_submits),
		cmocka_unit_test(a_map_that_is_cut_short_has_failed),
		cmocka_unit_test(what_has_come_may_be_dropped),
		cmocka_unit_test(figures_add_up_in_a_broken_pool),
		cmocka_unit_test(a_job_inside_another_counts_as_running),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
