/* SPDX-License-Identifier: MIT */
/* Stacks: reuse, trimming, marks, the cap, the guard, failing memory. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <coracle/error.h>

#include "loop.h"
#include "runtime/cap.h"
#include "runtime/crash.h"

#if defined(COR_ASAN) || defined(COR_TSAN)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

/* Runs on the loop's own stack, as request fibers are run; check() works here, too. */
struct on_loop {
	struct cor_task task;
	int (*work)(struct cor_scheduler *scheduler);
	int result;
};

static void do_work(struct cor_task *task)
{
	struct on_loop *on_loop = (void *)task;

	on_loop->result = on_loop->work(cor_scheduler_current());
	cor_scheduler_stop(cor_scheduler_current());
}

static int run_on_loop(
	const struct cor_scheduler_options *options, int (*work)(struct cor_scheduler *))
{
	struct cor_scheduler *scheduler;
	struct on_loop on_loop = { .task = { .run = do_work }, .work = work, .result = -1 };

	assert_int_equal(cor_scheduler_create(options, &scheduler), 0);
	cor_scheduler_post(scheduler, &on_loop.task);
	assert_int_equal(cor_scheduler_run(scheduler), 0);
	cor_scheduler_destroy(scheduler);
	return on_loop.result;
}

static size_t resident_pages(const struct cor_fiber *fiber)
{
	static unsigned char pages[COR_STACK_BYTES / 4096];
	size_t count = 0;

	if (mincore(fiber->bottom, fiber->stack_bytes, pages) < 0)
		return SIZE_MAX;
	for (size_t i = 0; i < fiber->stack_bytes / 4096; i++)
		count += pages[i] & 1;
	return count;
}

/* Uses `*arg` bytes of stack. */
static __attribute__((noinline)) void go_deep(void *arg)
{
	char block[1024];
	long left = *(long *)arg - 1024;

	memset(block, 1, sizeof block);
	__asm__ volatile("" ::"r"(block) : "memory");
	if (left > 0)
		go_deep(&left);
	__asm__ volatile("" ::"r"(block) : "memory");
}

static void do_nothing(void *arg)
{
	(void)arg;
}

static struct cor_fiber *last_parked;

static void park_once(void *arg)
{
	struct cor_fiber **self = arg;

	*self = last_parked = cor_fiber_current();
	cor_fiber_park();
}

static struct cor_fiber *parked[64];

static void give_back_parked(void *arg)
{
	cor_fiber_give_back(*(struct cor_fiber **)arg);
}

static int park_and_look(struct cor_scheduler *scheduler)
{
	struct cor_fiber *fiber = cor_fiber_take(scheduler, "parked", 0, NULL);

	check(fiber && fiber->stack_bytes == COR_STACK_BYTES);
	check(!cor_fiber_run(fiber, park_once, &parked[0], give_back_parked));
	if (!SANITIZED)
		check(resident_pages(fiber) == 1);
	cor_fiber_wake(fiber);
	return 0;
}

static void test_a_parked_fiber_touches_one_page(void **state)
{
	(void)state;
	assert_int_equal(run_on_loop(NULL, park_and_look), 0);
}

static int run_once(struct cor_scheduler *scheduler, const char *name, void (*entry)(void *),
	void *arg, struct cor_fiber **ret)
{
	struct cor_fiber *fiber = cor_fiber_take(scheduler, name, 0, NULL);

	check(fiber);
	check(cor_fiber_run(fiber, entry, arg, give_back_parked));
	cor_fiber_give_back(fiber);
	*ret = fiber;
	return 0;
}

static int reuse_and_trim(struct cor_scheduler *scheduler)
{
	struct cor_fiber *first;
	struct cor_fiber *again;
	long deep = 100 * 1024;

	check(run_once(scheduler, "shallow", do_nothing, NULL, &first) == 0);
	check(run_once(scheduler, "shallow", do_nothing, NULL, &again) == 0);
	check(again == first); /* the last used comes first */
	check(run_once(scheduler, "deep", go_deep, &deep, &again) == 0);
	check(resident_pages(first) >= 25);
	/* A deep stack is trimmed sooner or later, even when nobody goes deep any more. */
	for (int i = 0; i < 2048; i++)
		check(run_once(scheduler, "shallow", do_nothing, NULL, &again) == 0);
	check(resident_pages(first) <= 5);
	return 0;
}

