/* SPDX-License-Identifier: MIT */
/**
 * What is known of a test, or of a fixture: in memory that all processes of the run share, so that
 * what a process has said before it crashed is there.
 */
#ifndef CORACLE_TESTING_OUTCOME_H
#define CORACLE_TESTING_OUTCOME_H

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/test.h>

#include "runtime/backtrace.h"

#define COR_OUTCOME_TEXT_BYTES       ((size_t)64 * 1024)
#define COR_OUTCOME_OUTPUT_BYTES     ((size_t)64 * 1024)
#define COR_OUTCOME_OPERATIONS_BYTES ((size_t)16 * 1024)
#define COR_OUTCOME_FOLDER_BYTES     256
#define COR_OUTCOME_SNAPSHOTS_BYTES  ((size_t)8 * 1024)
#define COR_OUTCOME_REASON_BYTES     512
#define COR_OUTCOME_DOING_BYTES      ((size_t)4 * 1024)

enum cor_state {
	COR_STATE_NONE = 0, /* not run, or not yet */
	COR_STATE_PASSED,
	COR_STATE_FAILED,
	COR_STATE_ERROR,
	COR_STATE_SKIPPED,
	COR_STATE_FAILED_AS_EXPECTED,
	COR_STATE_PASSED_UNEXPECTEDLY,
};

enum cor_phase {
	COR_PHASE_BEFORE = 0,
	COR_PHASE_BODY,
	COR_PHASE_AFTER,
	COR_PHASES,
};

/** Starts zeroed. The process of the test writes it, then the one that has started that. */
struct cor_outcome {
	enum cor_state state;
	enum cor_phase phase; /* where it is */
	uint32_t failures[COR_PHASES];
	bool has_own_failure; /* outside of subtests */
	uint32_t failed_subtests;
	uint32_t skipped_subtests;
	bool has_skipped;
	bool is_complete; /* its process has come to the end */
	int64_t begun_ns;
	int64_t ended_ns;
	_Atomic int64_t due_ns; /* when it must have ended */
	bool is_late;
	int signal; /* that it crashed of */
	const void *fault;
	struct cor_backtrace backtrace;
	const char *file; /* of the first failure */
	int line;
	char folder[COR_OUTCOME_FOLDER_BYTES]; /* to be removed */
	char reason[COR_OUTCOME_REASON_BYTES]; /* of a skip */
	char doing[COR_OUTCOME_DOING_BYTES];   /* told if its process ends meanwhile */
	size_t snapshots_len;
	bool has_more_snapshots; /* than there was room for */
	size_t text_len;
	size_t output_len;
	size_t operations_len;
	char operations[COR_OUTCOME_OPERATIONS_BYTES]; /* service_operations.h */
	char text[COR_OUTCOME_TEXT_BYTES];
	char snapshots[COR_OUTCOME_SNAPSHOTS_BYTES]; /* files that it has used, a line for each */
	char output[COR_OUTCOME_OUTPUT_BYTES];
};

/** Memory for `len` of them; NULL without. */
struct cor_outcome *cor_outcomes_create(size_t len);
void cor_outcomes_destroy(struct cor_outcome *outcomes, size_t len);

/** Make it as new. */
void cor_outcome_clear(struct cor_outcome *outcome);

/** Add to its text, as far as there is room: what is cut off is told. */
void cor_outcome_say(struct cor_outcome *outcome, const char *format, ...) COR_PRINTF(2, 3);
void cor_outcome_vsay(struct cor_outcome *outcome, const char *format, va_list args)
	COR_PRINTF(2, 0);

/** Its state, from all that is known, for a case that is expected to fail or not. */
void cor_outcome_conclude(struct cor_outcome *outcome, bool is_expected_to_fail);

/** Whether this state fails the run. */
bool cor_state_is_bad(enum cor_state state);

/** For reports: "passed", "failed as expected" ... */
const char *cor_state_name(enum cor_state state);

#endif
