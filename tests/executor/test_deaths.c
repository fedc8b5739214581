/* SPDX-License-Identifier: MIT */
/* Jobs that crash, hang, leak and fork: they fail alone, and leave nothing. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <coracle/error.h>

#include "processes.h"

static const struct cor_executor one = { .name = "one", .kind = COR_PROCESSES, .size = 1 };
static const struct cor_executor two = {
	.name = "two", .kind = COR_PROCESSES, .size = 2, .job_timeout_ms = 500
};

enum sin { NONE, CRASH, KILLED, EXIT, LOOP, ABORT, SINS, CLOSE, NAP };

struct deed {
	int64_t in;
	int64_t out;
	enum sin sin;
	int32_t pid;
	int32_t nursery;
};

static void close_all(void)
{
	for (int fd = 0; fd < 1024; fd++)
		close(fd);
}

static void write_nowhere(void)
{
	volatile int *nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	*nowhere = 1;
}

static void commit(enum sin sin)
{
	switch (sin) {
	case CRASH:
		write_nowhere();
		break;
	case KILLED:
		(void)kill(getpid(), SIGKILL);
		break;
	case EXIT:
		_exit(0);
	case LOOP:
		for (volatile bool ever = true; ever;)
			;
		break;
	case ABORT:
		abort();
	case CLOSE:
		close_all();
		break;
	case NAP:
		(void)poll(NULL, 0, 100);
		break;
	default:
		break;
	}
}

static int act(struct cor_ctx *ctx, struct deed *deed)
{
	(void)ctx;
	deed->pid = getpid();
	deed->nursery = getppid();
	commit(deed->sin);
	deed->out = deed->in * deed->in;
	return 0;
}

static const struct {
	int rc;
	int status;
	const char *why;
} wages[SINS] = {
	[CRASH] = { -COR_EDIED, 502, "the process died of SIGSEGV in a job" },
	[KILLED] = { -COR_EDIED, 502, "the process died of SIGKILL in a job" },
	[EXIT] = { -COR_EDIED, 502, "the process ended with status 0 in a job" },
	[ABORT] = { -COR_EDIED, 502, "the process died of SIGABRT in a job" },
	[LOOP] = { -ETIMEDOUT, 504,
		"the job took longer than the 500 ms of .job_timeout_ms: its process was killed" },
};

static void check_end(struct cor_future *future, const struct deed *deed)
{
	struct deed end = *deed;

	assert_int_equal(cor_future_wait(future), 0);
	const struct cor_problem *problem = cor_future_problem(future);
	assert_int_equal(cor_future_read(future, &end), wages[deed->sin].rc);
	if (deed->sin == NONE) {
		assert_int_equal(end.out, deed->in * deed->in);
	} else {
		assert_non_null(problem);
		assert_string_equal(problem->detail, wages[deed->sin].why);
		assert_int_equal(problem->status, wages[deed->sin].status);
		assert_int_equal(end.out, 0);
	}
	cor_future_drop(future);
}

#define DEEDS 300

static void each_fails_alone(void **state)
{
	struct cor_pool *pool = pool_of(&two);
	static struct deed deeds[DEEDS];
	static struct cor_future *futures[DEEDS];

	(void)state;
	for (int i = 0; i < DEEDS; i++) {
		deeds[i] = (struct deed){ .in = i };
		if (i % 10 == 3)
			deeds[i].sin = (enum sin)(1 + (i / 10) % (SINS - 1));
		assert_int_equal(cor_pool_submit(pool, act, &deeds[i], &futures[i]), 0);
	}
	for (int i = 0; i < DEEDS; i++)
		check_end(futures[i], &deeds[i]);
	assert_int_equal(cor_pool_look(pool).failed, DEEDS / 10);
	assert_int_equal(cor_pool_look(pool).done, DEEDS - DEEDS / 10);
	cor_pool_destroy(pool);
	assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

static void the_next_job_finds_a_process_soon(void **state)
{
	struct cor_pool *pool = pool_of(&one);
	int64_t worst_ns = 0;
	int soon = 0;

	(void)state;
	for (int i = 0; i < 20; i++) {
		struct deed bad = { .sin = CRASH }, good = { .in = 3 };
		assert_int_equal(RUN(pool, act, &bad), -COR_EDIED);
		int64_t began_ns = cor_monotonic_ns();
		assert_int_equal(RUN(pool, act, &good), 0);
		int64_t took_ns = cor_monotonic_ns() - began_ns;
		worst_ns = took_ns > worst_ns ? took_ns : worst_ns;
		soon += took_ns < 200 * INT64_C(1000000);
	}
	printf("# figure: a process was replaced in %.2f ms at most\n", (double)worst_ns / 1e6);
	assert_true(soon > 10); /* in the others the machine was busy */
	cor_pool_destroy(pool);
}

