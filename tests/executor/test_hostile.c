/* SPDX-License-Identifier: MIT */
/* Jobs that mean harm, or have bad manners: the others, and the owner, do not notice. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "executor/mailbox.h"
#include "processes.h"

#define ROOM 4096

static const struct cor_executor executors[] = {
	{ .name = "plain",
		.kind = COR_PROCESSES,
		.size = 2,
		.call_bytes = ROOM,
		.job_timeout_ms = 200 },
	{ .name = "boxed",
		.kind = COR_PROCESSES,
		.size = 2,
		.call_bytes = ROOM,
		.job_timeout_ms = 200,
		.isolation = COR_SANDBOX },
	{ .name = "single", .kind = COR_PROCESSES, .size = 1, .call_bytes = ROOM },
};

struct square {
	int in, out;
	int32_t pid;
};

static int square(struct cor_ctx *ctx, struct square *call)
{
	(void)ctx;
	call->out = call->in * call->in;
	call->pid = getpid();
	return 0;
}

/* A few that follow, and all are right. */
static void assert_well(struct cor_pool *pool)
{
	struct cor_future *futures[12];
	struct square call;

	for (int i = 0; i < 12; i++) {
		call = (struct square){ .in = i };
		assert_int_equal(cor_pool_submit(pool, square, &call, &futures[i]), 0);
	}
	for (int i = 0; i < 12; i++) {
		assert_int_equal(END_OF(futures[i], &call), 0);
		assert_int_equal(call.out, i * i);
	}
}

static void destroy(struct cor_pool *pool)
{
	cor_pool_destroy(pool);
	assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

/* --- a mailbox full of anything --- */

enum then { RETURN, EXIT, SPIN, THENS };

struct garbage {
	enum then then;
	int byte; /* what all of it is; -1: it is random; -2: only the word, as below */
	uint32_t word;
	unsigned seed;
};

static void spin(void)
{
	for (volatile bool ever = true; ever;)
		;
}

static int write_garbage(struct cor_ctx *ctx, struct garbage *call)
{
	const struct garbage garbage = *call;
	struct cor_mailbox *mailbox = cor_container_of((void *)call, struct cor_mailbox, room);
	unsigned char *bytes = (void *)mailbox;
	uint32_t random = garbage.seed;

	(void)ctx;
	for (size_t i = 0; garbage.byte != -2 && i < sizeof *mailbox + ROOM; i++) {
		random = random * 1664525 + 1013904223;
		((volatile unsigned char *)bytes)[i] = garbage.byte < 0
							       ? (unsigned char)(random >> 24)
							       : (unsigned char)garbage.byte;
	}
	if (garbage.byte == -2)
		atomic_store(&mailbox->word, garbage.word);
	syscall(SYS_futex, &mailbox->word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
	for (volatile unsigned i = 0; i < garbage.seed; i++)
		;
	if (garbage.then == EXIT)
		_exit(0);
	if (garbage.then == SPIN)
		spin();
	return 0;
}

static void assert_harmless(struct cor_pool *pool, struct garbage garbage)
{
	struct cor_future *future = NULL;

	assert_int_equal(cor_pool_submit(pool, write_garbage, &garbage, &future), 0);
	assert_well(pool);
	assert_int_equal(cor_future_wait(future), 0); /* with whatever */
	cor_future_drop(future);
	assert_well(pool);
}

static void a_mailbox_full_of_garbage(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct cor_pool *pool = pool_of(&executors[i]);
		for (int then = 0; then < THENS; then++) {
			assert_harmless(pool, (struct garbage){ then, 0, 0, 0 });
			assert_harmless(pool, (struct garbage){ then, 0xff, 0, 0 });
			assert_harmless(pool, (struct garbage){ then, 1, 0, 0 });
			for (unsigned seed = 1; seed < 4; seed++)
				assert_harmless(pool, (struct garbage){ then, -1, 0, seed });
		}
		destroy(pool);
	}
}

static int lie(struct cor_ctx *ctx, struct garbage *call)
{
	struct cor_mailbox *mailbox = cor_container_of((void *)call, struct cor_mailbox, room);
	struct cor_last_words *words = &mailbox->last_words;

	(void)ctx;
	memset((void *)words, call->byte, sizeof *words);
	words->backtrace.len = call->seed;
	atomic_store(&words->signal, (int32_t)call->word);
	(void)kill(getpid(), SIGKILL);
	return 0;
}

/* The log has nonsense then, and the owner lives. */
static void last_words_that_lie(void **state)
{
	static const unsigned lens[] = { 0, 1, COR_BACKTRACE_FRAMES, COR_BACKTRACE_FRAMES + 1,
		UINT_MAX };
	static const uint32_t signals[] = { SIGSEGV, SIGSYS, SIGXCPU, SIGTERM, 0, UINT32_MAX };
	struct cor_pool *pool = pool_of(&executors[1]);

	(void)state;
	for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++)
		for (size_t j = 0; j < sizeof signals / sizeof signals[0]; j++) {
			struct garbage garbage = { RETURN, (int)(i * 85), signals[j], lens[i] };
			assert_int_equal(RUN(pool, lie, &garbage), -COR_EDIED);
			assert_well(pool);
		}
	destroy(pool);
}