static void test_stacks_are_reused_and_trimmed(void **state)
{
	(void)state;
	assert_int_equal(run_on_loop(NULL, reuse_and_trim), 0);
}

/* Many deep ones at a time: a few may stay fat, the others are trimmed when they come back. */
static int trim_many(struct cor_scheduler *scheduler)
{
	struct cor_fiber *fibers[32];
	long deep = 100 * 1024;
	int fat = 0;

	for (int i = 0; i < 32; i++) {
		fibers[i] = cor_fiber_take(scheduler, "deep", 0, NULL);
		check(fibers[i] && cor_fiber_run(fibers[i], go_deep, &deep, give_back_parked));
	}
	for (int i = 0; i < 32; i++) {
		check(resident_pages(fibers[i]) >= 25);
		cor_fiber_give_back(fibers[i]);
		fat += resident_pages(fibers[i]) > 5;
	}
	check(fat <= 8);
	return 0;
}

static void test_few_stacks_stay_fat(void **state)
{
	(void)state;
	assert_int_equal(run_on_loop(NULL, trim_many), 0);
}

static const struct cor_stack_mark *mark_of(struct cor_scheduler *scheduler, const char *name)
{
	const struct cor_stack_mark *marks = cor_stack_marks(scheduler);

	for (int i = 0; i < COR_STACK_NAMES; i++)
		if (strcmp(marks[i].name, name) == 0)
			return &marks[i];
	return NULL;
}

static int leave_marks(struct cor_scheduler *scheduler)
{
	struct cor_fiber *fiber;
	long deep = 50 * 1024;
	long deeper = 150 * 1024;

	check(run_once(scheduler, "flat", do_nothing, NULL, &fiber) == 0);
	check(mark_of(scheduler, "flat"));
	check(mark_of(scheduler, "flat")->high_water_bytes <= (SANITIZED ? 16384 : 8192));
	check(run_once(scheduler, "deep", go_deep, &deep, &fiber) == 0);
	check(mark_of(scheduler, "deep"));
	check(mark_of(scheduler, "deep")->high_water_bytes >= 50 * 1024);
	check(SANITIZED || mark_of(scheduler, "deep")->high_water_bytes <= 80 * 1024);
	/* In time, deeper runs are noticed, too, although the stack was already fat. */
	for (int i = 0; i < 3000; i++)
		check(run_once(scheduler, "deep", go_deep, &deeper, &fiber) == 0);
	check(mark_of(scheduler, "deep")->high_water_bytes >= 150 * 1024);
	return 0;
}

static void test_high_water_marks(void **state)
{
	(void)state;
	assert_int_equal(run_on_loop(NULL, leave_marks), 0);
}

static int reach_the_cap(struct cor_scheduler *scheduler)
{
	struct cor_fiber *fibers[10];
	int error = 0;

	for (int i = 0; i < 10; i++)
		check((fibers[i] = cor_fiber_take(scheduler, "one", 0, NULL)) != NULL);
	check(cor_fiber_take(scheduler, "too many", 0, &error) == NULL && error == -COR_ENOSTACK);
	check(cor_fiber_start(NULL, NULL, NULL, NULL, NULL) == -COR_ENOSTACK);
	cor_fiber_give_back(fibers[0]);
	/* An idle stack of one size makes room for another. */
	check((fibers[0] = cor_fiber_take(scheduler, "big", 4 << 20, NULL)) != NULL);
	check(fibers[0]->stack_bytes == 4 << 20);
	check(cor_fiber_take(scheduler, "too many", 0, &error) == NULL && error == -COR_ENOSTACK);
	for (int i = 0; i < 10; i++)
		cor_fiber_give_back(fibers[i]);
	check((fibers[0] = cor_fiber_take(scheduler, "small", 1, NULL)) != NULL);
	check(fibers[0]->stack_bytes == COR_STACK_MIN_BYTES);
	cor_fiber_give_back(fibers[0]);
	check(cor_fiber_take(scheduler, "huge", UINT32_MAX, &error) == NULL && error == -EINVAL);
	return 0;
}

static int do_little(void *arg)
{
	return arg != NULL;
}

