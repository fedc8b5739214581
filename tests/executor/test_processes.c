/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <coracle/error.h>
#include <coracle/sync.h>

#include "processes.h"

static const struct cor_executor one = { .name = "one", .kind = COR_PROCESSES, .size = 1 };

struct square {
	int64_t in;
	int64_t out;
	int32_t pid;
	int32_t nursery;
};

static int square(struct cor_ctx *ctx, struct square *call)
{
	(void)ctx;
	call->out = call->in * call->in;
	call->pid = getpid();
	call->nursery = getppid();
	return call->in < 0 ? -ERANGE : (int)call->in;
}

static void a_process_is_used_again(void **state)
{
	struct cor_pool *pool = pool_of(&one);
	struct square first = { 0 }, call = { 0 };

	(void)state;
	assert_int_equal(RUN(pool, square, &first), 0);
	assert_int_not_equal(first.pid, getpid());
	for (int i = 0; i < 50; i++) {
		assert_int_equal(RUN(pool, square, &call), 0);
		assert_int_equal(call.pid, first.pid);
	}
	cor_pool_destroy(pool);
	assert_true(has_gone(first.pid));
	assert_true(has_gone(first.nursery));
	assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

static void after_its_share_of_jobs_it_is_replaced(void **state)
{
	static const struct cor_executor executor = {
		.name = "share", .kind = COR_PROCESSES, .size = 1, .jobs_per_process = 3
	};
	struct cor_pool *pool = pool_of(&executor);
	struct square calls[7] = { 0 };

	(void)state;
	for (int i = 0; i < 7; i++)
		assert_int_equal(RUN(pool, square, &calls[i]), 0);
	assert_int_equal(calls[0].pid, calls[2].pid);
	assert_int_not_equal(calls[2].pid, calls[3].pid);
	assert_int_equal(calls[3].pid, calls[5].pid);
	assert_int_not_equal(calls[5].pid, calls[6].pid);
	assert_true(has_gone(calls[0].pid));
	cor_pool_destroy(pool);
}

static int nap(struct cor_ctx *ctx, struct square *call)
{
	(void)ctx;
	(void)poll(NULL, 0, (int)call->in);
	return 0;
}

/* --- a full queue --- */

struct again {
	struct cor_pool *pool;
	struct cor_future *second;
	int rc;
};

static void submit_another(struct cor_future *future, void *arg)
{
	struct again *again = arg;
	struct square call = { .in = 4 };

	(void)future;
	again->rc = cor_pool_submit(again->pool, square, &call, &again->second);
}

/* The thread that keeps the process cannot wait for a place: the process does it at once. */
static void a_callback_may_submit_to_a_full_pool(void **state)
{
	static const struct cor_executor narrow = {
		.name = "narrow", .kind = COR_PROCESSES, .size = 1, .queue = 1
	};
	struct again again = { .pool = pool_of(&narrow) };
	struct square call = { .in = 100 };
	struct cor_future *first, *queued;

	(void)state;
	assert_int_equal(cor_pool_submit(again.pool, nap, &call, &first), 0);
	assert_int_equal(cor_future_on_done(first, submit_another, &again), 0);
	while (cor_future_state(first) == COR_FUTURE_QUEUED)
		(void)poll(NULL, 0, 1);
	assert_int_equal(cor_pool_submit(again.pool, square, &call, &queued), 0);
	assert_int_equal(END_OF(queued, &call), 100);
	cor_future_drop(first);
	cor_pool_destroy(again.pool);
	assert_int_equal(again.rc, 0);
	assert_int_equal(END_OF(again.second, &call), 4);
	assert_int_not_equal(call.pid, getpid());
}

/* --- size --- */

struct large {
	char text[100000];
};

static int reverse(struct cor_ctx *ctx, struct large *call)
{
	(void)ctx;
	for (size_t i = 0, j = sizeof call->text - 1; i < j; i++, j--) {
		char kept = call->text[i];
		call->text[i] = call->text[j];
		call->text[j] = kept;
	}
	return 0;
}

static void a_call_has_a_limit(void **state)
{
	static const struct cor_executor wide = {
		.name = "wide", .kind = COR_PROCESSES, .size = 2, .call_bytes = sizeof(struct large)
	};
	static struct large call;
	struct cor_pool *pool = pool_of(&one);

	(void)state;
	call.text[0] = 'x';
	assert_int_equal(cor_pool_submit(pool, reverse, &call, NULL), -COR_ETOOLARGE);
	cor_pool_destroy(pool);
	pool = pool_of(&wide);
	assert_int_equal(RUN(pool, reverse, &call), 0);
	assert_int_equal(call.text[sizeof call.text - 1], 'x');
	cor_pool_destroy(pool);
}

static int die_at_start(struct cor_ctx *ctx, void **ret)
{
	(void)ctx, (void)ret;
	_exit(3);
}

static void a_death_in_its_start_breaks_the_pool(void **state)
{
	static const struct cor_executor dies = {
		.name = "dies", .kind = COR_PROCESSES, .size = 1, .start = die_at_start
	};
	struct cor_pool *pool = pool_of(&dies);
	struct square call = { 0 };

	(void)state;
	assert_int_equal(RUN(pool, square, &call), -COR_EBROKEN);
	assert_int_equal(cor_pool_submit(pool, square, &call, NULL), -COR_EBROKEN);
	cor_pool_destroy(pool);
}

/* --- what cannot be --- */

static void *wait_for_end(void *arg)
{
	assert_int_equal(cor_semaphore_take(arg), 0);
	return NULL;
}

static void it_is_too_late_with_threads(void **state)
{
	struct cor_semaphore end = { 0 };
	struct cor_pool *pool = NULL;
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, wait_for_end, &end), 0);
	assert_int_equal(cor_pool_create(&one, &pool), -COR_ETHREADS);
	assert_null(pool);
	cor_semaphore_give(&end);
	assert_int_equal(pthread_join(thread, NULL), 0);
	cor_pool_destroy(pool_of(&one)); /* that was all that was wrong */
}

