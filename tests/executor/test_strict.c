/* SPDX-License-Identifier: MIT */
/* Pools that break with one of their processes, as Python's do. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <coracle/error.h>

#include "processes.h"

static const struct cor_executor strict = {
	.name = "strict", .kind = COR_PROCESSES, .size = 3, .job_timeout_ms = 500, .strict = true
};

enum what { SQUARE, STAY, DIE, LOOP };

struct deed {
	enum what what;
	int in, out;
	int32_t pid;
};

static _Atomic int *running; /* jobs that stay; shared with the processes */

static void spin(void)
{
	for (volatile bool ever = true; ever;)
		;
}

static int act(struct cor_ctx *ctx, struct deed *deed)
{
	(void)ctx;
	deed->pid = getpid();
	deed->out = deed->in * deed->in;
	if (deed->what == STAY)
		atomic_fetch_add(running, 1);
	if (deed->what == STAY)
		(void)poll(NULL, 0, 400);
	if (deed->what == DIE)
		abort();
	if (deed->what == LOOP)
		spin();
	return 0;
}

static struct cor_future *submit(struct cor_pool *pool, enum what what)
{
	struct deed deed = { .what = what, .in = 3 };
	struct cor_future *future = NULL;

	assert_int_equal(cor_pool_submit(pool, act, &deed, &future), 0);
	return future;
}

static void assert_broken(struct cor_pool *pool)
{
	struct deed deed = { 0 };

	assert_int_equal(cor_pool_submit(pool, act, &deed, NULL), -COR_EBROKEN);
	while (cor_pool_look(pool).running != 0) /* a thread counts when it comes back */
		(void)poll(NULL, 0, 1);
	cor_pool_destroy(pool);
	assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

/* What runs, what waits, and what crashes. */
static void one_death_is_that_of_all(void **state)
{
	struct cor_pool *pool = pool_of(&strict);
	struct cor_future *futures[40];
	struct deed deed = { .in = 3 };

	(void)state;
	assert_int_equal(RUN(pool, act, &deed), 0);
	assert_int_equal(deed.out, 9);
	atomic_store(running, 0);
	for (int i = 0; i < 2; i++)
		futures[i] = submit(pool, STAY);
	while (atomic_load(running) < 2)
		(void)poll(NULL, 0, 1);
	futures[2] = submit(pool, DIE);
	for (int i = 3; i < 40; i++) {
		deed = (struct deed){ .in = i };
		if (cor_pool_submit(pool, act, &deed, &futures[i]) < 0)
			futures[i] = NULL; /* it has broken already */
	}
	int64_t began_ns = cor_monotonic_ns();
	for (int i = 0; i < 40; i++) {
		if (!futures[i])
			continue;
		assert_int_equal(cor_future_wait(futures[i]), 0);
		if (i < 3)
			assert_non_null(cor_future_problem(futures[i]));
		if (i == 2)
			assert_string_equal(cor_future_problem(futures[i])->detail,
				"the process died of SIGABRT in a job");
		if (i < 2)
			assert_string_equal(cor_future_problem(futures[i])->detail,
				"a process of the executor has died, and with it all jobs: it is "
				".strict");
		assert_int_equal(END_OF(futures[i], &deed), -COR_EBROKEN);
	}
	assert_in_range((cor_monotonic_ns() - began_ns) / 1000000, 0, 350); /* nobody stays */
	assert_broken(pool);
}

static void that_of_an_idle_one_too(void **state)
{
	struct cor_pool *pool = pool_of(&strict);
	struct deed deed = { .in = 3 };
	struct cor_future *future = NULL;

	(void)state;
	assert_int_equal(RUN(pool, act, &deed), 0);
	assert_int_equal(kill(deed.pid, SIGKILL), 0);
	assert_true(has_gone(deed.pid));
	int rc = 0;
	for (int i = 0; i < 3 && rc == 0; i++) { /* the jobs of the others end well */
		rc = cor_pool_submit(pool, act, &deed, &future);
		rc = rc < 0 ? rc : END_OF(future, &deed);
	}
	assert_int_equal(rc, -COR_EBROKEN);
	assert_broken(pool);
}

static void one_that_is_late_too(void **state)
{
	struct cor_pool *pool = pool_of(&strict);
	struct cor_future *late = submit(pool, LOOP), *other = submit(pool, STAY);
	struct deed deed = { 0 };

	(void)state;
	assert_int_equal(END_OF(other, &deed), 0);
	assert_int_equal(END_OF(late, &deed), -COR_EBROKEN);
	assert_broken(pool);
}

/* What is replaced by plan is no death. */
static void turnover_breaks_nothing(void **state)
{
	static const struct cor_executor executor = { .name = "turns",
		.kind = COR_PROCESSES,
		.size = 2,
		.jobs_per_process = 2,
		.strict = true };
	struct cor_pool *pool = pool_of(&executor);

	(void)state;
	for (int i = 0; i < 30; i++) {
		struct deed deed = { .in = i };
		assert_int_equal(RUN(pool, act, &deed), 0);
		assert_int_equal(deed.out, i * i);
	}
	cor_pool_destroy(pool);
}

static int map_memory(void **state)
{
	(void)state;
	running = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return running == MAP_FAILED ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_death_is_that_of_all),
		cmocka_unit_test(that_of_an_idle_one_too),
		cmocka_unit_test(one_that_is_late_too),
		cmocka_unit_test(turnover_breaks_nothing),
	};

	return cmocka_run_group_tests(tests, map_memory, NULL);
}
