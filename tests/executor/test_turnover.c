/* SPDX-License-Identifier: MIT */
/* Processes that have served their time: another takes their place, and no job waits for it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <coracle/error.h>

#include "executor/pool.h"
#include "processes.h"

struct work {
	int32_t in, out, pid;
	uint32_t nap_ms;
	uint32_t leak_bytes;
	bool gives_back;
};

static void use_memory(size_t bytes, bool gives_back)
{
	char *volatile memory = malloc(bytes);

	if (!memory)
		return;
	for (size_t i = 0; i < bytes; i += 512)
		((volatile char *)memory)[i] = 1;
	if (gives_back)
		free(memory);
}

static int do_work(struct cor_ctx *ctx, struct work *work)
{
	(void)ctx;
	work->out = work->in * 2;
	work->pid = getpid();
	if (work->nap_ms != 0)
		(void)poll(NULL, 0, (int)work->nap_ms);
	if (work->leak_bytes != 0)
		use_memory(work->leak_bytes, work->gives_back);
	return 0;
}

static int start_slowly(struct cor_ctx *ctx, void **ret)
{
	(void)ctx, (void)ret;
	(void)poll(NULL, 0, 20);
	return 0;
}

static void destroy(struct cor_pool *pool)
{
	cor_pool_destroy(pool);
	assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

/* --- time --- */

static int compare(const void *a, const void *b)
{
	const int64_t *one = a, *other = b;

	return (*one > *other) - (*one < *other);
}

#define TIMES 20

/* Half of what a slow start takes: who waits for one takes longer; a busy machine does not. */
#define MOST_NS 10000000

/* The median of how long jobs take that are a process's first, in ns. */
static int64_t time_of_first_jobs(const struct cor_executor *executor, struct work work)
{
	struct cor_pool *pool = pool_of(executor);
	int64_t times_ns[TIMES];
	int32_t pid = 0;

	for (int len = 0, jobs = 0; len < TIMES; jobs++) {
		struct work call = work;
		int64_t began_ns = cor_monotonic_ns();
		assert_int_equal(RUN(pool, do_work, &call), 0);
		int64_t took_ns = cor_monotonic_ns() - began_ns - call.nap_ms * INT64_C(1000000);
		if (call.pid != pid && pid != 0)
			times_ns[len++] = took_ns;
		pid = call.pid;
		assert_true(jobs < 100 * TIMES);
	}
	destroy(pool);
	qsort(times_ns, TIMES, sizeof times_ns[0], compare);
	print_message("# %s: the first job of a process takes %d us, at worst %d\n", executor->name,
		(int)(times_ns[TIMES / 2] / 1000), (int)(times_ns[TIMES - 1] / 1000));
	return times_ns[TIMES / 2];
}

static void no_job_waits_for_a_successor(void **state)
{
	static const struct cor_executor executors[] = {
		{ .name = "jobs", .kind = COR_PROCESSES, .size = 1, .jobs_per_process = 3 },
		{ .name = "memory", .kind = COR_PROCESSES, .size = 1, .recycle_bytes = 3 << 17 },
		{ .name = "age", .kind = COR_PROCESSES, .size = 1, .recycle_ms = 5 },
		{ .name = "slow_age",
			.kind = COR_PROCESSES,
			.size = 1,
			.recycle_ms = 30,
			.start = start_slowly },
		{ .name = "slow_jobs",
			.kind = COR_PROCESSES,
			.size = 1,
			.jobs_per_process = 2,
			.start = start_slowly },
	};
	static const struct work works[] = {
		{ .in = 1 },
		{ .in = 1, .leak_bytes = 1 << 17 },
		{ .in = 1, .nap_ms = 1 },
		{ .in = 1, .nap_ms = 1 },
		{ .in = 1, .nap_ms = 25 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof works / sizeof works[0]; i++) {
		int64_t took_ns = INT64_MAX;
		for (int tries = 0; tries < 5 && took_ns > MOST_NS; tries++) /* it may be busy */
			took_ns = time_of_first_jobs(&executors[i], works[i]);
		assert_in_range(took_ns, 1, MOST_NS);
	}
}

/* --- memory --- */

#ifndef __SANITIZE_ADDRESS__ /* which has a heap of its own */

static void what_leaks_is_given_back(void **state)
{
	static const struct cor_executor executor = {
		.name = "leaks", .kind = COR_PROCESSES, .size = 1, .recycle_bytes = 16 << 20
	};
	struct cor_pool *pool = pool_of(&executor);
	struct work first = { .leak_bytes = 2 << 20 }, next = first;
	int jobs = 1;

	(void)state;
	assert_int_equal(RUN(pool, do_work, &first), 0);
	do {
		assert_int_equal(RUN(pool, do_work, &next), 0);
		jobs++;
	} while (next.pid == first.pid);
	assert_in_range(jobs, 8, 500); /* the old one goes on until the other is ready */
	assert_true(has_gone(first.pid));
	destroy(pool);
}

static void what_is_given_back_is_no_leak(void **state)
{
	static const struct cor_executor executor = {
		.name = "uses", .kind = COR_PROCESSES, .size = 1, .recycle_bytes = 16 << 20
	};
	struct cor_pool *pool = pool_of(&executor);
	struct work first = { .leak_bytes = 64 << 20, .gives_back = true }, next = first;

	(void)state;
	assert_int_equal(RUN(pool, do_work, &first), 0);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(RUN(pool, do_work, &next), 0);
		assert_int_equal(next.pid, first.pid);
	}
	destroy(pool);
}