static void contradictions_are_refused(void **state)
{
	static const struct cor_executor wrong[] = {
		{ .name = "here", .kind = COR_PROCESSES, .when_full = COR_FULL_RUN_HERE },
		{ .name = "threads", .job_timeout_ms = 10 },
		{ .name = "threads", .job_cpu_ms = 10 },
		{ .name = "threads", .memory_bytes = 10 },
		{ .name = "threads", .call_bytes = 10 },
		{ .name = "threads", .jobs_per_process = 10 },
		{ .name = "threads", .strict = true },
		{ .name = "threads", .recycle_ms = 10 },
		{ .name = "threads", .recycle_bytes = 10 },
	};
	struct cor_pool *pool = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_int_equal(cor_pool_create(&wrong[i], &pool), -COR_ETABLE);
	assert_null(pool);
}

static int read_name(struct cor_ctx *ctx, struct large *call)
{
	(void)ctx;
	return prctl(PR_GET_NAME, call->text);
}

static void they_can_be_told_in_a_list(void **state)
{
	static const struct cor_executor executor = {
		.name = "legacy", .kind = COR_PROCESSES, .size = 1, .call_bytes = 1 << 20
	};
	static struct large call;
	struct cor_pool *pool = pool_of(&executor);

	(void)state;
	assert_int_equal(RUN(pool, read_name, &call), 0);
	assert_string_equal(call.text, "legacy:pool");
	cor_pool_destroy(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_is_used_again),
		cmocka_unit_test(after_its_share_of_jobs_it_is_replaced),
		cmocka_unit_test(a_callback_may_submit_to_a_full_pool),
		cmocka_unit_test(a_call_has_a_limit),
		cmocka_unit_test(a_death_in_its_start_breaks_the_pool),
		cmocka_unit_test(it_is_too_late_with_threads),
		cmocka_unit_test(contradictions_are_refused),
		cmocka_unit_test(they_can_be_told_in_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