/* What says that it is dead, and dies while another is made. */
static void a_death_that_comes_later(void **state)
{
	struct cor_pool *pool = pool_of(&executors[0]);

	(void)state;
	for (unsigned i = 0; i < 200; i++)
		assert_harmless(pool,
			(struct garbage){ EXIT, -2, COR_MAIL_READY | COR_MAIL_DEAD, i * 500 });
	destroy(pool);
}

/* Each state that there is, with and without death. */
static void a_word_that_lies(void **state)
{
	struct cor_pool *pool = pool_of(&executors[0]);

	(void)state;
	for (int then = 0; then < THENS; then++)
		for (uint32_t word = COR_MAIL_BORN; word <= COR_MAIL_FAILED + 1; word++) {
			assert_harmless(pool, (struct garbage){ then, -2, word, 0 });
			assert_harmless(
				pool, (struct garbage){ then, -2, word | COR_MAIL_DEAD, 0 });
		}
	destroy(pool);
}

/* --- bad manners --- */

enum habit {
	ALARM,
	TIMER,
	CPU_TIMER,
	BLOCK,
	HANDLE,
	UMASK,
	FOLDER,
	LIMITS,
	CLOSE,
	THREAD,
	JUMP,
	HABITS,
};

static jmp_buf in_start; /* of a function that has returned */

static int remember_start(struct cor_ctx *ctx, void **ret)
{
	(void)ctx, (void)ret;
	if (setjmp(in_start) != 0)
		_exit(5);
	return 0;
}

static void *spin_on(void *arg)
{
	spin();
	return arg;
}

static void start_timer(void)
{
	struct itimerspec time = { .it_value = { 0, 60000000 } };
	timer_t kept, dropped;

	if (timer_create(CLOCK_MONOTONIC, NULL, &dropped) == 0 &&
		timer_create(CLOCK_MONOTONIC, NULL, &kept) == 0 && timer_delete(dropped) == 0)
		(void)timer_settime(kept, 0, &time, NULL);
}

static void lower_limits(void)
{
	const struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_NOFILE, &none);
	(void)setrlimit(RLIMIT_AS, &none);
}

struct manners {
	enum habit habit;
	int32_t pid;
	mode_t mask;
	bool is_blocked;
	char folder[64];
};

static int misbehave(struct cor_ctx *ctx, struct manners *call)
{
	const struct itimerval soon = { .it_value = { 0, 60000 } };
	pthread_t thread;
	sigset_t all;

	(void)ctx;
	call->pid = getpid();
	sigfillset(&all);
	switch (call->habit) {
	case ALARM:
		return setitimer(ITIMER_REAL, &soon, NULL);
	case TIMER:
		start_timer();
		return 0;
	case CPU_TIMER:
		return setitimer(ITIMER_PROF, &soon, NULL);
	case BLOCK:
		return sigprocmask(SIG_SETMASK, &all, NULL);
	case HANDLE:
		return signal(SIGSEGV, SIG_IGN) == SIG_ERR || signal(SIGABRT, SIG_IGN) == SIG_ERR;
	case UMASK:
		(void)umask(0777);
		return 0;
	case FOLDER:
		return chdir("/proc");
	case LIMITS:
		lower_limits();
		return 0;
	case CLOSE:
		for (int fd = 0; fd < 1024; fd++)
			close(fd);
		return 0;
	case THREAD:
		return pthread_create(&thread, NULL, spin_on, NULL);
	case JUMP:
		longjmp(in_start, 1);
	default:
		return 0;
	}
}