static void one_that_dies_while_idle_harms_no_job(void **state)
{
	struct cor_pool *pool = pool_of(&one);
	struct deed first = { 0 }, second = { .in = 5 };

	(void)state;
	assert_int_equal(RUN(pool, act, &first), 0);
	assert_int_equal(kill(first.pid, SIGKILL), 0);
	assert_true(has_gone(first.pid));
	assert_int_equal(RUN(pool, act, &second), 0);
	assert_int_equal(second.out, 25);
	assert_int_not_equal(second.pid, first.pid);
	cor_pool_destroy(pool);
}

static void closed_descriptors_harm_nobody(void **state)
{
	struct cor_pool *pool = pool_of(&one);
	struct deed bad = { .sin = CLOSE }, good = { .in = 6 };

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(RUN(pool, act, &bad), 0);
		assert_int_equal(RUN(pool, act, &good), 0);
		assert_int_equal(good.out, 36);
	}
	cor_pool_destroy(pool);
}

/* --- an owner that is slow to look --- */

static bool is_stopped(pid_t pid)
{
	char path[64], text[256];

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "re");
	bool is_read = file && fgets(text, sizeof text, file);
	const char *name_end = is_read ? strrchr(text, ')') : NULL;
	if (file)
		(void)fclose(file);
	return name_end && name_end[2] == 'T';
}

/* In a group of its own it outlives the process of its job. */
static _Noreturn void hold_up(pid_t owner, pid_t process)
{
	(void)setsid();
	(void)kill(owner, SIGSTOP);
	(void)has_gone(process);
	(void)kill(owner, SIGCONT);
	_exit(0);
}

static int spoil_unseen(struct cor_ctx *ctx, struct deed *deed)
{
	pid_t owner = (pid_t)deed->in, self = getpid();

	(void)ctx;
	if (fork() == 0)
		hold_up(owner, self);
	while (!is_stopped(owner))
		(void)poll(NULL, 0, 1);
	deed->out = 1;
	close(STDERR_FILENO);
	return 0;
}

/* What it has spoilt ends its process before the owner sees that the job has ended well. */
static void one_that_leaves_unseen_has_done_its_job(void **state)
{
	struct cor_pool *pool = pool_of(&one);
	struct deed spoils = { .in = getpid() }, next = { .in = 3 };

	(void)state;
	assert_int_equal(RUN(pool, spoil_unseen, &spoils), 0);
	assert_int_equal(spoils.out, 1);
	assert_int_equal(RUN(pool, act, &next), 0);
	assert_int_equal(cor_pool_look(pool).failed, 0);
	cor_pool_destroy(pool);
}

/* It is told to end by the owner alone. */
static void signals_from_outside_do_not_end_it(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct cor_pool *pool = pool_of(&one);
	struct deed first = { 0 }, second = { 0 };

	(void)state;
	assert_int_equal(RUN(pool, act, &first), 0);
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
		assert_int_equal(kill(first.pid, signals[i]), 0);
		assert_int_equal(kill(first.nursery, signals[i]), 0);
	}
	assert_int_equal(RUN(pool, act, &second), 0);
	assert_int_equal(second.pid, first.pid);
	cor_pool_destroy(pool);
}

