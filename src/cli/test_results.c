/* SPDX-License-Identifier: MIT */
#include "cli/test_results.h"

#include <string.h>
#include <unistd.h>

#include <coracle/json_node.h>

#include "base/utf8.h"
#include "cli/service.h"

#define PRINTED_MAX (256 * 1024)
#define LINE_MAX    (64 * 1024 * 1024) /* a longer one is no event */

/* The names of the kit. */
static const char *const states[COR_TEST_STATES] = {
	[COR_TEST_PASSED] = "passed",
	[COR_TEST_FAILED] = "failed",
	[COR_TEST_BROKEN] = "error",
	[COR_TEST_SKIPPED] = "skipped",
	[COR_TEST_EXPECTED] = "expected failure",
	[COR_TEST_SURPRISED] = "unexpected success",
};

bool cor_test_is_failure(enum cor_test_state state)
{
	return state == COR_TEST_FAILED || state == COR_TEST_BROKEN || state == COR_TEST_SURPRISED;
}

size_t cor_test_failures(const struct cor_test_program *program)
{
	size_t failures = 0;

	for (int state = 0; state < COR_TEST_STATES; state++) {
		if (cor_test_is_failure((enum cor_test_state)state))
			failures += program->states[state];
	}
	return failures;
}

size_t cor_test_count(const struct cor_test_program *program)
{
	size_t count = 0;

	for (int state = 0; state < COR_TEST_STATES; state++)
		count += program->states[state];
	return count;
}

static struct cor_test_result *add(const struct cor_cli *cli, struct cor_test_program *program,
	const char *name, enum cor_test_state state)
{
	struct cor_test_result *result = cor_cli_alloc(cli, sizeof *result);

	*result = (struct cor_test_result){
		.name = name, .state = state, .file = "", .text = "", .output = ""
	};
	program->states[state]++;
	if (program->last)
		program->last->next = result;
	else
		program->first = result;
	program->last = result;
	return result;
}

static enum cor_test_state state_named(const char *name)
{
	for (int state = 0; state < COR_TEST_STATES; state++) {
		if (strcmp(states[state], name) == 0)
			return (enum cor_test_state)state;
	}
	return COR_TEST_BROKEN;
}

/* A fixture is told only if it has not passed. */
static void test_ended(
	const struct cor_cli *cli, struct cor_test_program *program, const struct cor_node *event)
{
	enum cor_test_state state = state_named(cor_cli_member(cli, event, "state"));
	bool is_fixture = cor_cli_flag(event, "fixture");

	if ((is_fixture && !cor_test_is_failure(state)) || cor_test_count(program) > COR_TESTS_MAX)
		return;
	struct cor_test_result *result = add(
		cli, program, cor_cli_member(cli, event, "test"), state);
	const char *reason = cor_cli_member(cli, event, "reason");
	result->is_fixture = is_fixture;
	(void)!cor_node_to_double(cor_node_get(event, "ms"), &result->ms);
	result->file = cor_cli_member(cli, event, "file");
	result->line = cor_cli_number(event, "line");
	result->text = cor_cli_member(cli, event, "text");
	if (!result->text[0])
		result->text = reason;
	result->output = cor_cli_member(cli, event, "output");
}

static bool is_event(const struct cor_cli *cli, struct cor_str line, struct cor_node **ret)
{
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): what has a length has bytes */
	return line.len > 2 && line.data[0] == '{' &&
	       cor_node_parse(cli->arena, line, NULL, ret, NULL) == 0 &&
	       cor_node_get(*ret, "event");
}

