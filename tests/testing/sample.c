/* SPDX-License-Identifier: MIT */
/*
 * Tests that end in each way that there is: what test_runner.py runs.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <unistd.h>

#include <coracle/testing.h>

/* --- ends --- */

static void passes(struct cor_test *t)
{
	printf("nobody sees this\n");
	cor_expect(t, true);
}

static void fails(struct cor_test *t)
{
	printf("seen on failure\n");
	fprintf(stderr, "and this\n");
	cor_expect_equal(t, 2 + 2, 5);
	cor_require_equal(t, "b", "a");
	cor_expect_equal(t, "not", "reached");
}

static __attribute__((noinline)) void write_to(volatile int *place)
{
	*place = 1;
}

static void crashes(struct cor_test *t)
{
	volatile uintptr_t nowhere = 16;

	write_to((volatile int *)nowhere); // NOLINT(performance-no-int-to-ptr)
	cor_test_fail(t, "not reached");
}

static void aborts(struct cor_test *t)
{
	(void)t;
	abort();
}

static __attribute__((noinline)) void wait_for_ever(void)
{
	for (;;)
		pause();
}

static void hangs(struct cor_test *t)
{
	(void)t;
	wait_for_ever();
}

static void hangs_deaf(struct cor_test *t)
{
	(void)t;
	signal(SIGABRT, SIG_IGN);
	wait_for_ever();
}

static void exits(struct cor_test *t)
{
	(void)t;
	exit(0);
}

static void is_skipped(struct cor_test *t)
{
	cor_test_skip(t, "not on %s", "Mondays");
}

static void must_not_run(struct cor_test *t)
{
	cor_test_fail(t, "it ran");
}

static void fails_as_expected(struct cor_test *t)
{
	cor_test_fail(t, "known");
}

static void passes_unexpectedly(struct cor_test *t)
{
	(void)t;
}

/* --- what is left --- */

static void leaves_descriptor(struct cor_test *t)
{
	cor_require(t, open("/dev/null", O_RDONLY) >= 0);
}

static void may_leave_descriptor(struct cor_test *t)
{
	leaves_descriptor(t);
}

static void *sleep_long(void *arg)
{
	pause();
	return arg;
}

static void leaves_thread(struct cor_test *t)
{
	pthread_t thread;

	cor_require(t, pthread_create(&thread, NULL, sleep_long, NULL) == 0);
	pthread_detach(thread);
}

static void leaves_child(struct cor_test *t)
{
	(void)t;
	if (fork() == 0)
		wait_for_ever();
}

static void leaves_daemon(struct cor_test *t)
{
	if (fork() == 0) {
		setsid();
		if (fork() == 0)
			wait_for_ever();
		_exit(0);
	}
	cor_expect(t, true);
}

/* Its child is ours once its parent has been ended. */
static void leaves_family(struct cor_test *t)
{
	int began[2];
	char byte;

	cor_require(t, pipe(began) == 0);
	if (fork() == 0) {
		if (fork() == 0)
			(void)!write(began[1], "", 1);
		wait_for_ever();
	}
	cor_expect(t, read(began[0], &byte, 1) == 1);
	close(began[0]);
	close(began[1]);
}

/* As by a debugger at its prompt: whoever is traced is over only when its tracer says so. */
static void leaves_traced_child(struct cor_test *t)
{
	int began[2];
	char byte;

	cor_require(t, pipe(began) == 0);
	pid_t traced = fork();
	if (traced == 0) {
		prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
		(void)!write(began[1], "", 1);
		wait_for_ever();
	}
	cor_expect(t, read(began[0], &byte, 1) == 1);
	if (fork() == 0) {
		ptrace(PTRACE_SEIZE, traced, NULL, NULL);
		(void)!write(began[1], "", 1);
		wait_for_ever();
	}
	cor_expect(t, read(began[0], &byte, 1) == 1);
	close(began[0]);
	close(began[1]);
}

static void *fork_and_sleep(void *arg)
{
	int *began = arg;

	if (fork() == 0)
		wait_for_ever();
	(void)!write(began[1], "", 1);
	pause();
	return NULL;
}

