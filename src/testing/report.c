/* SPDX-License-Identifier: MIT */
#include "testing/report.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <coracle/clock.h>

static const struct cor_report_form *const forms[] = {
	[COR_FORMAT_LETTERS] = &cor_report_letters,
	[COR_FORMAT_NAMES] = &cor_report_names,
	[COR_FORMAT_TAP] = &cor_report_tap,
	[COR_FORMAT_EVENTS] = &cor_report_events,
};

/* What tests print has another way then than what programs read. */
static FILE *open_out(const struct cor_options *options)
{
	bool is_read = options->format == COR_FORMAT_TAP || options->format == COR_FORMAT_EVENTS;
	int fd = options->no_capture && is_read ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3) : -1;
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (!out)
		return stdout;
	dup2(STDERR_FILENO, STDOUT_FILENO);
	return out;
}

void cor_report_begin(struct cor_report *report, struct cor_runner *runner)
{
	const char *no_colour = getenv("NO_COLOR");

	report->runner = runner;
	report->form = forms[runner->options->format];
	report->out = open_out(runner->options);
	report->has_colour = isatty(STDOUT_FILENO) && (!no_colour || !*no_colour);
	report->begun_ns = cor_monotonic_ns();
	if (report->form->begin)
		report->form->begin(report);
	fflush(report->out);
}

const char *cor_report_name(
	const struct cor_report *report, size_t index, char *buffer, size_t bytes)
{
	if (index < report->runner->plan.len)
		return report->runner->plan.items[index].name;
	cor_runner_fixture_name(report->runner, index, buffer, bytes);
	return buffer;
}

uint32_t cor_report_failures(const struct cor_outcome *outcome)
{
	uint32_t failures = outcome->failed_subtests + outcome->has_own_failure;

	return failures > 0 ? failures : 1;
}

static void count(struct cor_report *report, size_t index)
{
	const struct cor_outcome *outcome = &report->runner->outcomes[index];
	struct cor_totals *totals = &report->totals;

	totals->tests += index < report->runner->plan.len;
	totals->skipped += outcome->skipped_subtests + (outcome->state == COR_STATE_SKIPPED);
	totals->errors += outcome->state == COR_STATE_ERROR;
	totals->expected_failures += outcome->state == COR_STATE_FAILED_AS_EXPECTED;
	totals->unexpected_successes += outcome->state == COR_STATE_PASSED_UNEXPECTEDLY;
	if (outcome->state == COR_STATE_FAILED)
		totals->failures += cor_report_failures(outcome);
}

void cor_report_notice(struct cor_report *report, const struct cor_notice *notice)
{
	if (notice->index >= report->runner->outcomes_len)
		return;
	if (notice->kind == COR_NOTICE_ENDED)
		count(report, notice->index);
	void (*tell)(struct cor_report *, size_t) = notice->kind == COR_NOTICE_ENDED
							    ? report->form->ended
							    : report->form->begun;
	if (tell)
		tell(report, notice->index);
	fflush(report->out);
}

void cor_report_round(struct cor_report *report)
{
	if (report->form->round)
		report->form->round(report);
	fflush(report->out);
}

/* Of a run that was interrupted there is nothing to tell. */
static void tell_epilogue(struct cor_report *report)
{
	const struct cor_epilogue *epilogue = report->epilogue;
	struct cor_buffer summary = { 0 }, text = { 0 };

	if (!epilogue || report->runner->is_interrupted)
		return;
	epilogue->write(epilogue->self, &summary, &text);
	if (cor_buffer_error(&summary) == 0 && cor_buffer_error(&text) == 0)
		report->form->note(report, (struct cor_str){ summary.data, summary.len },
			(struct cor_str){ text.data, text.len });
	cor_buffer_finish(&summary);
	cor_buffer_finish(&text);
}

void cor_report_end(struct cor_report *report)
{
	tell_epilogue(report);
	if (report->form->end)
		report->form->end(report);
	fflush(report->out);
	if (report->out != stdout)
		fclose(report->out);
	report->out = stdout;
}

int cor_report_status(const struct cor_report *report)
{
	const struct cor_totals *totals = &report->totals;

	if (report->runner->is_broken)
		return 3;
	if (report->runner->is_interrupted)
		return 2;
	return totals->failures + totals->errors + totals->unexpected_successes > 0;
}
