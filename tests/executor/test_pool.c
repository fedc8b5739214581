/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/executor.h>
#include <coracle/fiber.h>

#include "gate.h"
#include "pools.h"
#include "square.h"

static const struct cor_executor one = { .name = "one", .size = 1 };
static const struct cor_executor four = { .name = "four", .size = 4 };

/* max_workers: as many threads as are needed, never more. */
static void threads_come_on_demand(void **state)
{
	struct cor_pool *pool = pool_of(&four);
	struct gate gate = { 0 };

	(void)state;
	assert_int_equal(cor_pool_look(pool).threads, 0);
	for (uint32_t i = 1; i <= 6; i++) {
		struct pass call = { &gate, 0 };
		assert_int_equal(cor_pool_submit(pool, pass, &call, NULL), 0);
		assert_int_equal(cor_pool_look(pool).threads, i < 4 ? i : 4);
	}
	for (int i = 0; i < 4; i++)
		assert_int_equal(cor_semaphore_take(&gate.begun), 0);
	assert_int_equal(cor_pool_look(pool).queued, 2);
	assert_int_equal(cor_pool_look(pool).running, 4);
	for (int i = 0; i < 6; i++)
		cor_semaphore_give(&gate.open);
	cor_pool_destroy(pool); /* waits for all of them */
	assert_int_equal(gate.count, 6);
}

static void an_idle_thread_is_used_again(void **state)
{
	struct cor_pool *pool = pool_of(&four);

	(void)state;
	for (int i = 0; i < 50; i++) {
		struct square call = { .in = i };
		struct cor_future *future;
		assert_int_equal(cor_pool_submit(pool, square, &call, &future), 0);
		assert_int_equal(cor_future_wait(future), 0);
		cor_future_drop(future);
	}
	assert_in_range(cor_pool_look(pool).threads, 1, 4);
	cor_pool_destroy(pool);
}

/* --- a full queue --- */

static struct cor_pool *full_pool(enum cor_full_queue when_full, struct gate *gate)
{
	static struct cor_executor executor;
	struct pass call = { gate, 0 };

	executor = (struct cor_executor){
		.name = "full", .size = 1, .queue = 1, .when_full = when_full
	};
	struct cor_pool *pool = pool_of(&executor);
	assert_int_equal(cor_pool_submit(pool, pass, &call, NULL), 0);
	assert_int_equal(cor_semaphore_take(&gate->begun), 0);
	assert_int_equal(cor_pool_submit(pool, pass, &call, NULL), 0);
	return pool;
}

static void a_full_queue_refuses(void **state)
{
	struct gate gate = { 0 };
	struct cor_pool *pool = full_pool(COR_FULL_REFUSE, &gate);
	struct pass call = { &gate, 0 };
	struct cor_future *future = NULL;

	(void)state;
	assert_int_equal(cor_pool_submit(pool, pass, &call, &future), -COR_EBUSY);
	assert_null(future);
	assert_int_equal(cor_pool_look(pool).refused, 1);
	cor_semaphore_give(&gate.open);
	cor_semaphore_give(&gate.open);
	cor_pool_destroy(pool);
	assert_int_equal(gate.count, 2);
}

static void a_full_queue_runs_it_here(void **state)
{
	struct gate gate = { 0 };
	struct cor_pool *pool = full_pool(COR_FULL_RUN_HERE, &gate);
	struct square call = { .in = 3 };
	struct cor_future *future;

	(void)state;
	assert_int_equal(cor_pool_submit(pool, square, &call, &future), 0);
	assert_int_equal(cor_future_read(future, &call), 3); /* done already */
	cor_future_drop(future);
	cor_semaphore_give(&gate.open);
	cor_semaphore_give(&gate.open);
	cor_pool_destroy(pool);
}

static void a_full_queue_lets_wait_in_time(void **state)
{
	struct gate gate = { 0 };
	struct cor_pool *pool = full_pool(COR_FULL_WAIT, &gate);
	struct pass call = { &gate, 0 };
	struct cor_scope scope;

	(void)state;
	cor_scope_enter(&scope, 20);
	assert_int_equal(cor_pool_submit(pool, pass, &call, NULL), -ETIMEDOUT);
	cor_scope_leave(&scope);
	cor_semaphore_give(&gate.open);
	assert_int_equal(cor_pool_submit(pool, pass, &call, NULL), 0);
	cor_semaphore_give(&gate.open);
	cor_semaphore_give(&gate.open);
	cor_pool_destroy(pool);
	assert_int_equal(gate.count, 3);
}

struct waiter {
	struct cor_pool *pool;
	struct gate *gate;
	struct cor_semaphore tries;
	int rc;
};

static void *submit_when_there_is_room(void *arg)
{
	struct waiter *waiter = arg;
	struct pass call = { waiter->gate, 0 };

	cor_semaphore_give(&waiter->tries);
	waiter->rc = cor_pool_submit(waiter->pool, pass, &call, NULL);
	return NULL;
}

