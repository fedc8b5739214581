/* SPDX-License-Identifier: MIT */
/**
 * Tests: cases in a table, and the program that runs them.
 *
 *     #include <coracle/testing.h>
 *
 *     static void two_and_two(struct cor_test *t)
 *     {
 *             cor_expect_equal(t, 2 + 2, 4);
 *     }
 *     static const struct cor_case cases[] = {
 *             COR_CASE(two_and_two),
 *     };
 *     int main(int argc, char **argv)
 *     {
 *             return cor_test_main(argc, argv, &(struct cor_suite){ COR_CASES(cases) });
 *     }
 *
 * A case that its table forgets is a warning of the compiler: an unused function.
 *
 * Each test runs in a process of its own: a crash is one failed test, with its stack; one that
 * hangs is ended with all processes that it started. What it prints is shown if it fails. A test
 * that leaves behind open descriptors, threads, child processes or memory has failed.
 *
 * Functions that take a struct cor_test may be called from any thread of the test; none yields.
 */
#ifndef CORACLE_TEST_H
#define CORACLE_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

struct cor_service;
struct cor_suite;
struct cor_test_run;
struct cor_test_service;

/** A test that runs, or a fixture. */
struct cor_test {
	const char *name;              /* "group.case", "group.case[row]" */
	const struct cor_suite *suite; /* whose it is */
	const void *row;               /* of .rows; NULL: the case has none */

	/**
	 * What the fixtures have made, for the test: yours. What a function of an outer level puts
	 * here is seen by the inner ones; a test has a copy of it all, as fork() makes it.
	 */
	void *fixture;

	struct cor_test_service *service; /* of test_service.h */
	struct cor_test_run *run;         /* of the library */
};

/** A case, or a fixture. */
typedef void cor_test_function(struct cor_test *t);

/** What tests may leave behind: for what a library keeps on purpose. */
enum cor_leaks {
	COR_LEAK_MEMORY = 1,
	COR_LEAK_DESCRIPTORS = 2,
	COR_LEAK_THREADS = 4,
	COR_LEAK_CHILDREN = 8,
	COR_LEAK_LOCKS = 16, /* mutexes of sync.h that are locked */
};

/** A row of the table of cases: COR_CASE(). */
struct cor_case {
	const char *name;
	cor_test_function *run;
	const char *file;
	int line;
	/** How long it may take, with its before_each and after_each. 0: as the suite says. */
	int64_t timeout_ms;
	/** It is not run, and why. */
	const char *skip;
	/** It fails today, and why; that it passes is a failure. */
	const char *expected_failure;
	unsigned leaks; /* enum cor_leaks, more than the suite allows */
	/* COR_ROWS() */
	const void *rows;
	size_t row_bytes;
	size_t rows_len;
	size_t row_name_at;
};

/** Cases that share fixtures; see struct cor_suite for these. */
struct cor_case_group {
	const char *name;
	cor_test_function *before;
	cor_test_function *after;
	cor_test_function *before_each;
	cor_test_function *after_each;
	const struct cor_case *cases; /* COR_CASES() */
	size_t cases_len;
};

/**
 * What a program tests.
 *
 * The order is: before of the suite; before of the group; for each test the before_each of the
 * suite and of the group, the test, the after_each of the group and of the suite, and what
 * cor_test_defer() was given, the last first; after of the group; after of the suite. An `after`
 * runs if the `before` of its level has passed. Where a `before` fails, what is inside of it does
 * not run, and the state is "error"; where it skips, all inside of it is skipped.
 */
struct cor_suite {
	/** Of the reports. NULL: that of the program. */
	const char *name;
	/** For the functions of test_service.h. */
	const struct cor_service *service;
	cor_test_function *before; /* once, before the first test */
	cor_test_function *after;
	cor_test_function *before_each; /* before each test, in its process */
	cor_test_function *after_each;
	const struct cor_case *cases; /* COR_CASES() */
	size_t cases_len;
	const struct cor_case_group *groups; /* COR_GROUPS() */
	size_t groups_len;
	/** How long a test, or a fixture, may take. 0: 10,000. */
	int64_t timeout_ms;
	unsigned leaks; /* enum cor_leaks that are allowed */
};

/* clang-format off */