static void test_the_cap(void **state)
{
	static const struct cor_scheduler_options ten = { .max_fibers = 10 };
	struct cor_scheduler *scheduler;
	struct cor_fiber *fibers[10];

	(void)state;
	assert_int_equal(run_on_loop(&ten, reach_the_cap), 0);
	assert_in_range(cor_stack_cap(), 16, 1 << 20);

	/* Also from another thread. */
	assert_int_equal(cor_scheduler_create(&ten, &scheduler), 0);
	for (int i = 0; i < 10; i++)
		assert_int_equal(cor_fiber_start(scheduler, do_little, NULL, NULL, &fibers[i]), 0);
	assert_int_equal(cor_fiber_start(scheduler, NULL, NULL, NULL, NULL), -COR_ENOSTACK);
	cor_scheduler_stop(scheduler);
	assert_int_equal(cor_scheduler_run(scheduler), 0);
	for (int i = 0; i < 10; i++)
		cor_fiber_join(fibers[i], NULL);
	cor_scheduler_destroy(scheduler);
}

static int take_many(struct cor_scheduler *scheduler)
{
	static struct cor_fiber *fibers[2000];
	int many = rounds(2000);

	for (int i = 0; i < many; i++)
		check((fibers[i] = cor_fiber_take(scheduler, "one", 0, NULL)) != NULL);
	for (int i = 0; i < many; i++)
		cor_fiber_give_back(fibers[i]);
	check(scheduler->pool.mapped == (uint32_t)many);
	/* What nobody needs is unmapped, a part at a time. */
	for (int i = 0; i < 400; i++)
		scheduler->pool.shrink.fire(&scheduler->pool.shrink);
	check(scheduler->pool.mapped == 64);
	return 0;
}

static void test_the_pool_shrinks(void **state)
{
	(void)state;
	assert_int_equal(run_on_loop(NULL, take_many), 0);
}

#if !SANITIZED
/* Without address space, each call that needs some fails cleanly, and works again later. */
static int run_out_of_memory(struct cor_scheduler *scheduler)
{
	struct rlimit before;
	struct cor_fiber *fiber;
	struct cor_scheduler *other;
	int error = 0;

	check(getrlimit(RLIMIT_AS, &before) == 0);
	check(setrlimit(RLIMIT_AS, &(struct rlimit){ 1 << 20, before.rlim_max }) == 0);
	fiber = cor_fiber_take(scheduler, "none", 1 << 20, &error);
	int rc = cor_scheduler_create(NULL, &other);
	check(setrlimit(RLIMIT_AS, &before) == 0);
	check(fiber == NULL && error == -ENOMEM);
	check(rc == -ENOMEM);
	check(scheduler->pool.mapped == 0);
	fiber = cor_fiber_take(scheduler, "one", 1 << 20, &error);
	check(fiber);
	cor_fiber_give_back(fiber);
	return 0;
}

static void test_no_memory(void **state)
{
	(void)state;
	assert_int_equal(run_on_loop(NULL, run_out_of_memory), 0);
}
#endif

static void test_no_descriptors(void **state)
{
	struct rlimit before;
	struct cor_scheduler *scheduler;

	(void)state;
	int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_true(next >= 0);
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	for (int i = 0; i < 2; i++) {
		struct rlimit low = { (rlim_t)next + (rlim_t)i, before.rlim_max };
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
		int rc = cor_scheduler_create(NULL, &scheduler);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
		assert_int_equal(rc, -EMFILE);
	}
	int same = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(same, next); /* nothing leaked */
	close(same);
}

/* A child process crashes, and the test reads its last words. */

#define WORDS_BYTES 16384

static int crash(void *arg)
{
	volatile uintptr_t low = 64 + (uintptr_t)arg; /* UBSan would see a NULL first */
	volatile int *nowhere = (volatile int *)low;

	cor_fiber_serves(cor_fiber_current(), "4711");
	*nowhere = 1;
	return 0;
}

static int divide(void *arg)
{
	volatile int many = 7000;
	volatile int zero = arg != NULL;

	return many / zero;
}

static int give_up(void *arg)
{
	(void)arg;
	abort();
}

static int overflow(void *arg)
{
	long endless = INT64_MAX;

	go_deep(&endless);
	return arg != NULL;
}

/* x86-64 does not report a non-canonical address. */
static int go_wild(void *arg)
{
	volatile uintptr_t wild = UINT64_C(0xdeadbeefdeadbeef);

	*(volatile long *)wild = 1;
	return arg != NULL;
}

static int no_way(void *arg)
{
	return arg != NULL;
}

static void say_mine(int number)
{
	(void)number;
	(void)!write(STDERR_FILENO, "mine\n", 5);
	_exit(3);
}