static void whoever_waits_for_a_place_is_turned_away_at_the_end(void **state)
{
	struct gate gate = { 0 };
	struct waiter waiter = { .pool = full_pool(COR_FULL_WAIT, &gate), .gate = &gate };
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, submit_when_there_is_room, &waiter), 0);
	assert_int_equal(cor_semaphore_take(&waiter.tries), 0);
	cor_pool_shut_down(waiter.pool, COR_SHUTDOWN_FINISH);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(waiter.rc, -COR_ECLOSED);
	cor_semaphore_give(&gate.open);
	cor_semaphore_give(&gate.open);
	cor_pool_destroy(waiter.pool);
	assert_int_equal(gate.count, 2);
}

/* However slowly its thread starts: one job runs, one waits. */
static void a_thread_on_its_way_takes_no_place(void **state)
{
	static const struct cor_executor executor = {
		.name = "narrow", .size = 1, .queue = 1, .when_full = COR_FULL_REFUSE
	};

	(void)state;
	for (int i = 0; i < 200; i++) {
		struct cor_pool *pool = pool_of(&executor);
		struct gate gate = { 0 };
		struct pass call = { &gate, 0 };
		for (int k = 0; k < 2; k++)
			assert_int_equal(cor_pool_submit(pool, pass, &call, NULL), 0);
		assert_int_equal(cor_pool_submit(pool, pass, &call, NULL), -COR_EBUSY);
		cor_semaphore_give(&gate.open);
		cor_semaphore_give(&gate.open);
		cor_pool_destroy(pool);
	}
}

/* --- the end --- */

static void nothing_is_taken_after_the_end(void **state)
{
	struct cor_pool *pool = pool_of(&one);
	struct square call = { .in = 1 };

	(void)state;
	cor_pool_shut_down(pool, COR_SHUTDOWN_FINISH);
	assert_int_equal(cor_pool_submit(pool, square, &call, NULL), -COR_ECLOSED);
	cor_pool_destroy(pool);
	cor_pool_destroy(NULL);
}

/* --- map --- */

static void map_ends_in_time(void **state)
{
	struct cor_pool *pool = pool_of(&one);
	struct gate gate = { 0 };
	struct pass items[3] = { { &gate, 0 }, { &gate, 0 }, { &gate, 0 } };
	struct cor_scope scope;

	(void)state;
	cor_scope_enter(&scope, 20);
	assert_int_equal(cor_pool_map(pool, pass, items, 3, NULL), -ETIMEDOUT);
	cor_scope_leave(&scope);
	assert_int_equal(cor_semaphore_take(&gate.begun), 0);
	cor_semaphore_give(&gate.open);
	cor_pool_destroy(pool);
	assert_int_equal(gate.count, 1); /* the rest never began */
}

/* A job that submits to its own pool, and waits, does not wait for ever. */

struct factorial {
	struct cor_pool *pool;
	int64_t n;
	int64_t out;
};

static int factorial(struct cor_ctx *ctx, struct factorial *call)
{
	struct factorial less = { .pool = call->pool, .n = call->n - 1 };
	struct cor_future *future;

	(void)ctx;
	call->out = 1;
	if (call->n < 2)
		return 0;
	int rc = cor_pool_submit(call->pool, factorial, &less, &future);
	if (rc == 0) {
		rc = cor_future_wait(future);
		if (rc == 0)
			rc = cor_future_read(future, &less);
		cor_future_drop(future);
	}
	call->out = call->n * less.out;
	return rc;
}

static void a_pool_does_not_wait_for_itself(void **state)
{
	struct cor_pool *pool = pool_of(&one);
	struct factorial call = { .pool = pool, .n = 10 };
	struct cor_future *future;

	(void)state;
	assert_int_equal(cor_pool_submit(pool, factorial, &call, &future), 0);
	assert_int_equal(cor_future_wait(future), 0);
	assert_int_equal(cor_future_read(future, &call), 0);
	assert_int_equal(call.out, 3628800);
	cor_future_drop(future);
	cor_pool_destroy(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_come_on_demand),
		cmocka_unit_test(an_idle_thread_is_used_again),
		cmocka_unit_test(a_full_queue_refuses),
		cmocka_unit_test(a_full_queue_runs_it_here),
		cmocka_unit_test(a_full_queue_lets_wait_in_time),
		cmocka_unit_test(a_thread_on_its_way_takes_no_place),
		cmocka_unit_test(whoever_waits_for_a_place_is_turned_away_at_the_end),
		cmocka_unit_test(nothing_is_taken_after_the_end),
		cmocka_unit_test(map_ends_in_time),
		cmocka_unit_test(a_pool_does_not_wait_for_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
