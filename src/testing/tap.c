/* SPDX-License-Identifier: MIT */
/* The Test Anything Protocol: a line for each test, comments for what is said of it. */
#include <inttypes.h>
#include <string.h>

#include "testing/report.h"

static void put_comments(FILE *out, const char *text, size_t len)
{
	const char *end = text + len;

	while (text < end) {
		const char *line = memchr(text, '\n', (size_t)(end - text));
		size_t line_len = line ? (size_t)(line - text) : (size_t)(end - text);
		fprintf(out, "# %.*s\n", (int)line_len, text);
		text += line_len + 1;
	}
}

static void begin(struct cor_report *report)
{
	if (report->is_shuffled)
		fprintf(report->out, "# in the order of --seed %" PRIu32 "\n", report->seed);
}

/* '#' begins a directive there. */
static void put_name(FILE *out, const char *name)
{
	for (; *name; name++)
		fputc(*name == '#' || *name == '\n' ? '_' : *name, out);
}

static const char *expectation(const struct cor_report *report, size_t index)
{
	return report->runner->plan.items[index].test->expected_failure;
}

static void ended(struct cor_report *report, size_t index)
{
	const struct cor_outcome *outcome = &report->runner->outcomes[index];
	enum cor_state state = outcome->state;
	char buffer[256];
	bool is_ok = state == COR_STATE_PASSED || state == COR_STATE_SKIPPED;

	fprintf(report->out, "%s %" PRIu32 " - ", is_ok ? "ok" : "not ok", ++report->lines);
	put_name(report->out, cor_report_name(report, index, buffer, sizeof buffer));
	if (state == COR_STATE_SKIPPED)
		fprintf(report->out, " # SKIP %.*s", (int)strcspn(outcome->reason, "\n"),
			outcome->reason);
	if (state == COR_STATE_FAILED_AS_EXPECTED)
		fprintf(report->out,
			" # TO"
			"DO %s",
			expectation(report, index));
	fputc('\n', report->out);
	if (!cor_state_is_bad(state))
		return;
	if (state == COR_STATE_PASSED_UNEXPECTEDLY)
		fprintf(report->out, "# unexpected success: %s\n", expectation(report, index));
	put_comments(report->out, outcome->text, outcome->text_len);
	if (outcome->output_len > 0)
		fputs("# output:\n", report->out);
	put_comments(report->out, outcome->output, outcome->output_len);
}

static void note(struct cor_report *report, struct cor_str summary, struct cor_str text)
{
	(void)summary;
	put_comments(report->out, text.data, text.len);
}

static void end(struct cor_report *report)
{
	if (report->runner->is_interrupted)
		fputs("Bail out! interrupted\n", report->out);
	fprintf(report->out, "1..%" PRIu32 "\n", report->lines);
}

const struct cor_report_form cor_report_tap = {
	.begin = begin, .ended = ended, .end = end, .note = note
};