/* Time that a job sleeps does not count, nor that of the jobs before it. */
static void cpu_time_has_a_limit(void **state)
{
	static const struct cor_executor executor = {
		.name = "cpu", .kind = COR_PROCESSES, .size = 1, .job_cpu_ms = 50
	};
	struct cor_pool *pool = pool_of(&executor);
	struct deed nap = { .sin = NAP, .in = 2 }, loop = { .sin = LOOP };
	struct cor_future *future;

	(void)state;
	assert_int_equal(RUN(pool, act, &nap), 0);
	assert_int_equal(cor_pool_submit(pool, act, &loop, &future), 0);
	assert_int_equal(cor_future_wait(future), 0);
	assert_string_equal(cor_future_problem(future)->detail,
		"the job took more CPU time than the 50 ms of .job_cpu_ms: its process was killed");
	assert_int_equal(cor_future_problem(future)->status, 504);
	assert_int_equal(END_OF(future, &loop), -ETIMEDOUT);
	assert_int_equal(RUN(pool, act, &nap), 0);
	cor_pool_destroy(pool);
}

/* --- memory --- */

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* heaps of their own */

static int take_memory(struct cor_ctx *ctx, int64_t *bytes)
{
	char *volatile memory = malloc((size_t)*bytes);

	(void)ctx;
	if (!memory)
		return -ENOMEM;
	memset(memory, 1, (size_t)*bytes);
	free(memory);
	return 0;
}

static int take_memory_blindly(struct cor_ctx *ctx, int64_t *bytes)
{
	volatile char *volatile memory = malloc((size_t)*bytes);

	(void)ctx;
	memory[0] = 1;
	return 0;
}

static void memory_has_a_limit(void **state)
{
	static const struct cor_executor executor = {
		.name = "small", .kind = COR_PROCESSES, .size = 1, .memory_bytes = 64 << 20
	};
	struct cor_pool *pool = pool_of(&executor);
	int64_t little = 1 << 20, much = INT64_C(10) << 30;

	(void)state;
	assert_int_equal(RUN(pool, take_memory, &little), 0);
	assert_int_equal(RUN(pool, take_memory, &much), -ENOMEM);
	assert_int_equal(RUN(pool, take_memory_blindly, &much), -COR_EDIED);
	assert_int_equal(RUN(pool, take_memory, &little), 0);
	cor_pool_destroy(pool);
}

#endif

/* --- what a job leaves behind --- */

#define BOMB 30

static _Atomic int32_t *born; /* the processes of a bomb; shared with them */
static _Atomic int32_t *born_len;

static void map_shared(void)
{
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(memory, MAP_FAILED);
	born_len = memory;
	born = born_len + 1;
}

static _Noreturn void stay(bool leaves_group)
{
	if (leaves_group)
		(void)setsid();
	for (;;)
		(void)poll(NULL, 0, -1);
}

/* Each of them forks, too, until there are enough. */
static void multiply(bool leaves_group)
{
	for (;;) {
		int32_t at = atomic_fetch_add(born_len, 1);
		if (at >= BOMB)
			return;
		pid_t pid = fork();
		if (pid == 0) {
			multiply(leaves_group);
			stay(leaves_group);
		}
		atomic_store(&born[at], pid);
	}
}

struct bomb {
	bool leaves_group;
	bool crashes;
};

static int explode(struct cor_ctx *ctx, struct bomb *bomb)
{
	(void)ctx;
	multiply(bomb->leaves_group);
	for (int i = 0; i < BOMB; i++)
		while (atomic_load(&born[i]) == 0)
			(void)poll(NULL, 0, 1);
	if (bomb->crashes)
		commit(CRASH);
	return 0;
}

static void assert_all_gone(void)
{
	for (int i = 0; i < BOMB; i++)
		assert_true(has_gone(born[i]));
	munmap((void *)(uintptr_t)born_len, 4096);
}

static void a_fork_bomb_goes_with_its_process(void **state)
{
	struct bomb bomb = { .crashes = true };
	struct deed deed = { .in = 2 };

	(void)state;
	map_shared();
	struct cor_pool *pool = pool_of(&one);
	assert_int_equal(RUN(pool, explode, &bomb), -COR_EDIED);
	assert_int_equal(RUN(pool, act, &deed), 0);
	assert_all_gone();
	cor_pool_destroy(pool);
}

