/* SPDX-License-Identifier: MIT */
/** What a run tells, in one of several forms. */
#ifndef CORACLE_TESTING_REPORT_H
#define CORACLE_TESTING_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <coracle/str.h>

#include "testing/program.h"
#include "testing/runner.h"

/** As unittest counts them: the failures of subtests one by one. */
struct cor_totals {
	uint32_t tests;
	uint32_t failures;
	uint32_t errors;
	uint32_t skipped;
	uint32_t expected_failures;
	uint32_t unexpected_successes;
};

/** A form; each function may be NULL. */
struct cor_report_form {
	void (*begin)(struct cor_report *report);
	void (*begun)(struct cor_report *report, size_t index); /* a test */
	void (*ended)(struct cor_report *report, size_t index); /* a test, or a fixture */
	void (*round)(struct cor_report *report); /* all of them, with --repeat more than once */
	void (*end)(struct cor_report *report);
	/* the epilogue, before the end: a line, and the whole text */
	void (*note)(struct cor_report *report, struct cor_str summary, struct cor_str text);
};

struct cor_report {
	struct cor_runner *runner;
	const struct cor_report_form *form;
	const struct cor_epilogue *epilogue; /* NULL: none */
	FILE *out;
	bool has_colour;
	bool is_shuffled;
	uint32_t seed;
	int64_t begun_ns;
	struct cor_totals totals;
	uint32_t lines; /* of TAP */
};

extern const struct cor_report_form cor_report_letters, cor_report_names, cor_report_tap,
	cor_report_events;

void cor_report_begin(struct cor_report *report, struct cor_runner *runner);
void cor_report_notice(struct cor_report *report, const struct cor_notice *notice);
void cor_report_round(struct cor_report *report);
void cor_report_end(struct cor_report *report);

/** The exit status. */
int cor_report_status(const struct cor_report *report);

/** The name of a test, or what a fixture is called; *buffer is used for that. */
const char *cor_report_name(
	const struct cor_report *report, size_t index, char *buffer, size_t bytes);

/** How many failures a failed test counts for. */
uint32_t cor_report_failures(const struct cor_outcome *outcome);

#endif