static void leaves_child_of_thread(struct cor_test *t)
{
	static int began[2];
	pthread_t thread;
	char byte;

	cor_require(t, pipe(began) == 0);
	cor_require(t, pthread_create(&thread, NULL, fork_and_sleep, began) == 0);
	cor_expect(t, read(began[0], &byte, 1) == 1);
	pthread_detach(thread);
	close(began[0]);
	close(began[1]);
}

static void leaves_memory(struct cor_test *t)
{
	char *volatile piece = malloc(48);

	cor_require(t, piece != NULL);
	piece = NULL;
}

static char *kept;

static void keeps_memory(struct cor_test *t)
{
	if (!kept)
		kept = malloc(4096);
	cor_expect(t, kept != NULL);
}

/* Once 4096 bytes, and each time at least 48. */
static void keeps_and_leaves_memory(struct cor_test *t)
{
	keeps_memory(t);
	leaves_memory(t);
}

static void sees_text(void *text)
{
	if (strcmp(text, "2 of 3") != 0)
		abort();
}

/* Until the last cleanup, and no longer: it would be told as left behind. */
static void prints_texts(struct cor_test *t)
{
	static char seen[8];

	cor_test_defer(t, sees_text, seen);
	const char *text = cor_test_printf(t, "%d of %s", 2, "3");
	cor_test_defer(t, sees_text, (void *)(uintptr_t)text);
	cor_expect_equal(t, cor_test_printf(t, "%s/x", cor_test_folder(t)) != text, true);
	cor_require_equal(t, text, "2 of 3");
	memcpy(seen, text, sizeof "2 of 3");
}

/* glibc keeps each string that setenv() has not had yet: no leak of the test's. */
static void sets_variables_anew(struct cor_test *t)
{
	static char text[32];

	cor_test_setenv(t, "SAMPLE_FOLDER", "before");
	cor_test_setenv(t, "SAMPLE_FOLDER", cor_test_folder(t));
	snprintf(text, sizeof text, "%d", (int)getpid());
	cor_test_setenv(t, "SAMPLE_PID", text);
	setenv("SAMPLE_PLAIN", cor_test_folder(t), 1);
	cor_expect_equal(t, getenv("SAMPLE_FOLDER"), cor_test_folder(t));
	cor_expect_equal(t, getenv("SAMPLE_PID"), text);
}

static void frees_memory(struct cor_test *t)
{
	char *piece = strdup("x");

	cor_expect_equal(t, piece, "x");
	free(piece);
}

static void crashes_in_folder(struct cor_test *t)
{
	char path[512];
	FILE *out;

	snprintf(path, sizeof path, "%s/file", cor_test_folder(t));
	out = fopen(path, "w");
	cor_require(t, out != NULL);
	fprintf(stderr, "folder %s\n", path);
	fclose(out);
	abort();
}

/* --- parts --- */

static void is_even(struct cor_test *t, const void *arg)
{
	cor_require_equal(t, *(const int *)arg % 2, 0);
}

static void has_subtests(struct cor_test *t)
{
	for (int i = 0; i < 4; i++)
		cor_subtest(t, is_even, &i, "i=%d", i);
}

struct year {
	const char *why;
	int year;
	bool is_leap;
};
static const struct year years[] = {
	{ "by 4", 2024, true },
	{ "by 100", 1900, false },
	{ "by 400", 2000, true },
};

static void a_year(struct cor_test *t)
{
	const struct year *year = t->row;
	bool is_leap = year->year % 4 == 0 && (year->year % 100 != 0 || year->year % 400 == 0);

	cor_expect_equal(t, is_leap, year->is_leap);
}

static void sets_variable(struct cor_test *t)
{
	cor_test_setenv(t, "COR_SAMPLE", "set");
	cor_expect_equal(t, getenv("COR_SAMPLE"), "set");
}

static void sees_variable(struct cor_test *t)
{
	cor_expect_equal(t, getenv("COR_SAMPLE"), NULL);
}

