/* SPDX-License-Identifier: MIT */
/**
 * A run of a suite: a process for the suite's fixtures, of which one for each group's is forked, of
 * which one for each test is. So tests have what the fixtures made, and a crash ends one of them.
 * The first process only reports: what happens it learns by notices in a pipe.
 */
#ifndef CORACLE_TESTING_RUNNER_H
#define CORACLE_TESTING_RUNNER_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/test.h>

#include "testing/options.h"
#include "testing/outcome.h"
#include "testing/plan.h"

struct cor_report;

struct cor_runner {
	const struct cor_suite *suite;
	const struct cor_options *options;
	struct cor_plan plan;
	struct cor_outcome *outcomes; /* of the items, then of the suite, then of each group */
	size_t outcomes_len;
	struct cor_report *report;
	int notices[2]; /* pipe; -1 with --no-fork */
	bool counts_memory;
	bool is_interrupted;
	bool is_broken; /* the machine refused: it has been told on standard error */
};

enum cor_notice_kind {
	COR_NOTICE_BEGUN,
	COR_NOTICE_ENDED,
};

struct cor_notice {
	uint32_t index; /* of the outcome */
	uint32_t kind;
};

/** Run all items of the plan once. The outcomes are new ones. */
void cor_runner_run(struct cor_runner *runner);

/** How many outcomes a plan needs. */
size_t cor_runner_outcomes(const struct cor_plan *plan);

/** What an outcome that is no item's is called: "suite", "group books". */
void cor_runner_fixture_name(
	const struct cor_runner *runner, size_t index, char *ret, size_t bytes);

#endif