static void hear_line(
	const struct cor_cli *cli, struct cor_test_program *program, struct cor_str line)
{
	struct cor_node *event;

	if (!is_event(cli, line, &event)) {
		size_t room = PRINTED_MAX - program->printed.len;
		if (program->printed.len >= PRINTED_MAX)
			return;
		cor_buffer_append(&program->printed, line.data, line.len < room ? line.len : room);
		cor_buffer_byte(&program->printed, '\n');
		return;
	}
	const char *name = cor_cli_member(cli, event, "event");
	program->has_events = true;
	program->is_done |= strcmp(name, "done") == 0;
	program->is_refused |= strcmp(name, "refused") == 0;
	if (strcmp(name, "run") == 0)
		program->planned = cor_cli_number(event, "tests");
	if (strcmp(name, "begin") == 0)
		program->current = cor_cli_member(cli, event, "test");
	if (strcmp(name, "end") == 0) {
		test_ended(cli, program, event);
		const char *ended = cor_cli_member(cli, event, "test");
		if (program->current && strcmp(program->current, ended) == 0)
			program->current = NULL;
	}
	if (strcmp(name, "note") == 0) {
		program->summary = cor_cli_member(cli, event, "summary");
		program->note = cor_cli_member(cli, event, "text");
	}
}

void cor_test_hear(
	const struct cor_cli *cli, struct cor_test_program *program, const char *bytes, size_t len)
{
	struct cor_buffer *unread = &program->unread;
	size_t from = 0, seen = unread->len;

	cor_buffer_append(unread, bytes, len);
	for (char *end; unread->len > seen &&
			(end = memchr(unread->data + seen, '\n', unread->len - seen));) {
		size_t at = (size_t)(end - unread->data);
		hear_line(cli, program, (struct cor_str){ unread->data + from, at - from });
		from = seen = at + 1;
	}
	if (from == 0 && unread->len > LINE_MAX) {
		hear_line(cli, program, (struct cor_str){ unread->data, unread->len });
		from = unread->len;
	}
	if (from) {
		memmove(unread->data, unread->data + from, unread->len - from);
		unread->len -= from;
	}
}

/* "ended with status 3", "was ended by signal 11 (Segmentation fault)" */
static const char *ending(const struct cor_cli *cli, int status)
{
	if (status > 128)
		return cor_cli_text(cli, "the program was ended by signal %d (%s)", status - 128,
			strsignal(status - 128));
	return cor_cli_text(cli, "the program ended with status %d", status);
}

static void read_errors(struct cor_test_program *program)
{
	char bytes[4096];
	ssize_t len;

	for (off_t at = 0; program->printed.len < PRINTED_MAX &&
			   (len = pread(program->errors, bytes, sizeof bytes, at)) > 0;
		at += len)
		cor_buffer_append(&program->printed, bytes, (size_t)len);
}

/* One that has told all of its tests may still be ended by a sanitizer, or in an exit handler. */
static bool has_ended_well(const struct cor_test_program *program)
{
	bool is_explained = program->status == 0 || cor_test_failures(program) > 0 ||
			    (program->status == COR_CLI_NOTHING && cor_test_count(program) == 0);

	return program->is_done && is_explained;
}

void cor_test_conclude(const struct cor_cli *cli, struct cor_test_program *program, int status)
{
	struct cor_str last = { program->unread.data, program->unread.len };

	if (last.len)
		hear_line(cli, program, last);
	cor_buffer_finish(&program->unread);
	read_errors(program);
	if (program->printed.len)
		cor_utf8_mend(program->printed.data, program->printed.len);
	struct cor_str printed = cor_cli_take(cli, &program->printed);
	program->status = status;
	if (program->is_refused)
		program->refusal = cor_cli_text(
			cli, "%.*s", (int)strcspn(printed.data, "\n"), printed.data);
	if (program->is_stopped || program->is_refused)
		return;
	if (program->has_events ? has_ended_well(program) : status == 0) {
		if (!program->has_events)
			add(cli, program, strrchr(program->name, '/') + 1, COR_TEST_PASSED);
		return;
	}
	if (program->has_events == false && status == COR_CLI_NOTHING)
		return;
	struct cor_test_result *result = add(cli, program, strrchr(program->name, '/') + 1,
		program->has_events ? COR_TEST_BROKEN : COR_TEST_FAILED);
	result->is_fixture = true;
	result->text = ending(cli, status);
	result->output = cor_cli_text(cli, "%.*s", (int)printed.len, printed.data);
}