/** A row of the table; options are members of struct cor_case: COR_CASE(f, .timeout_ms = 500). */
#define COR_CASE(...) COR_CASE_(__VA_ARGS__, )
#define COR_CASE_(function_, ...) \
	{ .name = #function_, .run = (function_), .file = __FILE__, .line = __LINE__, __VA_ARGS__ }

/** The members .cases and .groups, of an array. */
#define COR_CASES(array) .cases = (array), .cases_len = sizeof(array) / sizeof((array)[0])
#define COR_GROUPS(array) .groups = (array), .groups_len = sizeof(array) / sizeof((array)[0])

/**
 * Options of a case that runs once for each item of an array, which it finds in t->row:
 *
 *     COR_CASE(a_year, COR_ROWS(years))            // a_year[0], a_year[1] ...
 *     COR_CASE(a_year, COR_NAMED_ROWS(years, why)) // by a member of the items, a const char *
 */
#define COR_ROWS(array) \
	.rows = (array), .row_bytes = sizeof((array)[0]), \
	.rows_len = sizeof(array) / sizeof((array)[0])
#define COR_NAMED_ROWS(array, member_) \
	COR_ROWS(array), .row_name_at = 1 + offsetof(__typeof__((array)[0]), member_)

/* clang-format on */

/**
 * Run the tests that the command line selects: --help has the options. Call it once, from main,
 * before any thread is started.
 *
 * Returns the exit status for main: 0: all have passed (or were skipped, or failed as expected);
 * 1: some have not; 2: interrupted; 3: the machine refused (no memory, no process); 4: wrong use
 * of the command line, or a table that contradicts itself; 5: no test was selected.
 */
COR_API int cor_test_main(int argc, char **argv, const struct cor_suite *suite) COR_CHECKED;

/* Private. Of gcc, where the program counts its coverage, else NULL: only the program itself can
   find it, and a test that crashes keeps its counts by it. */
void __gcov_exit(void) __attribute__((weak)); // NOLINT(bugprone-reserved-identifier)
COR_API int cor_test_main_counted(void (*keep_counts)(void), int argc, char **argv,
	const struct cor_suite *suite) COR_CHECKED;
#define cor_test_main(argc, argv, ...)                                                             \
	cor_test_main_counted(__gcov_exit, (argc), (argv), __VA_ARGS__)

/**
 * Call it when the test has ended, after its after_each; the last first. Also of a test that fails;
 * not of one that crashes or hangs. In a `before`, it is called when that level has ended. Without
 * memory the test fails, and it is called at once.
 */
COR_API void cor_test_defer(struct cor_test *t, void (*call)(void *arg), void *arg);

/** End the test, or what the `before` is for, without a judgement. Does not return. */
COR_API void cor_test_skip(struct cor_test *t, const char *format, ...) COR_PRINTF(2, 3)
	__attribute__((noreturn));

/** The test has failed, and goes on. */
#define cor_test_fail(t, ...) cor_test_fail_at((t), __FILE__, __LINE__, __VA_ARGS__)
COR_API void cor_test_fail_at(
	struct cor_test *t, const char *file, int line, const char *format, ...) COR_PRINTF(4, 5);

/**
 * End the test now, as cor_require_*() do. What fixtures and cor_test_defer() have arranged
 * follows, unless this is called on another thread or fiber than the test's own: then the process
 * ends. Does not return.
 */
COR_API void cor_test_end(struct cor_test *t) __attribute__((noreturn));

/** Whether something has failed so far. */
COR_API bool cor_test_has_failed(const struct cor_test *t);

/**
 * A part of a test under a label of its own, for loops: what fails is told with it, counts on its
 * own, and ends the part alone.
 *
 *     for (int year = 1900; year < 2100; year += 100)
 *             cor_subtest(t, is_leap, &year, "year=%d", year);
 */
COR_API void cor_subtest(struct cor_test *t, void (*run)(struct cor_test *t, const void *arg),
	const void *arg, const char *label, ...) COR_PRINTF(4, 5);

/**
 * A folder for the test's files, made by the first call; it is removed with all that is in it, even
 * after a crash. The path lives as long as the test.
 */
COR_API const char *cor_test_folder(struct cor_test *t);

/**
 * A formatted string that lives as long as the test, its cleanups included; of a fixture, as long
 * as what it is for. From any thread. Without memory the test fails and ends.
 *
 *     cor_test_use(t, &(struct cor_test_setup){
 *             .settings = cor_test_printf(t, "--folder %s", cor_test_folder(t)) });
 */
COR_API const char *cor_test_printf(struct cor_test *t, const char *format, ...) COR_PRINTF(2, 3);

/** Set a variable of the environment, NULL: unset it; its old value comes back afterwards. */
COR_API void cor_test_setenv(struct cor_test *t, const char *name, const char *value);

/**
 * What the test has printed so far on standard output and standard error, which are one here: the
 * log is among it. The text is the test's until the next call. "" with --no-capture.
 */
COR_API const char *cor_test_output(struct cor_test *t);

COR_END_DECLS
#endif
