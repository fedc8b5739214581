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

static const struct cor_executor one = { .name = "one", .size = 1 };
static const struct cor_executor four = { .name = "four", .size = 4 };

/* Jobs that begin in the order of the array, and wait for their gate. */
struct crowd {
	struct cor_pool *pool;
	struct gate gates[4];
	struct cor_future *futures[4];
};

static void begin(struct crowd *crowd, const struct cor_executor *executor)
{
	*crowd = (struct crowd){ 0 };
	assert_int_equal(cor_pool_create(executor, &crowd->pool), 0);
	for (int i = 0; i < 4; i++) {
		struct pass call = { &crowd->gates[i], i == 2 ? -EDOM : i };
		assert_int_equal(cor_pool_submit(crowd->pool, pass, &call, &crowd->futures[i]), 0);
	}
}

static void end(struct crowd *crowd)
{
	for (int i = 0; i < 4; i++) {
		cor_semaphore_give(&crowd->gates[i].open);
		cor_future_drop(crowd->futures[i]);
	}
	cor_pool_destroy(crowd->pool);
}

static void let_end(struct crowd *crowd, int i)
{
	cor_semaphore_give(&crowd->gates[i].open);
	assert_int_equal(cor_future_wait(crowd->futures[i]), 0);
}

static void only_what_waits_can_be_cancelled(void **state)
{
	struct crowd crowd;

	(void)state;
	begin(&crowd, &one);
	assert_int_equal(cor_semaphore_take(&crowd.gates[0].begun), 0);
	assert_int_equal(cor_future_state(crowd.futures[0]), COR_FUTURE_RUNNING);
	assert_int_equal(cor_future_state(crowd.futures[1]), COR_FUTURE_QUEUED);
	assert_int_equal(cor_future_result(crowd.futures[1]), -EBUSY);
	assert_false(cor_future_cancel(crowd.futures[0]));
	assert_true(cor_future_cancel(crowd.futures[1]));
	assert_true(cor_future_cancel(crowd.futures[1]));
	assert_int_equal(cor_future_state(crowd.futures[1]), COR_FUTURE_CANCELLED);
	assert_int_equal(cor_future_wait(crowd.futures[1]), 0);
	assert_int_equal(cor_future_result(crowd.futures[1]), -ECANCELED);
	let_end(&crowd, 0);
	assert_false(cor_future_cancel(crowd.futures[0]));
	end(&crowd);
	assert_int_equal(crowd.gates[1].count, 0);
	assert_int_equal(crowd.gates[3].count, 1);
}

static void waiting_keeps_to_its_time(void **state)
{
	struct crowd crowd;
	struct cor_scope scope;

	(void)state;
	begin(&crowd, &one);
	cor_scope_enter(&scope, 10);
	assert_int_equal(cor_future_wait(crowd.futures[0]), -ETIMEDOUT);
	cor_scope_leave(&scope);
	let_end(&crowd, 0);
	assert_int_equal(cor_future_result(crowd.futures[0]), 0);
	end(&crowd);
}

/* --- callbacks --- */

static char told[8];
static size_t told_len;

static void tell(struct cor_future *future, void *arg)
{
	assert_true(cor_future_is_done(future));
	told[told_len++] = *(const char *)arg;
}

static void callbacks_come_in_their_order(void **state)
{
	struct crowd crowd;

	(void)state;
	begin(&crowd, &one);
	memset(told, 0, sizeof told);
	told_len = 0;
	assert_int_equal(cor_future_on_done(crowd.futures[1], tell, "a"), 0);
	assert_int_equal(cor_future_on_done(crowd.futures[1], tell, "b"), 0);
	assert_string_equal(told, "");
	assert_true(cor_future_cancel(crowd.futures[1]));
	assert_string_equal(told, "ab");
	assert_int_equal(cor_future_on_done(crowd.futures[1], tell, "c"), 0); /* at once */
	assert_string_equal(told, "abc");
	end(&crowd);
}

static void a_callback_may_drop_the_last_reference(void **state)
{
	struct cor_pool *pool;
	struct gate gate = { 0 };
	struct pass call = { &gate, 0 };
	struct cor_future *future;

	(void)state;
	assert_int_equal(cor_pool_create(&one, &pool), 0);
	assert_int_equal(cor_pool_submit(pool, pass, &call, &future), 0);
	memset(told, 0, sizeof told);
	told_len = 0;
	assert_int_equal(cor_future_on_done(future, tell, "x"), 0);
	cor_future_drop(future);
	cor_semaphore_give(&gate.open);
	cor_pool_destroy(pool);
	assert_string_equal(told, "x");
}

/* The first callback waits until the third has been added, by another thread. */

static struct gate in_first;

static void tell_slowly(struct cor_future *future, void *arg)
{
	cor_semaphore_give(&in_first.begun);
	assert_int_equal(cor_semaphore_take(&in_first.open), 0);
	tell(future, arg);
}

static void *cancel(void *future)
{
	assert_true(cor_future_cancel(future));
	return NULL;
}

