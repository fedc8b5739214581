/* SPDX-License-Identifier: MIT */
/**
 * A test, or a fixture, in its own process: the order of its parts, how one is ended early, and
 * what is called when it ends.
 */
#ifndef CORACLE_TESTING_RUN_H
#define CORACLE_TESTING_RUN_H

#include <pthread.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>

#include <coracle/test.h>

#include "testing/outcome.h"

#define COR_LABEL_BYTES 256

struct cor_deferred {
	struct cor_deferred *next;
	void (*call)(void *arg);
	void *arg;
};

/** Of cor_test_printf(). */
struct cor_run_text {
	struct cor_run_text *next;
	char *text;
};

/** How a part has come to its end. */
enum cor_ending {
	COR_ENDED_ITSELF = 0,
	COR_ENDED_EARLY,
	COR_ENDED_BY_SKIP,
};

struct cor_test_run {
	struct cor_test test;
	struct cor_outcome *outcome;
	pthread_mutex_t lock; /* of the outcome's texts, of what is deferred, and of texts */
	struct cor_deferred *deferred;
	struct cor_run_text *texts;
	jmp_buf *end; /* of the part that runs */
	pthread_t thread;
	const char *stack; /* where the part that runs began */
	const void *row;   /* of the test, while a subtest is called */
	bool updates_snapshots;
	bool is_level;               /* of fixtures that run once, not a test */
	char label[COR_LABEL_BYTES]; /* of the subtest; "": none */
	int output_fd;               /* what is printed; -1: it is not kept */
	uint64_t mock_calls;         /* of all mocks */
	char *output;                /* what cor_test_output() has given out */
	const char *file; /* where the test last asked for something, at first its row; NULL: it is
			     a fixture that has no place */
	int line;
};

/** The test fails where it was last: for what happens in code that no user has written. */
#define cor_run_fail(t, ...) cor_test_fail_at((t), (t)->run->file, (t)->run->line, __VA_ARGS__)

/** It is here now. */
void cor_run_at(struct cor_test_run *run, const char *file, int line);

/** Make one for an outcome, from the test of the level around it (NULL: there is none). */
void cor_run_init(struct cor_test_run *run, const struct cor_test *around,
	struct cor_outcome *outcome, int output_fd);

/** The functions around a test, from outside to inside; any may be NULL. */
struct cor_steps {
	cor_test_function *before[2];
	cor_test_function *body;
	cor_test_function *after[2]; /* of the same levels */
};

/** Run all of it, up to what is deferred. */
void cor_run_steps(struct cor_test_run *run, const struct cor_steps *steps);

/** Run one function. It is a frame of its own, by which stacks are cut. */
enum cor_ending cor_run_part(struct cor_test_run *run, cor_test_function *part);

/** Call what is deferred, and free what the run has. */
void cor_run_finish(struct cor_test_run *run);

/**
 * Note a failure at a place: its text follows by cor_outcome_say(), then cor_run_noted(). With the
 * lock held from the one to the other.
 */
void cor_run_note(struct cor_test_run *run, const char *file, int line);
void cor_run_noted(struct cor_test_run *run);

#endif