static void what_leaves_its_group_goes_with_the_pool(void **state)
{
	struct bomb bomb = { .leaves_group = true };

	(void)state;
	map_shared();
	struct cor_pool *pool = pool_of(&one);
	assert_int_equal(RUN(pool, explode, &bomb), 0);
	cor_pool_destroy(pool);
	assert_all_gone();
}

/* --- the nursery, and the owner --- */

static void the_end_of_the_nursery_breaks_the_pool(void **state)
{
	struct cor_pool *pool = pool_of(&one);
	struct deed deed = { 0 }, loop = { .sin = LOOP };
	struct cor_future *future;

	(void)state;
	assert_int_equal(RUN(pool, act, &deed), 0);
	assert_int_equal(cor_pool_submit(pool, act, &loop, &future), 0);
	assert_int_equal(kill(deed.nursery, SIGKILL), 0);
	int rc = END_OF(future, &loop);
	assert_true(rc == -COR_EDIED || rc == -COR_EBROKEN); /* it had not begun */
	rc = cor_pool_submit(pool, act, &deed, &future);
	if (rc == 0) /* its thread had not noticed yet */
		rc = END_OF(future, &deed);
	assert_int_equal(rc, -COR_EBROKEN);
	cor_pool_destroy(pool);
	assert_true(has_gone(deed.pid));
}

static _Noreturn void own_a_pool(struct deed *shared)
{
	struct cor_pool *pool = NULL;
	struct bomb bomb = { .leaves_group = true };
	struct deed loop = { .sin = LOOP };

	if (cor_pool_create(&one, &pool) < 0 || cor_pool_submit(pool, explode, &bomb, NULL) < 0)
		_exit(1);
	struct cor_future *future = NULL;
	if (cor_pool_submit(pool, act, shared, &future) < 0 || cor_future_wait(future) < 0 ||
		cor_future_read(future, shared) < 0 || cor_pool_submit(pool, act, &loop, NULL) < 0)
		_exit(1);
	shared->in = 1;
	for (;;)
		(void)poll(NULL, 0, -1);
}

/* What is left without a parent comes to this process, which buries it. */
static void bury_all(void)
{
	while (waitpid(-1, NULL, 0) > 0)
		;
	assert_int_equal(errno, ECHILD);
}

static void nothing_outlives_its_owner(void **state)
{
	struct deed *shared = mmap(
		NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	(void)state;
	assert_ptr_not_equal(shared, MAP_FAILED);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	map_shared();
	pid_t owner = fork();
	if (owner == 0)
		own_a_pool(shared);
	while (((volatile struct deed *)shared)->in == 0 && waitpid(owner, NULL, WNOHANG) == 0)
		(void)poll(NULL, 0, 1);
	assert_int_equal(shared->in, 1);
	assert_int_equal(kill(owner, SIGKILL), 0);
	bury_all(); /* returns only when all have ended */
	assert_true(has_gone(shared->pid));
	assert_true(has_gone(shared->nursery));
	assert_all_gone();
	munmap(shared, 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fails_alone),
		cmocka_unit_test(the_next_job_finds_a_process_soon),
		cmocka_unit_test(one_that_dies_while_idle_harms_no_job),
		cmocka_unit_test(closed_descriptors_harm_nobody),
		cmocka_unit_test(one_that_leaves_unseen_has_done_its_job),
		cmocka_unit_test(signals_from_outside_do_not_end_it),
		cmocka_unit_test(cpu_time_has_a_limit),
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
		cmocka_unit_test(memory_has_a_limit),
#endif
		cmocka_unit_test(a_fork_bomb_goes_with_its_process),
		cmocka_unit_test(what_leaves_its_group_goes_with_the_pool),
		cmocka_unit_test(the_end_of_the_nursery_breaks_the_pool),
		cmocka_unit_test(nothing_outlives_its_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