#endif

static void a_sandbox_does_not_keep_it_from_it(void **state)
{
	static const struct cor_executor executor = { .name = "boxed",
		.kind = COR_PROCESSES,
		.size = 1,
		.recycle_bytes = 4 << 20,
		.isolation = COR_SANDBOX };
	struct cor_pool *pool = NULL;
	struct work first = { .leak_bytes = 1 << 20 }, next = first;

	(void)state;
	if (cor_pool_create(&executor, &pool) == -EOPNOTSUPP)
		return;
	assert_int_equal(RUN(pool, do_work, &first), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(RUN(pool, do_work, &next), 0);
		assert_int_equal(next.pid, first.pid);
	}
	for (int i = 0; next.pid == first.pid; i++) {
		assert_true(i < 500);
		assert_int_equal(RUN(pool, do_work, &next), 0);
	}
	destroy(pool);
}

/* --- all of it, under load --- */

#define JOBS 3000

static void nothing_is_lost(void **state)
{
	static const struct cor_executor executor = { .name = "load",
		.kind = COR_PROCESSES,
		.size = 3,
		.queue = JOBS,
		.jobs_per_process = 7,
		.recycle_ms = 20,
		.recycle_bytes = 1 << 20 };
	static struct cor_future *futures[JOBS];
	struct cor_pool *pool = pool_of(&executor);
	struct work work = { 0 };

	(void)state;
	for (int i = 0; i < JOBS; i++) {
		work = (struct work){ .in = i, .leak_bytes = i % 13 == 0 ? 300000 : 0 };
		assert_int_equal(cor_pool_submit(pool, do_work, &work, &futures[i]), 0);
	}
	for (int i = 0; i < JOBS; i++) {
		assert_int_equal(END_OF(futures[i], &work), 0);
		assert_int_equal(work.out, i * 2);
	}
	assert_int_equal(cor_pool_look(pool).done, JOBS);
	destroy(pool);
}

static void each_job_may_have_its_own(void **state)
{
	static const struct cor_executor executor = {
		.name = "own", .kind = COR_PROCESSES, .size = 2, .jobs_per_process = 1
	};
	struct cor_pool *pool = pool_of(&executor);
	int32_t pids[60];

	(void)state;
	for (int i = 0; i < 60; i++) {
		struct work work = { .in = i };
		assert_int_equal(RUN(pool, do_work, &work), 0);
		pids[i] = work.pid;
		for (int j = 0; j < i; j++)
			assert_int_not_equal(pids[i], pids[j]);
	}
	destroy(pool);
}

