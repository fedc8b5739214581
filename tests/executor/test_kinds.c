/* SPDX-License-Identifier: MIT */
/* What holds for pools of threads and of processes alike: each check runs on both. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <sys/mman.h>

#include <coracle/error.h>

#include "pools.h"
#include "square.h"

/* An executor of the kind that is tested, with these members. */
#define EXECUTOR(state, ...)                                                                       \
	&(const struct cor_executor)                                                               \
	{                                                                                          \
		.name = "both", .kind = *(const enum cor_executor_kind *)*(state), __VA_ARGS__     \
	}

static void what_a_job_leaves_can_be_read(void **state)
{
	struct cor_pool *pool = pool_of(EXECUTOR(state, .size = 4));
	struct cor_future *futures[100];
	struct square call;

	for (int i = 0; i < 100; i++) {
		call = (struct square){ .in = i - 1 };
		assert_int_equal(cor_pool_submit(pool, square, &call, &futures[i]), 0);
		call.in = 4711; /* it has a copy */
	}
	for (int i = 0; i < 100; i++) {
		assert_int_equal(cor_future_wait(futures[i]), 0);
		assert_int_equal(cor_future_state(futures[i]), COR_FUTURE_ENDED);
		assert_int_equal(END_OF(futures[i], &call), i == 0 ? -ERANGE : i - 1);
		assert_int_equal(call.out, (i - 1) * (i - 1));
	}
	struct cor_pool_figures figures = cor_pool_look(pool);
	assert_int_equal(figures.done, 99);
	assert_int_equal(figures.failed, 1);
	assert_int_equal(figures.submitted, 100);
	assert_in_range(figures.threads, 1, 4);
	cor_pool_destroy(pool);
}

static int refuse(struct cor_ctx *ctx, int *number)
{
	return cor_problem(ctx, 409, -ERANGE, "%d is %s", *number, "too much");
}

static void a_problem_outlives_the_pool(void **state)
{
	struct cor_pool *pool = pool_of(EXECUTOR(state, .size = 1));
	struct cor_future *future;
	int number = 7;

	assert_int_equal(cor_pool_submit(pool, refuse, &number, &future), 0);
	assert_int_equal(cor_future_wait(future), 0);
	assert_int_equal(cor_future_result(future), -COR_EPROBLEM);
	cor_pool_destroy(pool);
	assert_int_equal(cor_future_problem(future)->status, 409);
	assert_int_equal(cor_future_problem(future)->cause, -ERANGE);
	assert_string_equal(cor_future_problem(future)->detail, "7 is too much");
	cor_future_drop(future);
}

static void map_keeps_the_order(void **state)
{
	struct cor_pool *pool = pool_of(EXECUTOR(state, .size = 4));
	struct square items[300];
	int results[300];

	for (size_t chunk = 0; chunk <= 400; chunk += 100) {
		const struct cor_pool_map_options options = { .chunk = chunk, .results = results };
		for (int i = 0; i < 300; i++)
			items[i] = (struct square){ .in = i / 2 }; /* each twice */
		assert_int_equal(cor_pool_map(pool, square, items, 300, &options), 0);
		for (int i = 0; i < 300; i++) {
			assert_int_equal(items[i].out, (i / 2) * (i / 2));
			assert_int_equal(results[i], i / 2);
		}
	}
	assert_int_equal(cor_pool_map(pool, square, items, 0, NULL), 0);
	cor_pool_destroy(pool);
}

static void map_returns_the_first_failure(void **state)
{
	struct cor_pool *pool = pool_of(EXECUTOR(state, .size = 1));
	struct square items[4] = { { .in = 1 }, { .in = -2 }, { .in = 3 }, { .in = -4 } };
	int results[4];
	const struct cor_pool_map_options options = { .results = results };

	assert_int_equal(cor_pool_map(pool, square, items, 4, &options), -ERANGE);
	assert_int_equal(results[0], 1);
	assert_int_equal(results[1], -ERANGE);
	cor_pool_destroy(pool);
}

/* --- the end --- */

