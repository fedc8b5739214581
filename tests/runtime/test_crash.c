/* SPDX-License-Identifier: MIT */
/* A child process crashes, and the test reads its last words. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop.h"
#include "runtime/crash.h"

#if defined(COR_ASAN) || defined(COR_TSAN)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

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

/* Deeper than any stack. */
static __attribute__((noinline)) void go_deep(long levels)
{
	char block[1024];

	memset(block, 1, sizeof block);
	__asm__ volatile("" ::"r"(block) : "memory");
	if (levels > 0)
		go_deep(levels - 1);
	__asm__ volatile("" ::"r"(block) : "memory");
}

static int overflow(void *arg)
{
	go_deep(LONG_MAX);
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
	execl("/proc/self/exe", "test-runtime-crash", way, (char *)NULL);
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

int main(int argc, char **argv)
{
	if (argc == 2)
		return die(argv[1]);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_overflow_is_reported_by_name),
		cmocka_unit_test(test_an_overflow_of_a_long_name),
		cmocka_unit_test(test_a_crash_is_reported),
		cmocka_unit_test(test_a_crash_waits_for_no_reader),
	};

	return cmocka_run_group_tests_name("runtime/crash", tests, NULL, NULL);
}