static const struct way {
	const char *name;
	int (*die)(void *arg);
	bool is_handled;
	bool is_long; /* the name of the fiber */
} ways[] = {
	{ .name = "overflow", .die = overflow },
	{ .name = "crash", .die = crash },
	{ .name = "divide", .die = divide },
	{ .name = "give up", .die = give_up },
	{ .name = "handled", .die = crash, .is_handled = true },
	{ .name = "wild", .die = go_wild },
	{ .name = "long", .die = overflow, .is_long = true },
	{ .name = "no way", .die = no_way },
};

/* In its own process: cmocka has handlers, too. */
static int die(const char *name)
{
	static char long_name[1000];
	struct cor_fiber_options options = { .name = "get_book" };
	struct rlimit no_core = { 0, 0 };
	struct cor_scheduler *scheduler;
	const struct way *way = ways;

	while (strcmp(way->name, name) != 0)
		way++;
	if (way->is_handled)
		signal(SIGSEGV, say_mine);
	if (way->is_long)
		options.name = memset(long_name, 'n', sizeof long_name - 1);
	setrlimit(RLIMIT_CORE, &no_core);
	if (cor_crash_report_install() == 0 && cor_crash_report_install() == 0 &&
		cor_scheduler_create(NULL, &scheduler) == 0 &&
		cor_fiber_start(scheduler, way->die, NULL, &options, NULL) == 0) {
		cor_scheduler_stop(scheduler);
		(void)!cor_scheduler_run(scheduler);
		cor_scheduler_destroy(scheduler);
	}
	return 4;
}

static _Noreturn void become(const char *way, int words)
{
	static const char *const options[] = { "ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS",
		"UBSAN_OPTIONS" };

	dup2(words, STDERR_FILENO);
	/* a sanitizer's report is part of its words, not a finding */
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		setenv(options[i], "log_path=stderr", 1);
	execl("/proc/self/exe", "test-runtime-stack", way, (char *)NULL);
	_exit(5);
}

/* Reads what the child says; returns the signal that kills it, or minus its status. */
static int last_words(const char *way, char words[WORDS_BYTES])
{
	size_t len = 0;
	ssize_t got;
	int ends[2];
	int status;

	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		become(way, ends[1]);
	close(ends[1]);
	while (len < WORDS_BYTES - 1 &&
		(got = read(ends[0], words + len, WORDS_BYTES - 1 - len)) > 0)
		len += (size_t)got;
	words[len] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

static void test_an_overflow_is_reported_by_name(void **state)
{
	static const char line[] =
		"coracle: stack overflow in fiber \"get_book\" (stack_bytes = 262144): "
		"raise .stack_bytes\n";
	char words[WORDS_BYTES];
	int number = last_words("overflow", words);

	(void)state;
	assert_memory_equal(words, line, sizeof line - 1);
#if SANITIZED
	(void)number; /* its handler has the last word */
#else
	assert_int_equal(number, SIGSEGV);
	assert_int_equal(strlen(words), sizeof line - 1);
#endif
}

/* The advice follows the name. */
static void test_an_overflow_of_a_long_name(void **state)
{
	char words[WORDS_BYTES];

	(void)state;
	(void)last_words("long", words);
	assert_non_null(strstr(words, "nnn...\" (stack_bytes = 262144): raise .stack_bytes\n"));
}

/* A sanitizer's handler gets the signal; without one, there is one line and the signal. */
static void test_a_crash_is_reported(void **state)
{
	char words[WORDS_BYTES];

	(void)state;
#if SANITIZED
	(void)last_words("crash", words);
	assert_non_null(strstr(words, "SEGV on unknown address"));
#else
	assert_int_equal(last_words("crash", words), SIGSEGV);
	assert_string_equal(
		words, "coracle: SIGSEGV at address 0x40 in fiber \"get_book\", request 4711\n");
#if defined(__x86_64__)
	assert_int_equal(last_words("divide", words), SIGFPE);
	assert_non_null(strstr(words, "coracle: SIGFPE at address 0x"));
	assert_int_equal(last_words("wild", words), SIGSEGV);
	assert_string_equal(words, "coracle: SIGSEGV at an address that the system did not give in "
				   "fiber \"get_book\"\n");
#endif
#endif
	assert_int_equal(last_words("give up", words), SIGABRT);
	assert_string_equal(words, "coracle: SIGABRT in fiber \"get_book\"\n");
	assert_int_equal(last_words("handled", words), -3);
	assert_string_equal(words, "mine\n");
	assert_int_equal(last_words("no way", words), -4);
	assert_string_equal(words, "");
}

/* Until nothing more fits, as beneath a reader that has stopped. */
static void fill(int fd)
{
	static const char zeros[4096];
	int flags = fcntl(fd, F_GETFL);

	assert_int_equal(fcntl(fd, F_SETFL, flags | O_NONBLOCK), 0);
	for (size_t len = sizeof zeros; len != 0; len /= 2)
		while (write(fd, zeros, len) > 0)
			;
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(fcntl(fd, F_SETFL, flags), 0);
}

/* A supervisor that restarts the process waits for its end, not for what it has to say. */
static void dies_unheard(const int ends[2], const char *way, int signal_number)
{
	int status;

	fill(ends[1]);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		become(way, ends[1]);
	struct pollfd end = { .fd = (int)syscall(SYS_pidfd_open, child, 0), .events = POLLIN };
	assert_true(end.fd >= 0);
	bool has_ended = poll(&end, 1, 20000) == 1;
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(has_ended);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), signal_number);
	assert_int_equal(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0); /* it may be another's, too */
	close(end.fd);
	close(ends[0]);
	close(ends[1]);
}