/* Shared with the processes. */
static struct {
	_Atomic int begun, may_end, stopped;
} * shared;

static int wait_for_leave(struct cor_ctx *ctx, struct square *call)
{
	(void)ctx, (void)call;
	shared->begun++;
	while (!shared->may_end)
		(void)poll(NULL, 0, 1);
	return 7;
}

static void the_end_cancels_what_has_not_begun(void **state)
{
	struct cor_pool *pool = pool_of(EXECUTOR(state, .size = 1));
	struct cor_future *running, *queued[2];
	struct square call = { 0 };

	shared->begun = shared->may_end = 0;
	assert_int_equal(cor_pool_submit(pool, wait_for_leave, &call, &running), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(cor_pool_submit(pool, square, &call, &queued[i]), 0);
	while (!shared->begun)
		(void)poll(NULL, 0, 1);
	assert_false(cor_future_cancel(running));
	assert_true(cor_future_cancel(queued[0]));
	cor_pool_shut_down(pool, COR_SHUTDOWN_CANCEL);
	assert_int_equal(cor_pool_submit(pool, square, &call, NULL), -COR_ECLOSED);
	assert_int_equal(cor_pool_look(pool).cancelled, 2);
	shared->may_end = 1;
	cor_pool_destroy(pool);
	assert_int_equal(cor_future_result(running), 7); /* it outlives the pool */
	cor_future_drop(running);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(cor_future_result(queued[i]), -ECANCELED);
		cor_future_drop(queued[i]);
	}
}

/* --- a state of each --- */

static int make_number(struct cor_ctx *ctx, void **ret)
{
	int *number = cor_alloc(ctx, sizeof *number);

	if (!number)
		return -ENOMEM;
	*number = 42;
	*ret = number;
	return 0;
}

static void forget_number(struct cor_ctx *ctx, void *number)
{
	(void)ctx;
	shared->stopped += *(int *)number == 42;
}

static int read_number(struct cor_ctx *ctx, int *ret)
{
	*ret = *(int *)cor_thread_state(ctx);
	return 0;
}

static void each_has_a_state(void **state)
{
	struct cor_pool *pool = pool_of(
		EXECUTOR(state, .size = 1, .start = make_number, .stop = forget_number));
	int number = 0;

	shared->stopped = 0;
	assert_int_equal(RUN(pool, read_number, &number), 0);
	assert_int_equal(number, 42);
	cor_pool_destroy(pool);
	assert_int_equal(shared->stopped, 1);
}

static int fail_to_start(struct cor_ctx *ctx, void **ret)
{
	(void)ret;
	return cor_problem(ctx, 500, -ECONNREFUSED, "no database");
}

static void a_start_that_fails_breaks_the_pool(void **state)
{
	struct cor_pool *pool = pool_of(EXECUTOR(state, .size = 1, .start = fail_to_start));
	struct square call = { .in = 1 };

	assert_int_equal(RUN(pool, square, &call), -COR_EBROKEN);
	assert_int_equal(cor_pool_submit(pool, square, &call, NULL), -COR_EBROKEN);
	cor_pool_destroy(pool);
}

int main(void)
{
	static enum cor_executor_kind kinds[] = { COR_THREADS, COR_PROCESSES };
#define ON_BOTH(check)                                                                             \
	{ #check " (threads)", check, NULL, NULL, &kinds[0] },                                     \
	{                                                                                          \
#check " (processes)", check, NULL, NULL, &kinds[1]                                \
	}
	const struct CMUnitTest tests[] = {
		ON_BOTH(what_a_job_leaves_can_be_read),
		ON_BOTH(a_problem_outlives_the_pool),
		ON_BOTH(map_keeps_the_order),
		ON_BOTH(map_returns_the_first_failure),
		ON_BOTH(the_end_cancels_what_has_not_begun),
		ON_BOTH(each_has_a_state),
		ON_BOTH(a_start_that_fails_breaks_the_pool),
	};

	shared = mmap(
		NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return shared == MAP_FAILED ? 71 : cmocka_run_group_tests(tests, NULL, NULL);
}
