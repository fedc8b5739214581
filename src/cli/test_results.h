/* SPDX-License-Identifier: MIT */
/**
 * Test programs and what they have said: the events of the testing kit (docs/testing.md), or, of a
 * program that knows nothing of it, its output and its exit status.
 */
#ifndef CORACLE_CLI_TEST_RESULTS_H
#define CORACLE_CLI_TEST_RESULTS_H

#include <stdint.h>
#include <sys/types.h>

#include "cli/cli.h"

#define COR_TESTS_MAX 100000 /* of one program; further ones are counted */

enum cor_test_state {
	COR_TEST_PASSED,
	COR_TEST_FAILED,
	COR_TEST_BROKEN, /* a fixture has failed, or the program itself */
	COR_TEST_SKIPPED,
	COR_TEST_EXPECTED,  /* failed, as its table says */
	COR_TEST_SURPRISED, /* passed, which its table does not expect */
	COR_TEST_STATES,
};

/** A test that has ended. */
struct cor_test_result {
	const char *name;
	enum cor_test_state state;
	bool is_fixture; /* or the program itself: it has no name to be run by */
	double ms;
	const char *file; /* "": unknown */
	int64_t line;
	const char *text;   /* why it failed, was skipped or was expected to fail */
	const char *output; /* what it printed */
	struct cor_test_result *next;
};

struct cor_test_program {
	const char *name;  /* "test/service/test_shelf" */
	const char *path;  /* "build/test/service/test_shelf" */
	const char **only; /* names of tests, NULL behind the last; NULL: all */
	bool is_chosen;
	bool shows_note; /* the whole of it, not the line alone */

	/* while it runs, and then */
	pid_t pid;                 /* 0: it does not run */
	int output, errors;        /* where it writes */
	struct cor_buffer unread;  /* a line that is not whole yet */
	struct cor_buffer printed; /* what was no event */
	int64_t planned;           /* tests that it will run; 0: unknown */
	const char *current;       /* the test that it began last; NULL: none, or that has ended */
	const char *summary;       /* of its note: a line; NULL: it has none */
	const char *note;          /* the whole of it */
	bool has_events, is_done;
	bool is_refused; /* what it was called with, as `refusal` says */
	const char *refusal;
	bool is_stopped; /* by us, because another one has failed */
	int status;      /* 128 and a signal */
	int64_t begun_ns, ended_ns;
	struct cor_test_result *first, *last;
	size_t states[COR_TEST_STATES];
};

/** Take bytes that the program has written: its lines are events, or something that it prints. */
void cor_test_hear(
	const struct cor_cli *cli, struct cor_test_program *program, const char *bytes, size_t len);

/**
 * The program has ended, with its status: what it has not said of itself is a test, too. What it
 * wrote to standard error counts as printed.
 */
void cor_test_conclude(const struct cor_cli *cli, struct cor_test_program *program, int status);

/** How many tests make it fail. */
size_t cor_test_failures(const struct cor_test_program *program);

/** How many tests have ended, fixtures aside. */
size_t cor_test_count(const struct cor_test_program *program);

/** Whether the state is a failure. */
bool cor_test_is_failure(enum cor_test_state state);

#endif
