/* SPDX-License-Identifier: MIT */
#include "testing/xml.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <coracle/clock.h>

#include "testing/clean.h"

static const struct cor_outcome *outcome_of(const struct cor_report *report, size_t index)
{
	return &report->runner->outcomes[index];
}

static void put(FILE *out, const char *text)
{
	cor_clean_xml(out, text, strlen(text));
}

static void put_attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	put(out, value);
	fputc('"', out);
}

static double seconds_of(const struct cor_outcome *outcome)
{
	return (double)(outcome->ended_ns - outcome->begun_ns) / 1e9;
}

/* The first line says what is wrong. */
static void put_element(FILE *out, const char *name, const struct cor_outcome *outcome)
{
	size_t line = outcome->text_len;
	const char *end = memchr(outcome->text, '\n', outcome->text_len);

	line = end ? (size_t)(end - outcome->text) : line;
	fprintf(out, "<%s message=\"", name);
	cor_clean_xml(out, outcome->text, line);
	fputs("\">", out);
	cor_clean_xml(out, outcome->text, outcome->text_len);
	fprintf(out, "</%s>", name);
}

static void put_result(FILE *out, const struct cor_outcome *outcome)
{
	switch (outcome->state) {
	case COR_STATE_FAILED:
		put_element(out, "failure", outcome);
		break;
	case COR_STATE_PASSED_UNEXPECTEDLY:
		fputs("<failure message=\"unexpected success\"></failure>", out);
		break;
	case COR_STATE_ERROR:
		put_element(out, "error", outcome);
		break;
	case COR_STATE_SKIPPED:
		fputs("<skipped", out);
		put_attribute(out, "message", outcome->reason);
		fputs("/>", out);
		break;
	case COR_STATE_FAILED_AS_EXPECTED:
		fputs("<skipped message=\"expected failure\"/>", out);
		break;
	default:
		break;
	}
}

/* A file that cannot be written in full is an error, too. */
static int close_file(FILE *out)
{
	bool failed = ferror(out) != 0;

	return fclose(out) != 0 || failed ? -EIO : 0;
}

/* --- JUnit --- */

static bool is_told(const struct cor_report *report, size_t index)
{
	enum cor_state state = outcome_of(report, index)->state;

	return index < report->runner->plan.len ? state != COR_STATE_NONE : cor_state_is_bad(state);
}

static void put_junit_case(FILE *out, const struct cor_report *report, size_t index)
{
	const struct cor_outcome *outcome = outcome_of(report, index);
	const struct cor_runner *runner = report->runner;
	char buffer[256];

	fputs("  <testcase", out);
	put_attribute(out, "classname", runner->suite->name);
	put_attribute(out, "name", cor_report_name(report, index, buffer, sizeof buffer));
	if (index < runner->plan.len && runner->plan.items[index].test->file) {
		put_attribute(out, "file", runner->plan.items[index].test->file);
		fprintf(out, " line=\"%d\"", runner->plan.items[index].test->line);
	}
	fprintf(out, " time=\"%.3f\">", seconds_of(outcome));
	put_result(out, outcome);
	if (cor_state_is_bad(outcome->state) && outcome->output_len > 0) {
		fputs("<system-out>", out);
		cor_clean_xml(out, outcome->output, outcome->output_len);
		fputs("</system-out>", out);
	}
	fputs("</testcase>\n", out);
}

struct sums {
	unsigned tests, failures, errors, skipped;
};

static struct sums sum_up(const struct cor_report *report)
{
	struct sums sums = { 0 };

	for (size_t i = 0; i < report->runner->outcomes_len; i++) {
		enum cor_state state = outcome_of(report, i)->state;
		sums.tests += is_told(report, i);
		sums.errors += state == COR_STATE_ERROR;
		sums.failures += state == COR_STATE_FAILED ||
				 state == COR_STATE_PASSED_UNEXPECTEDLY;
		sums.skipped += i < report->runner->plan.len &&
				(state == COR_STATE_SKIPPED ||
					state == COR_STATE_FAILED_AS_EXPECTED);
	}
	return sums;
}

int cor_xml_write_junit(const struct cor_report *report, const char *path)
{
	FILE *out = fopen(path, "we");
	struct sums sums = sum_up(report);

	if (!out)
		return -errno;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n <testsuite", out);
	put_attribute(out, "name", report->runner->suite->name);
	fprintf(out, " tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\" time=\"%.3f\">\n",
		sums.tests, sums.failures, sums.errors, sums.skipped,
		(double)(cor_monotonic_ns() - report->begun_ns) / 1e9);
	for (size_t i = 0; i < report->runner->outcomes_len; i++)
		if (is_told(report, i))
			put_junit_case(out, report, i);
	fputs(" </testsuite>\n</testsuites>\n", out);
	return close_file(out);
}

/* --- Sonar --- */

static const char *file_of(const struct cor_report *report, size_t index)
{
	const char *file = report->runner->plan.items[index].test->file;

	return file ? file : "";
}

static void put_sonar_case(FILE *out, const struct cor_report *report, size_t index)
{
	const struct cor_outcome *outcome = outcome_of(report, index);

	fputs("  <testCase", out);
	put_attribute(out, "name", report->runner->plan.items[index].name);
	fprintf(out, " duration=\"%" PRId64 "\">", (int64_t)(seconds_of(outcome) * 1000));
	put_result(out, outcome);
	fputs("</testCase>\n", out);
}

static bool is_first_of_file(const struct cor_report *report, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (is_told(report, i) && strcmp(file_of(report, i), file_of(report, index)) == 0)
			return false;
	return true;
}

/* It wants the tests of a file together, and knows no fixtures. */
int cor_xml_write_sonar(const struct cor_report *report, const char *path)
{
	FILE *out = fopen(path, "we");
	size_t len = report->runner->plan.len;

	if (!out)
		return -errno;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testExecutions version=\"1\">\n", out);
	for (size_t i = 0; i < len; i++) {
		if (!is_told(report, i) || !is_first_of_file(report, i))
			continue;
		fputs(" <file", out);
		put_attribute(out, "path", file_of(report, i));
		fputs(">\n", out);
		for (size_t j = i; j < len; j++)
			if (is_told(report, j) &&
				strcmp(file_of(report, i), file_of(report, j)) == 0)
				put_sonar_case(out, report, j);
		fputs(" </file>\n", out);
	}
	fputs("</testExecutions>\n", out);
	return close_file(out);
}