static void test_a_crash_waits_for_no_reader(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	dies_unheard(ends, "give up", SIGABRT);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	dies_unheard(ends, "give up", SIGABRT);
#if !SANITIZED /* its own report waits */
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	dies_unheard(ends, "crash", SIGSEGV);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	dies_unheard(ends, "overflow", SIGSEGV);
#endif
}

/* --- who keeps a pointer --- */

static unsigned char *kept_room, *kept_frame;

static void keep_pointers(void *arg)
{
	struct cor_fiber *fiber = arg;

	kept_room = cor_fiber_room(fiber);
	memset(kept_room, 7, COR_FIBER_ROOM_BYTES);
	kept_frame = (unsigned char *)__builtin_frame_address(0) - 64;
}

static void run_and_give_back(struct cor_task *task)
{
	struct cor_scheduler *scheduler = cor_scheduler_current();
	struct cor_fiber *fiber = cor_fiber_take(scheduler, "kept", 0, NULL);

	(void)task;
	if (!fiber || !cor_fiber_run(fiber, keep_pointers, fiber, NULL))
		abort();
	cor_fiber_give_back(fiber);
}

/*
 * A handler's memory goes with its run: a sanitizer reports its use, and a build with assertions
 * shows it.
 */
static void test_a_stack_that_was_given_back_is_poisoned(void **state)
{
	struct cor_task task = { .run = run_and_give_back };
	struct cor_scheduler *scheduler;

	(void)state;
	assert_int_equal(cor_scheduler_create(NULL, &scheduler), 0);
	cor_scheduler_post(scheduler, &task);
	cor_scheduler_stop(scheduler);
	assert_int_equal(cor_scheduler_run(scheduler), 0);
#if defined(COR_ASAN)
	assert_true(__asan_address_is_poisoned(kept_room));
	assert_true(__asan_address_is_poisoned(kept_room + COR_FIBER_ROOM_BYTES - 1));
	assert_true(__asan_address_is_poisoned(kept_frame));
#elif COR_POISONS && !SANITIZED
	assert_int_equal(kept_room[0], COR_GONE_BYTE);
	assert_int_equal(kept_room[COR_FIBER_ROOM_BYTES - 1], COR_GONE_BYTE);
	assert_int_equal(*kept_frame, COR_GONE_BYTE);
#endif
	cor_scheduler_destroy(scheduler);
}

int main(int argc, char **argv)
{
	if (argc == 2)
		return die(argv[1]);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_parked_fiber_touches_one_page),
		cmocka_unit_test(test_stacks_are_reused_and_trimmed),
		cmocka_unit_test(test_few_stacks_stay_fat),
		cmocka_unit_test(test_high_water_marks),
		cmocka_unit_test(test_the_cap),
		cmocka_unit_test(test_the_pool_shrinks),
#if !SANITIZED /* their own mappings would fail, too */
		cmocka_unit_test(test_no_memory),
#endif
		cmocka_unit_test(test_no_descriptors),
		cmocka_unit_test(test_an_overflow_is_reported_by_name),
		cmocka_unit_test(test_an_overflow_of_a_long_name),
		cmocka_unit_test(test_a_crash_is_reported),
		cmocka_unit_test(test_a_crash_waits_for_no_reader),
		cmocka_unit_test(test_a_stack_that_was_given_back_is_poisoned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
