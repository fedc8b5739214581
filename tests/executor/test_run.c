/* SPDX-License-Identifier: MIT */
/* One job, waited for at once: in a process it runs without the detour of the pool's thread. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include <coracle/error.h>
#include <coracle/executor.h>
#include <coracle/fiber.h>

#include "processes.h"

static const struct cor_executor threads = { .name = "threads", .size = 1 };
static const struct cor_executor processes = {
	.name = "processes", .kind = COR_PROCESSES, .size = 2
};
static const struct cor_executor one = { .name = "one", .kind = COR_PROCESSES, .size = 1 };

static int add_one(struct cor_ctx *ctx, int *number)
{
	(void)ctx;
	*number += 1;
	return *number == 13 ? cor_problem(ctx, 409, 0, "unlucky") : *number;
}

static int die(struct cor_ctx *ctx, int *number)
{
	(void)ctx;
	*number = 99;
	raise(SIGKILL);
	return 0;
}

static int nap(struct cor_ctx *ctx, int *ms)
{
	const struct timespec time = { 0, *ms * 1000000L };

	(void)ctx;
	nanosleep(&time, NULL);
	return 0;
}

static void run_some(struct cor_pool *pool)
{
	for (int i = 0; i < 100; i++) {
		int number = i;
		assert_int_equal(
			cor_pool_run(pool, add_one, &number), i == 12 ? -COR_EPROBLEM : i + 1);
		assert_int_equal(number, i + 1);
	}
}

static void a_job_runs_in_pools_of_both_kinds(void **state)
{
	struct cor_pool *pool;
	int number = 1;

	(void)state;
	assert_int_equal(cor_pool_run(NULL, add_one, &number), -EINVAL);
	pool = pool_of(&threads);
	run_some(pool);
	cor_pool_destroy(pool);
	pool = pool_of(&processes);
	run_some(pool);
	struct cor_pool_figures figures = cor_pool_look(pool);
	assert_int_equal(figures.submitted, 100);
	assert_int_equal(figures.done, 99);
	assert_int_equal(figures.failed, 1);
	assert_int_equal(figures.running, 0);
	cor_pool_shut_down(pool, COR_SHUTDOWN_FINISH);
	assert_int_equal(cor_pool_run(pool, add_one, &number), -COR_ECLOSED);
	cor_pool_destroy(pool);
}

static void a_death_is_told_and_the_next_one_runs(void **state)
{
	struct cor_pool *pool = pool_of(&one);

	(void)state;
	for (int i = 0; i < 5; i++) {
		int number = 1;
		assert_int_equal(cor_pool_run(pool, add_one, &number), 2);
		assert_int_equal(cor_pool_run(pool, die, &number), -COR_EDIED);
		assert_int_equal(number, 2);
	}
	cor_pool_destroy(pool);
}

/* The thread would be deaf, so that it lets the pool's own wait. */
static void a_deadline_is_kept(void **state)
{
	struct cor_pool *pool = pool_of(&one);
	struct cor_scope scope;
	int ms = 300;

	(void)state;
	assert_int_equal(cor_pool_run(pool, add_one, &(int){ 1 }), 2);
	int64_t began_ns = cor_monotonic_ns();
	cor_scope_enter(&scope, 20);
	assert_int_equal(cor_pool_run(pool, nap, &ms), -ETIMEDOUT);
	cor_scope_leave(&scope);
	assert_in_range(cor_monotonic_ns() - began_ns, 0, 280 * 1000000);
	cor_pool_destroy(pool);
}

/* --- many at once --- */

struct crowd {
	struct cor_pool *pool;
	_Atomic int wrong;
};

/* In turns with jobs that are submitted: who borrows meets who is given jobs. */
static void *use(void *arg)
{
	struct crowd *crowd = arg;

	for (int i = 20; i < 220; i++) {
		int number = i, other = i;
		struct cor_future *future = NULL;
		crowd->wrong += cor_pool_submit(crowd->pool, add_one, &other, &future) != 0;
		crowd->wrong += cor_pool_run(crowd->pool, add_one, &number) != i + 1;
		crowd->wrong += cor_future_wait(future) != 0;
		crowd->wrong += cor_future_read(future, &other) != i + 1 || other != i + 1;
		cor_future_drop(future);
	}
	return NULL;
}

static void borrowers_and_givers_meet(void **state)
{
	struct crowd crowd = { .pool = pool_of(&processes) };
	pthread_t users[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&users[i], NULL, use, &crowd), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(users[i], NULL);
	assert_int_equal(crowd.wrong, 0);
	assert_int_equal(cor_pool_look(crowd.pool).done, 1600);
	cor_pool_destroy(crowd.pool);
}

static void *run_nap(void *arg)
{
	struct crowd *crowd = arg;
	int ms = 100;

	crowd->wrong = cor_pool_run(crowd->pool, nap, &ms);
	return NULL;
}

/* What was submitted meanwhile is done, by the thread whose process was borrowed. */
static void the_end_waits_for_what_is_borrowed(void **state)
{
	struct crowd crowd = { .pool = pool_of(&one) };
	struct cor_future *future;
	pthread_t user;
	int number = 1;

	(void)state;
	assert_int_equal(cor_pool_run(crowd.pool, add_one, &(int){ 1 }), 2);
	assert_int_equal(pthread_create(&user, NULL, run_nap, &crowd), 0);
	while (cor_pool_look(crowd.pool).submitted < 2)
		usleep(100);
	assert_int_equal(cor_pool_submit(crowd.pool, add_one, &number, &future), 0);
	cor_pool_destroy(crowd.pool);
	pthread_join(user, NULL);
	assert_int_equal(crowd.wrong, 0);
	assert_int_equal(cor_future_result(future), 2);
	cor_future_drop(future);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_runs_in_pools_of_both_kinds),
		cmocka_unit_test(a_death_is_told_and_the_next_one_runs),
		cmocka_unit_test(a_deadline_is_kept),
		cmocka_unit_test(borrowers_and_givers_meet),
		cmocka_unit_test(the_end_waits_for_what_is_borrowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
