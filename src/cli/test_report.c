/* SPDX-License-Identifier: MIT */
#include "cli/test_report.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include <coracle/json_write.h>

#include "base/markup.h"

#define NS_PER_S 1e9

/* --- for people --- */

static const char *const names[COR_TEST_STATES] = {
	[COR_TEST_PASSED] = "passed",
	[COR_TEST_FAILED] = "failed",
	[COR_TEST_BROKEN] = "in error",
	[COR_TEST_SKIPPED] = "skipped",
	[COR_TEST_EXPECTED] = "failed as expected",
	[COR_TEST_SURPRISED] = "passed unexpectedly",
};

static void write_counts(const size_t *states, struct cor_buffer *buffer)
{
	bool any = false;

	for (int state = 0; state < COR_TEST_STATES; state++) {
		if (states[state] == 0)
			continue;
		cor_buffer_printf(buffer, "%s%zu %s", any ? ", " : "", states[state], names[state]);
		any = true;
	}
	if (!any)
		cor_buffer_literal(buffer, "no test");
}

/* Each line of a text, a step to the right. */
static void write_lines(const char *text, const char *margin, struct cor_buffer *buffer)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		cor_buffer_printf(buffer, "%s%.*s\n", margin, (int)len, text);
		text += len + (text[len] == '\n');
	}
}

static void write_failure(const struct cor_test_result *result, struct cor_buffer *buffer)
{
	cor_buffer_printf(buffer, "  %s", result->name);
	if (result->file[0])
		cor_buffer_printf(buffer, "  %s:%" PRId64, result->file, result->line);
	cor_buffer_byte(buffer, '\n');
	write_lines(result->state == COR_TEST_SURPRISED ? "has passed, and is expected to fail"
							: result->text,
		"    ", buffer);
	if (result->output[0]) {
		cor_buffer_literal(buffer, "    --- it printed ---\n");
		write_lines(result->output, "    ", buffer);
	}
}

void cor_test_write_program(const struct cor_cli *cli, const struct cor_test_program *program,
	struct cor_buffer *buffer)
{
	bool failed = cor_test_failures(program) > 0,
	     has_colour = cor_cli_wants_colour(STDOUT_FILENO);
	const char *colour = !has_colour ? "" : failed ? "\033[1;31m" : "\033[32m";

	cor_buffer_printf(buffer, "%s%s%s  %s  ", colour, failed ? "FAIL" : "ok  ",
		has_colour ? "\033[0m" : "", program->name);
	write_counts(program->states, buffer);
	cor_buffer_printf(
		buffer, ", %.0f ms\n", (double)(program->ended_ns - program->begun_ns) / 1e6);
	if (program->note && program->shows_note)
		write_lines(program->note, "  ", buffer);
	else if (program->summary)
		cor_buffer_printf(buffer, "  %s: coracle test --contract\n", program->summary);
	for (const struct cor_test_result *result = program->first; result; result = result->next) {
		if (cor_test_is_failure(result->state))
			write_failure(result, buffer);
		else if (cli->is_verbose)
			cor_buffer_printf(buffer, "  %s  %s, %.1f ms%s%s\n", result->name,
				names[result->state], result->ms, result->text[0] ? ": " : "",
				result->text);
	}
}

void cor_test_write_summary(
	const struct cor_test_program *programs, size_t len, int64_t ns, struct cor_buffer *buffer)
{
	size_t states[COR_TEST_STATES] = { 0 };

	for (size_t i = 0; i < len; i++) {
		for (int state = 0; state < COR_TEST_STATES; state++)
			states[state] += programs[i].states[state];
	}
	write_counts(states, buffer);
	cor_buffer_printf(buffer, " in %.2f s\n", (double)ns / NS_PER_S);
}

/* --- JSON --- */

static void put_text(struct cor_json_writer *writer, const char *key, const char *text)
{
	if (!text[0])
		return;
	cor_write_key(writer, key);
	cor_write_string(writer, text);
}

static void put_result(struct cor_json_writer *writer, const struct cor_test_result *result)
{
	cor_write_object(writer);
	put_text(writer, "test", result->name);
	put_text(writer, "state", names[result->state]);
	cor_write_key(writer, "ms");
	cor_write_double(writer, result->ms);
	put_text(writer, "file", result->file);
	if (result->line) {
		cor_write_key(writer, "line");
		cor_write_int64(writer, result->line);
	}
	put_text(writer, "text", result->text);
	put_text(writer, "output", result->output);
	cor_write_end(writer);
}

