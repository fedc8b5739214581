/* SPDX-License-Identifier: MIT */
/* What the log says of processes that have ended: why, and where they were. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "errors.h"
#include "executor/mailbox.h"
#include "processes.h"

struct deed {
	int what;
};

/* It does what a sanitizer would forbid. */
#define COR_UNCHECKED __attribute__((no_sanitize("undefined")))

/* --- ways to go; none of them may be inlined, as it is to be named --- */

static COR_OUT_OF_LINE void touch_nothing(void)
{
	volatile int *nothing = (volatile int *)((uintptr_t)getppid() &
						 ~(uintptr_t)7); /* in the first pages */

	*nothing = 1;
}

static COR_OUT_OF_LINE int use_up_stack(int depth)
{
	volatile char room[1000];

	room[depth % 1000] = (char)depth;
	return depth < 0 ? 0 : use_up_stack(depth + 1) + room[depth % 1000];
}

static COR_UNCHECKED COR_OUT_OF_LINE int divide(volatile int by)
{
	volatile int one = 1;

	return one / by;
}

static COR_OUT_OF_LINE void call_nothing(void)
{
	void (*volatile nothing)(void) = NULL;

	nothing();
	(void)getppid(); /* so that the call is not the last thing it does */
}

static COR_OUT_OF_LINE void do_nothing_legal(void)
{
#if defined(__x86_64__)
	__asm__ volatile("ud2");
#else
	__asm__ volatile("udf #0");
#endif
}

static COR_OUT_OF_LINE void misuse_file(void)
{
	char name[] = "/tmp/coracle-short-XXXXXX";
	int fd = mkostemp(name, O_CLOEXEC);
	volatile char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	unlink(name);
	*page = 1; /* the file has no such page */
}

static COR_OUT_OF_LINE void spin(void)
{
	for (volatile bool ever = true; ever;)
		;
}

static COR_OUT_OF_LINE void deaf_spin(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	spin();
}

/* Return addresses and frames of all callers lead nowhere. */
static COR_OUT_OF_LINE void smash_stack(void)
{
	char here[8];

	memset((void *)(uintptr_t)__builtin_frame_address(0), 0xa5, 600);
	*(volatile char *)here = 0;
	touch_nothing();
}

static COR_OUT_OF_LINE void smash_heap(void)
{
	char *blocks[100];

	for (int i = 0; i < 100; i++)
		blocks[i] = malloc(100);
	for (int i = 0; i < 100; i++)
		memset((char *)(uintptr_t)blocks[i] - 32, 0xa5, 100);
	for (int i = 0; i < 100; i++)
		free(blocks[i]);
	abort();
}

static void *spin_in_thread(void *arg)
{
	touch_nothing();
	return arg;
}

static COR_OUT_OF_LINE void crash_elsewhere(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, spin_in_thread, NULL) == 0)
		pthread_join(thread, NULL);
}

/* Of a process of one: all the memory that it shares. */
static struct cor_mailbox *find_mailbox(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	struct cor_mailbox *mailbox = NULL;
	char line[512];

	while (maps && !mailbox && fgets(line, sizeof line, maps))
		if (strstr(line, "/dev/zero (deleted)"))
			mailbox = (struct cor_mailbox *)(uintptr_t)strtoull(line, NULL, 16);
	if (maps)
		fclose(maps);
	return mailbox;
}

enum {
	NOTHING,
	NO_MEMORY,
	NO_CODE,
	STACK,
	DIVISION,
	ILLEGAL,
	BUS,
	ABORT,
	LOOP,
	DEAF_LOOP,
	SMASHED_STACK,
	SMASHED_HEAP,
	IN_THREAD,
	STOPPED,
	HANGING_REPORT,
};

static int act(struct cor_ctx *ctx, struct deed *deed)
{
	(void)ctx;
	switch (deed->what) {
	case NO_MEMORY:
		touch_nothing();
		break;
	case NO_CODE:
		call_nothing();
		break;
	case STACK:
		return use_up_stack(0);
	case DIVISION:
		return divide(0);
	case ILLEGAL:
		do_nothing_legal();
		break;
	case BUS:
		misuse_file();
		break;
	case ABORT:
		abort();
	case LOOP:
		spin();
		break;
	case DEAF_LOOP:
		deaf_spin();
		break;
	case SMASHED_STACK:
		smash_stack();
		break;
	case SMASHED_HEAP:
		smash_heap();
		break;
	case IN_THREAD:
		crash_elsewhere();
		break;
	case STOPPED:
		raise(SIGSTOP);
		break;
	case HANGING_REPORT: /* as if the unwinder went round in circles */
		find_mailbox()->last_words.signal = SIGSEGV;
		spin();
		break;
	default:
		break;
	}
	return 0;
}

/* --- one of them, and what is said of it --- */

static const struct cor_executor plain = { .name = "plain", .kind = COR_PROCESSES, .size = 1 };
static const struct cor_executor timed = {
	.name = "timed", .kind = COR_PROCESSES, .size = 1, .job_timeout_ms = 50
};
static const struct cor_executor counted = {
	.name = "counted", .kind = COR_PROCESSES, .size = 1, .job_cpu_ms = 20
};

/* Returns how long it took, with a job for another process. */
static int64_t end_once(
	struct cor_pool *pool, int what, int rc, const char *const said[], struct errors *errors)
{
	struct deed bad = { what }, good = { NOTHING };