static void look(struct manners *call)
{
	sigset_t now;

	sigprocmask(SIG_SETMASK, NULL, &now);
	call->is_blocked = sigismember(&now, SIGTERM) || sigismember(&now, SIGXCPU);
	call->mask = umask(0);
	(void)umask(call->mask);
	if (!getcwd(call->folder, sizeof call->folder))
		call->folder[0] = '\0';
}

/* Longer than any of the timers, and with a descriptor and memory. */
static int behave(struct cor_ctx *ctx, struct manners *call)
{
	(void)ctx;
	look(call);
	call->pid = getpid();
	int64_t until_ns = cor_monotonic_ns() + 100000000;
	while (cor_monotonic_ns() < until_ns)
		;
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	void *memory = malloc(1 << 20);
	free(memory);
	if (fd <= STDERR_FILENO || !memory)
		return -EBADF;
	close(fd);
	return 0;
}

static int crash(struct cor_ctx *ctx, struct manners *call)
{
	(void)ctx, (void)call;
	abort();
}

/* All is put back when the process has nothing to do, which a busy machine may keep it from. */
static int behave_again(struct cor_pool *pool, const struct manners *before, struct manners *good)
{
	const int64_t until_ns = cor_monotonic_ns() + 10000000000;
	int rc;

	do {
		(void)poll(NULL, 0, 20);
		rc = RUN(pool, behave, good);
	} while (rc == 0 && cor_monotonic_ns() < until_ns &&
		 (good->mask != before->mask || good->is_blocked ||
			 strcmp(good->folder, before->folder) != 0));
	return rc;
}

static void manners_are_no_others_business(void **state)
{
	static const struct cor_executor executor = { .name = "manners",
		.kind = COR_PROCESSES,
		.size = 1,
		.job_timeout_ms = 5000,
		.start = remember_start };
	struct cor_pool *pool = pool_of(&executor);
	struct manners before = { 0 };

	(void)state;
	assert_int_equal(RUN(pool, behave, &before), 0);
	for (int habit = 0; habit < HABITS; habit++) {
		struct manners bad = { .habit = (enum habit)habit }, good = { 0 };
		int rc = RUN(pool, misbehave, &bad);
		if (habit != JUMP) /* which may do anything */
			assert_int_equal(rc, 0);
		rc = behave_again(pool, &before, &good);
		if (rc != 0)
			fail_msg("after %d: %d", habit, rc);
		assert_int_equal(good.mask, before.mask);
		assert_string_equal(good.folder, before.folder);
		assert_false(good.is_blocked);
		if (habit == CLOSE || habit == LIMITS)
			assert_int_not_equal(good.pid, bad.pid);
		assert_int_equal(RUN(pool, crash, &bad), -COR_EDIED);
	}
	destroy(pool);
}

/* Where jobs follow each other at once, an alarm is put back, too. */
static void an_alarm_ends_nobody_else(void **state)
{
	struct cor_pool *pool = pool_of(&executors[2]);
	struct manners bad = { .habit = ALARM }, good = { 0 };

	(void)state;
	assert_int_equal(RUN(pool, misbehave, &bad), 0);
	assert_int_equal(RUN(pool, behave, &good), 0);
	assert_int_equal(good.pid, bad.pid);
	destroy(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mailbox_full_of_garbage),
		cmocka_unit_test(a_word_that_lies),
		cmocka_unit_test(a_death_that_comes_later),
		cmocka_unit_test(last_words_that_lie),
		cmocka_unit_test(manners_are_no_others_business),
		cmocka_unit_test(an_alarm_ends_nobody_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
