/* SPDX-License-Identifier: MIT */
/* Threads that cannot be made. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>

#include <coracle/executor.h>
#include <coracle/fiber.h>

#include "executor/pool.h"
#include "gate.h"
#include "runtime/wait_list.h"

int __real_pthread_create(
	pthread_t *id, const pthread_attr_t *attributes, void *(*start)(void *), void *arg);
int __wrap_pthread_create(
	pthread_t *id, const pthread_attr_t *attributes, void *(*start)(void *), void *arg);

/* Instead of libc's: it makes none for this thread, which learns that when the test says so. */
static _Thread_local struct submitter *in_need;

struct submitter {
	struct cor_pool *pool;
	struct gate gate; /* of pthread_create() */
	pthread_t thread;
	bool is_in_need;
	int rc;
};

int __wrap_pthread_create(
	pthread_t *id, const pthread_attr_t *attributes, void *(*start)(void *), void *arg)
{
	struct cor_scope scope;

	if (!in_need)
		return __real_pthread_create(id, attributes, start, arg);
	cor_semaphore_give(&in_need->gate.begun);
	cor_scope_shield(&scope, COR_FOREVER);
	int rc = cor_semaphore_take(&in_need->gate.open);
	cor_scope_leave(&scope);
	return rc < 0 ? -rc : EAGAIN;
}

static int nothing(struct cor_ctx *ctx, int *call)
{
	(void)ctx, (void)call;
	return 0;
}

static void *submit(void *arg)
{
	struct submitter *submitter = arg;
	struct cor_scope scope;

	in_need = submitter->is_in_need ? submitter : NULL;
	cor_scope_enter(&scope, 5000);
	submitter->rc = cor_pool_submit(submitter->pool, nothing, &(int){ 0 }, NULL);
	cor_scope_leave(&scope);
	return NULL;
}

static bool has_waiter(struct cor_pool *pool)
{
	cor_wait_list_lock(&pool->idle);
	bool has = pool->room.first != NULL;
	cor_wait_list_unlock(&pool->idle);
	return has;
}

/* Nobody is left who would ever make room for it. */
static void who_waits_for_a_place_learns_that_there_is_no_thread(void **state)
{
	static const struct cor_executor executor = { .name = "narrow", .size = 1, .queue = 1 };
	struct submitter first = { .is_in_need = true }, third = { 0 };
	struct cor_future *second;
	struct cor_pool *pool = NULL;

	(void)state;
	assert_int_equal(cor_pool_create(&executor, &pool), 0);
	first.pool = third.pool = pool;
	assert_int_equal(pthread_create(&first.thread, NULL, submit, &first), 0);
	assert_int_equal(cor_semaphore_take(&first.gate.begun), 0);
	assert_int_equal(cor_pool_submit(pool, nothing, &(int){ 0 }, &second), 0);
	assert_int_equal(pthread_create(&third.thread, NULL, submit, &third), 0);
	while (!has_waiter(pool))
		sched_yield();
	cor_semaphore_give(&first.gate.open);
	assert_int_equal(pthread_join(first.thread, NULL), 0);
	assert_int_equal(pthread_join(third.thread, NULL), 0);
	assert_int_equal(first.rc, -EAGAIN);
	assert_int_equal(third.rc, -EAGAIN);
	assert_int_equal(cor_future_result(second), -EAGAIN);
	assert_int_equal(cor_pool_look(pool).threads, 0);
	cor_future_drop(second);
	cor_pool_destroy(pool);
}

static int submit_in_need(struct cor_pool *pool, struct pass *call, struct cor_future **ret)
{
	struct submitter self = { .pool = pool };

	cor_semaphore_give(&self.gate.open);
	in_need = &self;
	int rc = cor_pool_submit(pool, pass, call, ret);
	in_need = NULL;
	return rc;
}

/* Those that are there do the work, and the next job tries again. */
static void a_pool_does_with_the_threads_that_it_has(void **state)
{
	static const struct cor_executor two = { .name = "two", .size = 2 };
	struct cor_future *futures[3];
	struct cor_pool *pool = NULL;
	struct gate gate = { 0 };
	struct pass call = { &gate, 7 };

	(void)state;
	assert_int_equal(cor_pool_create(&two, &pool), 0);
	assert_int_equal(cor_pool_submit(pool, pass, &call, &futures[0]), 0);
	assert_int_equal(cor_semaphore_take(&gate.begun), 0);
	assert_int_equal(submit_in_need(pool, &call, &futures[1]), 0);
	assert_int_equal(cor_pool_look(pool).threads, 1);
	assert_int_equal(cor_pool_look(pool).queued, 1);
	assert_int_equal(cor_pool_submit(pool, pass, &call, &futures[2]), 0);
	assert_int_equal(cor_pool_look(pool).threads, 2);
	for (int i = 0; i < 3; i++)
		cor_semaphore_give(&gate.open);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(cor_future_wait(futures[i]), 0);
		assert_int_equal(cor_future_result(futures[i]), 7);
		cor_future_drop(futures[i]);
	}
	cor_pool_destroy(pool);
}

/* And one that has none forgets the job that it could not take. */
static void without_any_thread_the_job_is_refused(void **state)
{
	static const struct cor_executor one = { .name = "one", .size = 1 };
	struct cor_future *future = NULL;
	struct cor_pool *pool = NULL;
	struct gate gate = { 0 };
	struct pass call = { &gate, 7 };

	(void)state;
	assert_int_equal(cor_pool_create(&one, &pool), 0);
	assert_int_equal(submit_in_need(pool, &call, &future), -EAGAIN);
	assert_null(future);
	assert_int_equal(cor_pool_look(pool).submitted, 0);
	cor_semaphore_give(&gate.open);
	assert_int_equal(cor_pool_submit(pool, pass, &call, &future), 0);
	assert_int_equal(cor_future_wait(future), 0);
	assert_int_equal(cor_future_result(future), 7);
	cor_future_drop(future);
	cor_pool_destroy(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_waits_for_a_place_learns_that_there_is_no_thread),
		cmocka_unit_test(a_pool_does_with_the_threads_that_it_has),
		cmocka_unit_test(without_any_thread_the_job_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
