/* SPDX-License-Identifier: MIT */
/*
 * The forms for people: letters, or a line for each test, and unittest's summary.
 */
#include <inttypes.h>
#include <string.h>

#include <coracle/clock.h>

#include "testing/report.h"

#define RULE      "----------------------------------------------------------------------\n"
#define THICK     "======================================================================\n"
#define RED       "\033[31m"
#define GREEN     "\033[32m"
#define PLAIN     "\033[0m"
#define NS_PER_MS 1000000

static const struct cor_outcome *outcome_of(const struct cor_report *report, size_t index)
{
	return &report->runner->outcomes[index];
}

static void put_colour(struct cor_report *report, const char *colour)
{
	if (report->has_colour)
		fputs(colour, report->out);
}

/* --- as they come --- */

static char letter_of(enum cor_state state)
{
	return "?.FEsxu"[state];
}

static void put_letters(struct cor_report *report, size_t index)
{
	const struct cor_outcome *outcome = outcome_of(report, index);
	uint32_t times = outcome->state == COR_STATE_FAILED ? cor_report_failures(outcome) : 1;
	char letter = letter_of(outcome->state);

	if (outcome->state == COR_STATE_PASSED && outcome->skipped_subtests > 0) {
		times = outcome->skipped_subtests;
		letter = 's';
	}
	put_colour(report, cor_state_is_bad(outcome->state) ? RED : GREEN);
	for (uint32_t i = 0; i < times; i++)
		fputc(letter, report->out);
	put_colour(report, PLAIN);
}

static void put_line(struct cor_report *report, size_t index)
{
	const struct cor_outcome *outcome = outcome_of(report, index);
	static const char *const words[] = { "not run", "ok", "FAIL", "ERROR", "skipped",
		"expected failure", "unexpected success" };
	char buffer[256];

	fprintf(report->out, "%s ... ", cor_report_name(report, index, buffer, sizeof buffer));
	put_colour(report, cor_state_is_bad(outcome->state) ? RED : GREEN);
	fputs(words[outcome->state], report->out);
	put_colour(report, PLAIN);
	if (outcome->state == COR_STATE_SKIPPED)
		fprintf(report->out, " '%s'", outcome->reason);
	fprintf(report->out, " (%" PRId64 " ms)\n",
		(outcome->ended_ns - outcome->begun_ns) / NS_PER_MS);
}

/* --- at the end --- */

static void put_block(struct cor_report *report, size_t index, const char *title)
{
	const struct cor_outcome *outcome = outcome_of(report, index);
	char buffer[256];

	fputs(THICK, report->out);
	put_colour(report, RED);
	fprintf(report->out, "%s: %s\n", title,
		cor_report_name(report, index, buffer, sizeof buffer));
	put_colour(report, PLAIN);
	fputs(RULE, report->out);
	fwrite(outcome->text, 1, outcome->text_len, report->out);
	if (outcome->output_len > 0) {
		fputs("output:\n", report->out);
		fwrite(outcome->output, 1, outcome->output_len, report->out);
		if (outcome->output[outcome->output_len - 1] != '\n')
			fputc('\n', report->out);
	}
	fputc('\n', report->out);
}

static void put_blocks(struct cor_report *report, enum cor_state state, const char *title)
{
	for (size_t i = 0; i < report->runner->outcomes_len; i++)
		if (outcome_of(report, i)->state == state)
			put_block(report, i, title);
}

/* What the rounds of --repeat have in common is told at the end. */
static void put_round(struct cor_report *report)
{
	fputc('\n', report->out);
	put_blocks(report, COR_STATE_ERROR, "ERROR");
	put_blocks(report, COR_STATE_FAILED, "FAIL");
	for (size_t i = 0; i < report->runner->plan.len; i++)
		if (outcome_of(report, i)->state == COR_STATE_PASSED_UNEXPECTEDLY)
			fprintf(report->out, THICK "UNEXPECTED SUCCESS: %s\n",
				report->runner->plan.items[i].name);
}

static void put_count(FILE *out, const char **before, const char *what, uint32_t count)
{
	if (count == 0)
		return;
	fprintf(out, "%s%s=%" PRIu32, *before, what, count);
	*before = ", ";
}

static void put_summary(struct cor_report *report)
{
	const struct cor_totals *totals = &report->totals;
	int status = cor_report_status(report);
	const char *before = " (";
	double s = (double)(cor_monotonic_ns() - report->begun_ns) / 1e9;

	fprintf(report->out, RULE "Ran %" PRIu32 " test%s in %.3fs\n", totals->tests,
		totals->tests == 1 ? "" : "s", s);
	if (report->is_shuffled)
		fprintf(report->out, "In the order of --seed %" PRIu32 "\n", report->seed);
	put_colour(report, status == 0 ? GREEN : RED);
	fputs(status == 0 ? "\nOK" : status == 2 ? "\nINTERRUPTED" : "\nFAILED", report->out);
	put_colour(report, PLAIN);
	put_count(report->out, &before, "failures", totals->failures);
	put_count(report->out, &before, "errors", totals->errors);
	put_count(report->out, &before, "skipped", totals->skipped);
	put_count(report->out, &before, "expected failures", totals->expected_failures);
	put_count(report->out, &before, "unexpected successes", totals->unexpected_successes);
	fputs(before[0] == ',' ? ")\n" : "\n", report->out);
}

static void put_note(struct cor_report *report, struct cor_str summary, struct cor_str text)
{
	(void)summary;
	fprintf(report->out, "\n%.*s\n", (int)text.len, text.data);
}

const struct cor_report_form cor_report_letters = {
	.ended = put_letters,
	.round = put_round,
	.end = put_summary,
	.note = put_note,
};
const struct cor_report_form cor_report_names = {
	.ended = put_line,
	.round = put_round,
	.end = put_summary,
	.note = put_note,
};