static void reads_output(struct cor_test *t)
{
	printf("seven");
	fprintf(stderr, " of nine");
	cor_expect_contains(t, cor_test_output(t), "seven");
	cor_expect_contains(t, cor_test_output(t), " of nine");
}

static struct cor_test *of_thread;

static void *require_there(void *arg)
{
	cor_require(of_thread, arg == NULL);
	return NULL;
}

static void requires_on_thread(struct cor_test *t)
{
	pthread_t thread;

	of_thread = t;
	cor_require(t, pthread_create(&thread, NULL, require_there, t) == 0);
	pthread_join(thread, NULL);
	cor_test_fail(t, "not reached");
}

static void prints_much(struct cor_test *t)
{
	for (int i = 0; i < 100000; i++)
		printf("%050d\n", i);
	cor_test_fail(t, "much");
}

static void prints_bytes(struct cor_test *t)
{
	printf("a\xff"
	       "b\n");
	cor_test_fail(t, "bytes");
}

/* They end only if they run at the same time: each waits for a byte of the other. */
static int meeting[2][2];

static void open_meeting(struct cor_test *t)
{
	for (int i = 0; i < 2; i++)
		cor_require(t, pipe2(meeting[i], O_CLOEXEC) == 0);
}

static void meet(struct cor_test *t, int mine)
{
	char byte = 'x';

	cor_require(t, write(meeting[mine][1], &byte, 1) == 1);
	cor_require(t, read(meeting[1 - mine][0], &byte, 1) == 1);
}

static void meets_second(struct cor_test *t)
{
	meet(t, 0);
}

static void meets_first(struct cor_test *t)
{
	meet(t, 1);
}

/* --- the table --- */

static const struct cor_case ends[] = {
	COR_CASE(passes),
	COR_CASE(fails),
	COR_CASE(crashes),
	COR_CASE(aborts),
	COR_CASE(hangs, .timeout_ms = 100),
	COR_CASE(hangs_deaf, .timeout_ms = 100),
	COR_CASE(exits),
	COR_CASE(is_skipped),
	COR_CASE(must_not_run, .skip = "by its table"),
	COR_CASE(fails_as_expected, .expected_failure = "issue 12"),
	COR_CASE(passes_unexpectedly, .expected_failure = "issue 13"),
};
static const struct cor_case leaks[] = {
	COR_CASE(leaves_descriptor),
	COR_CASE(may_leave_descriptor, .leaks = COR_LEAK_DESCRIPTORS),
	COR_CASE(leaves_thread),
	COR_CASE(leaves_child),
	COR_CASE(leaves_daemon),
	COR_CASE(leaves_family),
	COR_CASE(leaves_traced_child, .timeout_ms = 20000),
	COR_CASE(leaves_child_of_thread),
	COR_CASE(leaves_memory),
	COR_CASE(keeps_memory),
	COR_CASE(keeps_and_leaves_memory),
	COR_CASE(sets_variables_anew),
	COR_CASE(prints_texts),
	COR_CASE(frees_memory),
	COR_CASE(crashes_in_folder),
};
static const struct cor_case parts[] = {
	COR_CASE(has_subtests),
	COR_CASE(a_year, COR_NAMED_ROWS(years, why)),
	COR_CASE(sets_variable),
	COR_CASE(sees_variable),
	COR_CASE(reads_output),
	COR_CASE(requires_on_thread),
	COR_CASE(prints_much),
	COR_CASE(prints_bytes),
};
static const struct cor_case meetings[] = {
	COR_CASE(meets_second),
	COR_CASE(meets_first),
};
static const struct cor_case_group groups[] = {
	{ .name = "leaks", COR_CASES(leaks) },
	{ .name = "parts", COR_CASES(parts) },
	{ .name = "meetings", .before = open_meeting, COR_CASES(meetings) },
};

int main(int argc, char **argv)
{
	return cor_test_main(
		argc, argv, &(struct cor_suite){ COR_CASES(ends), COR_GROUPS(groups) });
}