/* The successor is there before the last job of its process has ended. */
static void each_turnover_is_counted(void **state)
{
	static const struct cor_executor executor = {
		.name = "counted", .kind = COR_PROCESSES, .size = 1, .jobs_per_process = 2
	};
	struct cor_pool *pool = pool_of(&executor);

	(void)state;
	for (int i = 0; i < 9; i++) {
		struct work work = { .nap_ms = 20 };
		assert_int_equal(RUN(pool, do_work, &work), 0);
	}
	assert_int_equal(atomic_load(&pool->gauges.retirements[COR_TURNOVER_JOBS]), 4);
	destroy(pool);
}

/* --- a successor that cannot be --- */

static _Atomic int *starts; /* shared with the processes */

static int start_twice(struct cor_ctx *ctx, void **ret)
{
	(void)ret;
	return atomic_fetch_add(starts, 1) < 2 ? 0 : cor_problem(ctx, 500, 0, "no third time");
}

static void a_successor_that_fails_breaks_the_pool(void **state)
{
	static const struct cor_executor executor = { .name = "twice",
		.kind = COR_PROCESSES,
		.size = 1,
		.jobs_per_process = 2,
		.start = start_twice };
	struct work work = { .in = 1 };
	int rc = 0, jobs = 0;

	(void)state;
	starts = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(starts, MAP_FAILED);
	struct cor_pool *pool = pool_of(&executor);
	for (; rc == 0 && jobs < 10; jobs++) {
		struct cor_future *future = NULL;
		rc = cor_pool_submit(pool, do_work, &work, &future);
		rc = rc < 0 ? rc : END_OF(future, &work);
	}
	assert_int_equal(rc, -COR_EBROKEN);
	assert_int_equal(jobs, 5); /* four, and the one that learns it */
	destroy(pool);
	munmap((void *)(uintptr_t)starts, 4096);
}

static void one_that_dies_has_its_successor_already(void **state)
{
	static const struct cor_executor executor = {
		.name = "dies", .kind = COR_PROCESSES, .size = 1, .jobs_per_process = 2
	};
	struct cor_pool *pool = pool_of(&executor);

	(void)state;
	for (int i = 0; i < 20; i++) {
		struct work first = { .in = 1 }, second = { .in = 2 };
		assert_int_equal(RUN(pool, do_work, &first), 0);
		(void)kill(first.pid, SIGKILL); /* which may have served its time */
		assert_int_equal(RUN(pool, do_work, &second), 0);
		assert_int_equal(second.out, 4);
		assert_int_not_equal(second.pid, first.pid);
	}
	destroy(pool);
}

/* --- ends that take too long --- */

static _Atomic int *stops; /* of all processes */

static void stop_or_stay(struct cor_ctx *ctx, void *thread_state)
{
	(void)ctx, (void)thread_state;
	for (volatile bool is_first = atomic_fetch_add(stops, 1) == 0; is_first;)
		(void)pause();
}

/* Nor does it keep the pool from its end. */
static void one_that_does_not_leave_is_killed(void **state)
{
	static const struct cor_executor executor = { .name = "stays",
		.kind = COR_PROCESSES,
		.size = 1,
		.jobs_per_process = 1,
		.stop = stop_or_stay };
	struct work works[3] = { 0 };

	(void)state;
	stops = mmap(
		NULL, sizeof *stops, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(stops, MAP_FAILED);
	struct cor_pool *pool = pool_of(&executor);
	for (int i = 0; i < 3; i++)
		assert_int_equal(RUN(pool, do_work, &works[i]), 0);
	assert_true(has_gone(works[0].pid));
	cor_pool_destroy(pool);
	munmap(stops, sizeof *stops);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_job_waits_for_a_successor),
#ifndef __SANITIZE_ADDRESS__
		cmocka_unit_test(what_leaks_is_given_back),
		cmocka_unit_test(what_is_given_back_is_no_leak),
#endif
		cmocka_unit_test(a_sandbox_does_not_keep_it_from_it),
		cmocka_unit_test(nothing_is_lost),
		cmocka_unit_test(each_job_may_have_its_own),
		cmocka_unit_test(each_turnover_is_counted),
		cmocka_unit_test(a_successor_that_fails_breaks_the_pool),
		cmocka_unit_test(one_that_dies_has_its_successor_already),
		cmocka_unit_test(one_that_does_not_leave_is_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