static void a_late_callback_does_not_overtake(void **state)
{
	struct crowd crowd;
	pthread_t thread;

	(void)state;
	begin(&crowd, &one);
	memset(told, 0, sizeof told);
	told_len = 0;
	assert_int_equal(cor_future_on_done(crowd.futures[1], tell_slowly, "a"), 0);
	assert_int_equal(cor_future_on_done(crowd.futures[1], tell, "b"), 0);
	assert_int_equal(pthread_create(&thread, NULL, cancel, crowd.futures[1]), 0);
	assert_int_equal(cor_semaphore_take(&in_first.begun), 0);
	assert_int_equal(cor_future_on_done(crowd.futures[1], tell, "c"), 0);
	assert_int_equal(cor_future_wait(crowd.futures[1]), 0); /* waits not for them */
	cor_semaphore_give(&in_first.open);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_string_equal(told, "abc");
	assert_int_equal(cor_future_on_done(crowd.futures[1], tell, "d"), 0); /* at once */
	assert_string_equal(told, "abcd");
	end(&crowd);
}

/* --- several --- */

static void they_come_as_they_are_done(void **state)
{
	static const int order[] = { 3, 1, 0, 2 };
	struct crowd crowd;
	struct cor_completion completion;
	struct cor_future *future;

	(void)state;
	begin(&crowd, &four);
	let_end(&crowd, order[0]);
	struct cor_future *twice[8];
	for (int i = 0; i < 8; i++)
		twice[i] = crowd.futures[i % 4];
	assert_int_equal(cor_completion_begin(&completion, twice, 8), 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(cor_completion_left(&completion), 4 - i);
		if (i > 0)
			cor_semaphore_give(&crowd.gates[order[i]].open);
		assert_int_equal(cor_completion_next(&completion, &future), 0);
		assert_ptr_equal(future, crowd.futures[order[i]]);
	}
	assert_int_equal(cor_completion_next(&completion, &future), 0);
	assert_null(future);
	cor_completion_end(&completion);
	end(&crowd);
}

static void a_completion_may_end_early(void **state)
{
	struct crowd crowd;
	struct cor_completion completion;
	struct cor_future *future;
	struct cor_scope scope;

	(void)state;
	begin(&crowd, &four);
	assert_int_equal(cor_completion_begin(&completion, crowd.futures, 4), 0);
	cor_scope_enter(&scope, 10);
	assert_int_equal(cor_completion_next(&completion, &future), -ETIMEDOUT);
	cor_scope_leave(&scope);
	assert_int_equal(cor_completion_left(&completion), 4);
	cor_completion_end(&completion);
	end(&crowd);
}

static void waiting_for_several(void **state)
{
	struct crowd crowd;
	struct cor_scope scope;

	(void)state;
	assert_int_equal(cor_futures_wait(NULL, 0, COR_WAIT_FIRST), 0);
	begin(&crowd, &four);
	let_end(&crowd, 1);
	assert_int_equal(cor_futures_wait(crowd.futures, 4, COR_WAIT_FIRST), 0);
	cor_scope_enter(&scope, 10);
	assert_int_equal(cor_futures_wait(crowd.futures, 4, COR_WAIT_FIRST_FAILURE), -ETIMEDOUT);
	cor_scope_leave(&scope);
	let_end(&crowd, 2);
	assert_int_equal(cor_futures_wait(crowd.futures, 4, COR_WAIT_FIRST_FAILURE), 0);
	assert_false(cor_future_is_done(crowd.futures[0]));
	cor_semaphore_give(&crowd.gates[0].open);
	cor_semaphore_give(&crowd.gates[3].open);
	assert_int_equal(cor_futures_wait(crowd.futures, 4, COR_WAIT_ALL), 0);
	end(&crowd);
}

/* A cancelled one is done, but has not failed. */
static void a_cancelled_one_has_not_failed(void **state)
{
	struct crowd crowd;
	struct cor_scope scope;

	(void)state;
	begin(&crowd, &one);
	assert_true(cor_future_cancel(crowd.futures[1]));
	cor_scope_enter(&scope, 10);
	assert_int_equal(cor_futures_wait(crowd.futures, 2, COR_WAIT_FIRST_FAILURE), -ETIMEDOUT);
	cor_scope_leave(&scope);
	end(&crowd);
}

/* --- what a job leaves --- */

static int say(struct cor_ctx *ctx, const char **text)
{
	*text = cor_printf(ctx, "%s %d", *text, 7);
	return *text ? cor_problem(ctx, 404, 0, "no %s", *text) : -ENOMEM;
}

static void memory_and_problem_are_the_futures(void **state)
{
	struct cor_pool *pool;
	struct cor_future *future;
	const char *text = "book";

	(void)state;
	assert_int_equal(cor_pool_create(&one, &pool), 0);
	assert_int_equal(cor_pool_submit(pool, say, &text, &future), 0);
	assert_int_equal(cor_future_wait(future), 0);
	cor_pool_destroy(pool);
	assert_int_equal(cor_future_read(future, &text), -COR_EPROBLEM);
	assert_string_equal(text, "book 7");
	assert_int_equal(cor_future_problem(future)->status, 404);
	assert_string_equal(cor_future_problem(future)->detail, "no book 7");
	cor_future_drop(future);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_waits_can_be_cancelled),
		cmocka_unit_test(waiting_keeps_to_its_time),
		cmocka_unit_test(callbacks_come_in_their_order),
		cmocka_unit_test(a_callback_may_drop_the_last_reference),
		cmocka_unit_test(a_late_callback_does_not_overtake),
		cmocka_unit_test(they_come_as_they_are_done),
		cmocka_unit_test(a_completion_may_end_early),
		cmocka_unit_test(waiting_for_several),
		cmocka_unit_test(a_cancelled_one_has_not_failed),
		cmocka_unit_test(memory_and_problem_are_the_futures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