int cor_test_write_json(const struct cor_cli *cli, const struct cor_test_program *programs,
	size_t len, struct cor_buffer *buffer)
{
	struct cor_json_writer *writer = cor_write_begin(cli->arena, NULL);
	struct cor_str text;

	cor_write_object(writer);
	cor_write_key(writer, "programs");
	cor_write_array(writer);
	for (size_t i = 0; i < len; i++) {
		if (!programs[i].is_chosen)
			continue;
		cor_write_object(writer);
		put_text(writer, "program", programs[i].name);
		put_text(writer, "note", programs[i].note ? programs[i].note : "");
		cor_write_key(writer, "ms");
		cor_write_double(
			writer, (double)(programs[i].ended_ns - programs[i].begun_ns) / 1e6);
		cor_write_key(writer, "tests");
		cor_write_array(writer);
		for (const struct cor_test_result *r = programs[i].first; r; r = r->next)
			put_result(writer, r);
		cor_write_end(writer);
		cor_write_end(writer);
	}
	cor_write_end(writer);
	cor_write_end(writer);
	if (cor_write_finish(writer, &text) < 0)
		return cor_cli_fail(cli, COR_CLI_SOFTWARE, "what tests said has no JSON");
	cor_buffer_append_str(buffer, text);
	cor_buffer_byte(buffer, '\n');
	return COR_CLI_OK;
}

/* --- JUnit --- */

static void xml_attribute(struct cor_buffer *buffer, const char *name, const char *value)
{
	cor_buffer_printf(buffer, " %s=\"", name);
	cor_markup(buffer, cor_str(value));
	cor_buffer_byte(buffer, '"');
}

static void xml_element(struct cor_buffer *buffer, const char *name, const char *text)
{
	cor_buffer_printf(buffer, "<%s>", name);
	cor_markup(buffer, cor_str(text));
	cor_buffer_printf(buffer, "</%s>", name);
}

static void xml_case(const struct cor_test_program *program, const struct cor_test_result *result,
	struct cor_buffer *buffer)
{
	cor_buffer_literal(buffer, "\t\t<testcase");
	xml_attribute(buffer, "classname", program->name);
	xml_attribute(buffer, "name", result->name);
	if (result->file[0]) {
		xml_attribute(buffer, "file", result->file);
		cor_buffer_printf(buffer, " line=\"%" PRId64 "\"", result->line);
	}
	cor_buffer_printf(buffer, " time=\"%.6f\">", result->ms / 1e3);
	if (result->state == COR_TEST_BROKEN)
		xml_element(buffer, "error", result->text);
	else if (cor_test_is_failure(result->state))
		xml_element(buffer, "failure", result->text);
	else if (result->state != COR_TEST_PASSED)
		xml_element(buffer, "skipped", result->text);
	if (result->output[0])
		xml_element(buffer, "system-out", result->output);
	cor_buffer_literal(buffer, "</testcase>\n");
}

void cor_test_write_junit(
	const struct cor_test_program *programs, size_t len, struct cor_buffer *buffer)
{
	cor_buffer_literal(buffer, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
	for (size_t i = 0; i < len; i++) {
		const struct cor_test_program *program = &programs[i];
		if (!program->is_chosen)
			continue;
		cor_buffer_literal(buffer, "\t<testsuite");
		xml_attribute(buffer, "name", program->name);
		cor_buffer_printf(buffer,
			" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.6f\">\n",
			cor_test_count(program),
			program->states[COR_TEST_FAILED] + program->states[COR_TEST_SURPRISED],
			program->states[COR_TEST_BROKEN],
			program->states[COR_TEST_SKIPPED] + program->states[COR_TEST_EXPECTED],
			(double)(program->ended_ns - program->begun_ns) / NS_PER_S);
		for (const struct cor_test_result *r = program->first; r; r = r->next)
			xml_case(program, r, buffer);
		cor_buffer_literal(buffer, "\t</testsuite>\n");
	}
	cor_buffer_literal(buffer, "</testsuites>\n");
}