	errors_begin(errors);
	int64_t began_ns = cor_monotonic_ns();
	int its = RUN(pool, act, &bad);
	int next = RUN(pool, act, &good);
	int64_t took_ns = cor_monotonic_ns() - began_ns;
	const char *text = errors_end(errors);
	assert_int_equal(its, rc);
	assert_int_equal(next, 0);
	for (; said[0]; said++)
		assert_says(text, said[0]);
	return took_ns / 1000000;
}

/* The machine may be busy: it has three tries to be done within `most_ms`. */
static void assert_end(const struct cor_executor *executor, int what, int rc, int most_ms,
	const char *const said[])
{
	static struct errors errors;
	struct cor_pool *pool = pool_of(executor);
	int64_t took_ms = INT64_MAX;

	for (int i = 0; i < 3 && took_ms > most_ms; i++)
		took_ms = end_once(pool, what, rc, said, &errors);
	if (took_ms > most_ms)
		fail_msg("%d ms for %d, with another process", (int)took_ms, what);
	cor_pool_destroy(pool);
	assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

#define SAYS(...)                                                                                  \
	(const char *const[])                                                                      \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}

static void a_crash_says_where(void **state)
{
	static const struct {
		int what;
		const char *why, *where;
	} crashes[] = {
		{ NO_MEMORY,
			"executor plain: the process died of SIGSEGV in a job, reaching for address 0x",
			", at touch_nothing test-executor-last_words+0x" },
		{ NO_CODE,
			"died of SIGSEGV in a job, reaching for address 0x0, at call_nothing test-",
			" < act test-" },
		{ DIVISION, "died of SIGFPE in a job, at ", "divide test-executor-last_words+0x" },
		{ ILLEGAL, "died of SIGILL in a job", "do_nothing_legal test-" },
		{ BUS, "died of SIGBUS in a job, reaching for", "misuse_file test-" },
		{ ABORT, "died of SIGABRT in a job", " < act test-" },
		{ IN_THREAD, "died of SIGSEGV in a job",
			"touch_nothing test-executor-last_words+0x" },
#ifndef __SANITIZE_ADDRESS__ /* which notices it before */
		{ SMASHED_HEAP, "died of SIG", "smash_heap test-" },
#endif
	};

	(void)state;
	for (size_t i = 0; i < sizeof crashes / sizeof crashes[0]; i++)
		assert_end(&plain, crashes[i].what, -COR_EDIED, 200,
			SAYS(crashes[i].why, crashes[i].where));
}

static void a_stack_that_is_used_up_is_named(void **state)
{
	(void)state;
	assert_end(&plain, STACK, -COR_EDIED, 200,
		SAYS("died of SIGSEGV in a job: its stack is used up",
			"use_up_stack test-executor-last_words+0x"));
}

static void a_job_that_is_too_long_says_where_it_was(void **state)
{
	(void)state;
	assert_end(&timed, LOOP, -ETIMEDOUT, 250,
		SAYS("took longer than the 50 ms of .job_timeout_ms: its process was killed, at spin "
		     "test-executor-last_words+0x",
			" < act test-"));
	assert_end(&counted, LOOP, -ETIMEDOUT, 220,
		SAYS("took more CPU time than the 20 ms of .job_cpu_ms: its process was killed, at "
		     "spin test-executor-last_words+0x"));
}

static void one_that_does_not_listen_is_killed(void **state)
{
	(void)state;
	assert_end(&timed, DEAF_LOOP, -ETIMEDOUT, 250,
		SAYS("took longer than the 50 ms of .job_timeout_ms: its process was killed"));
	assert_end(&timed, STOPPED, -ETIMEDOUT, 250,
		SAYS("took longer than the 50 ms of .job_timeout_ms: its process was killed"));
	assert_end(&counted, DEAF_LOOP, -ETIMEDOUT, 400,
		SAYS("took more CPU time than the 20 ms of .job_cpu_ms: its process was killed"));
}

static void a_report_has_an_end(void **state)
{
	(void)state;
	assert_end(&plain, HANGING_REPORT, -COR_EDIED, 300, SAYS("died of SIGSEGV in a job"));
#ifndef __SANITIZE_ADDRESS__
	assert_end(&plain, SMASHED_STACK, -COR_EDIED, 300, SAYS("died of SIG"));
#endif
}

static int lose_child(struct cor_ctx *ctx, struct deed *deed)
{
	int status;

	(void)ctx;
	pid_t child = fork();
	if (child == 0)
		touch_nothing();
	if (waitpid(child, &status, 0) < 0)
		return -errno;
	deed->what = WTERMSIG(status);
	(void)poll(NULL, 0, 300); /* in which one that dies would be killed */
	return 0;
}

static void the_words_of_a_child_are_not_its_own(void **state)
{
	static const struct cor_executor executor = {
		.name = "parents", .kind = COR_PROCESSES, .size = 1
	};
	struct cor_pool *pool = pool_of(&executor);
	struct deed deed = { 0 };

	(void)state;
	assert_int_equal(RUN(pool, lose_child, &deed), 0);
	assert_int_equal(deed.what, SIGSEGV);
	cor_pool_destroy(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_crash_says_where),
		cmocka_unit_test(a_stack_that_is_used_up_is_named),
		cmocka_unit_test(a_job_that_is_too_long_says_where_it_was),
		cmocka_unit_test(one_that_does_not_listen_is_killed),
		cmocka_unit_test(a_report_has_an_end),
		cmocka_unit_test(the_words_of_a_child_are_not_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
