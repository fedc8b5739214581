/* SPDX-License-Identifier: MIT */
/* coracle test: all test programs, as one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <coracle/clock.h>

#include "cli/cli.h"
#include "cli/files.h"
#include "cli/project.h"
#include "cli/service.h"
#include "cli/sources_watch.h"
#include "cli/test_contract.h"
#include "cli/test_report.h"
#include "cli/test_runner.h"
#include "cli/touched.h"

/* A round: from building to the summary. */
struct round {
	struct cor_cli *cli;
	struct cor_project project;
	struct cor_test_program *programs;
	size_t len;
	bool is_touched; /* only those that a change touches */
	struct timespec begun;
};

/* --- which programs, and which of their tests --- */

static const char *failed_path(const struct round *round)
{
	return cor_cli_text(round->cli, "%s/test/.failed", round->project.build);
}

/* A TEXT of the command line is part of a program's name. */
static bool is_named(const struct cor_cli *cli, const char *name)
{
	for (size_t i = 0; i < cli->words_len; i++) {
		if (strstr(name, cli->words[i]))
			return true;
	}
	return cli->words_len == 0;
}

/* The tests of a program that failed the last time it ran; NULL: none did. */
static const char **failed_of(
	const struct cor_cli *cli, const char *text, const struct cor_test_program *program)
{
	size_t name = strlen(program->name), len = 0, lines = 1;

	for (const char *at = text; *at; at++)
		lines += *at == '\n';
	const char **only = cor_cli_alloc(cli, (lines + 1) * sizeof *only);
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		if (strncmp(line, program->name, name) == 0 && line[name] == '\t')
			only[len++] = cor_cli_text(cli, "%.*s",
				(int)(strcspn(line, "\n") - name - 1), line + name + 1);
	}
	return len ? only : NULL;
}

static const char *failed_text(const struct round *round)
{
	const char *path = cor_cli_path(round->cli, failed_path(round));
	struct cor_str text = { "", 0 };

	if (cor_cli_exists(path))
		(void)cor_cli_read_file(round->cli, path, &text);
	return cor_cli_text(round->cli, "%.*s", (int)text.len, text.data);
}

/* An empty name stands for all tests of a program: something failed that is no test. */
static bool all_are_meant(const char *const *only)
{
	for (; *only; only++) {
		if (!(*only)[0])
			return true;
	}
	return false;
}

static void choose(struct round *round)
{
	bool last_failed = cor_cli_has(round->cli, "--lf");
	const char *text = last_failed ? failed_text(round) : "";

	for (size_t i = 0; i < round->len; i++) {
		struct cor_test_program *program = &round->programs[i];
		program->is_chosen = is_named(round->cli, program->name);
		if (program->is_chosen && last_failed && text[0]) {
			program->only = failed_of(round->cli, text, program);
			program->is_chosen = program->only != NULL;
			if (program->only && all_are_meant(program->only))
				program->only = NULL;
		}
		program->shows_note = cor_cli_has(round->cli, "--contract");
		if (program->shows_note && !cor_test_is_contract(program->name))
			program->is_chosen = false;
		if (program->is_chosen && round->is_touched)
			program->is_chosen = cor_touched(round->cli, program->path);
	}
}

/* --- what is remembered for the next time --- */

static void remember_failures(const struct round *round)
{
	const char *old = failed_text(round);
	struct cor_buffer text = { 0 };

	for (size_t i = 0; i < round->len; i++) {
		const struct cor_test_program *program = &round->programs[i];
		const char **only = program->is_chosen ? NULL : failed_of(round->cli, old, program);
		for (; only && *only; only++)
			cor_buffer_printf(&text, "%s\t%s\n", program->name, *only);
		for (const struct cor_test_result *r = program->first; r; r = r->next) {
			if (cor_test_is_failure(r->state))
				cor_buffer_printf(&text, "%s\t%s\n", program->name,
					r->is_fixture ? "" : r->name);
		}
	}
	(void)cor_cli_replace_file(round->cli, cor_cli_path(round->cli, failed_path(round)),
		cor_cli_take(round->cli, &text));
}

/* As of the round's beginning: a file that has changed since then counts the next time. */
static void remember_passed(const struct round *round)
{
	bool is_part = cor_cli_has(round->cli, "--keyword");

	for (size_t i = 0; i < round->len; i++) {
		const struct cor_test_program *program = &round->programs[i];
		if (!program->is_chosen || !program->ended_ns)
			continue;
		if (cor_test_failures(program))
			cor_touched_set(round->cli, program->path, NULL);
		else if (!is_part && !program->only)
			cor_touched_set(round->cli, program->path, &round->begun);
	}
}

/* --- a round --- */

static void tell(void *self, const struct cor_test_program *program)
{
	const struct round *round = self;
	struct cor_buffer buffer = { 0 };

	if (cor_cli_has(round->cli, "--json"))
		return;
	if (cor_test_count(program) || cor_test_failures(program))
		cor_test_write_program(round->cli, program, &buffer);
	(void)cor_cli_print(round->cli, &buffer);
}

static int write_reports(const struct round *round, int64_t ns)
{
	struct cor_cli *cli = round->cli;
	const char *junit = cor_cli_value(cli, "--junit");
	struct cor_buffer buffer = { 0 };
	int rc = COR_CLI_OK;

	if (junit) {
		cor_test_write_junit(round->programs, round->len, &buffer);
		rc = cor_cli_replace_file(
			cli, cor_cli_path(cli, junit), cor_cli_take(cli, &buffer));
	}
	if (rc == COR_CLI_OK && cor_cli_has(cli, "--json"))
		rc = cor_test_write_json(cli, round->programs, round->len, &buffer);
	else if (rc == COR_CLI_OK)
		cor_test_write_summary(round->programs, round->len, ns, &buffer);
	return rc == COR_CLI_OK ? cor_cli_print(cli, &buffer) : rc;
}

/* "": it is for another reason than that no program has a name as was given. */
static const char *why_none(const struct round *round)
{
	struct cor_buffer buffer = { 0 };

	for (size_t i = 0; i < round->len; i++)
		if (is_named(round->cli, round->programs[i].name))
			return "";
	cor_buffer_printf(&buffer, ": no program has %s in its name; there are",
		round->cli->words_len > 1 ? "one of these" : round->cli->words[0]);
	for (size_t i = 0; i < round->len; i++)
		cor_buffer_printf(&buffer, "%s %s", i ? "," : "", round->programs[i].name);
	cor_buffer_byte(&buffer, '\0');
	return cor_cli_take(round->cli, &buffer).data;
}

static int verdict(const struct round *round)
{
	size_t failures = 0, tests = 0;

	for (size_t i = 0; i < round->len; i++) {
		failures += cor_test_failures(&round->programs[i]);
		tests += cor_test_count(&round->programs[i]);
	}
	if (failures)
		return COR_CLI_NO;
	if (tests || round->is_touched)
		return COR_CLI_OK;
	if (round->len == 0)
		return cor_cli_fail(
			round->cli, COR_CLI_NOTHING, "there is no test: test/**/test_*.c is none");
	return cor_cli_fail(round->cli, COR_CLI_NOTHING, "no test was selected%s", why_none(round));
}

static int read_jobs(const struct cor_cli *cli, size_t *ret)
{
	const char *text = cor_cli_value(cli, "--jobs");
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	char *end = NULL;

	*ret = processors > 0 ? (size_t)processors : 1;
	if (!text)
		return COR_CLI_OK;
	long jobs = strtol(text, &end, 10);
	if (end == text || *end || jobs < 1 || jobs > 1000)
		return cor_cli_fail(cli, COR_CLI_USAGE, "--jobs %s: must be 1 to 1000", text);
	*ret = (size_t)jobs;
	return COR_CLI_OK;
}

static int build(struct round *round)
{
	const char *sanitize = cor_cli_value(round->cli, "--sanitize");
	int rc = cor_project_open(round->cli, &round->project);

	if (rc != COR_CLI_OK)
		return rc;
	cor_project_warn_of(round->cli, sanitize);
	if (sanitize)
		round->project.build = cor_cli_text(round->cli, "build/%s", sanitize);
	if (cor_cli_has(round->cli, "--contract"))
		return cor_test_contract_build(round->cli, &round->project, sanitize);
	return cor_project_make(round->cli, &round->project, "tests", sanitize);
}

static int run_round(struct round *round)
{
	struct cor_cli *cli = round->cli;
	struct cor_test_runner runner = {
		.cli = cli,
		.keyword = cor_cli_value(cli, "--keyword"),
		.stops_early = cor_cli_has(cli, "--failfast"),
		.arguments = cli->rest,
		.arguments_len = cli->rest_len,
		.ended = tell,
		.self = round,
	};
	int rc = read_jobs(cli, &runner.jobs);

	round->begun = cor_now();
	if (rc == COR_CLI_OK)
		rc = build(round);
	if (rc != COR_CLI_OK)
		return rc;
	setenv("CORACLE_URL", cor_service_url(cli, round->project.name), 1);
	round->programs = cor_test_programs(round->cli, round->project.build, &round->len);
	choose(round);
	runner.project = round->project.name;
	runner.programs = round->programs;
	runner.len = round->len;
	int64_t begun = cor_monotonic_ns();
	rc = cor_test_run_all(&runner);
	if (rc != COR_CLI_OK)
		return rc;
	remember_failures(round);
	remember_passed(round);
	rc = write_reports(round, cor_monotonic_ns() - begun);
	return rc == COR_CLI_OK ? verdict(round) : rc;
}

/* Until Ctrl-C. Each round has memory of its own; what changes during one begins the next. */
static int watch(struct cor_cli *cli)
{
	struct cor_sources_watch sources;
	struct cor_arena arena;
	bool is_first = true;
	int rc = cor_sources_watch_open(&sources, cli);

	while (rc == COR_CLI_OK) {
		struct cor_cli inner = *cli;
		struct round round = { .cli = &inner, .is_touched = !is_first };
		cor_arena_init(&arena, NULL, 0, 0);
		inner.arena = &arena;
		int done = run_round(&round);
		cor_arena_finish(&arena);
		if (done == COR_CLI_USAGE || done == COR_CLI_INPUT)
			return done;
		cor_cli_say(cli, "waiting for a change; Ctrl-C ends it");
		cor_sources_watch_wait(&sources);
		is_first = false;
	}
	return rc;
}

static int run(struct cor_cli *cli)
{
	struct round round = { .cli = cli, .is_touched = cor_cli_has(cli, "--touched") };

	return cor_cli_has(cli, "--watch") ? watch(cli) : run_round(&round);
}

const struct cor_cli_verb cor_cli_test = {
	.name = "test",
	.arguments = "[TEXT ...]",
	.summary = "Build and run the tests",
	.doc = "Builds the program of each test/**/test_*.c, runs them at the same time, and tells what failed\n"
	       "and how much passed. With TEXT: the programs whose names have one of them. What follows --\n"
	       "goes to each program: its own --help says what it takes.\n"
	       "--contract is for programs test_contract*.c, which drive each operation from its tables: it runs\n"
	       "these alone, tells which of the declared statuses no request has seen, and writes\n"
	       "test/test_contract.c if there is none.",
	.choices = "TESTS",
	.words_max = 1000,
	.rest = "OPTION ...",
	.options = {
		{ "--keyword", "-k", "WORDS", "Only tests whose names have this; and, or, not combine words", "TESTS" },
		{ "--contract", NULL, NULL, "Only generated tests, with the statuses that they have seen" },
		{ "--failfast", "-x", NULL, "Stop at the first failure" },
		{ "--lf", NULL, NULL, "Only those that failed the last time; all if none did" },
		{ "--touched", NULL, NULL, "Only programs that changed since all of their tests passed" },
		{ "--watch", NULL, NULL, "Again after each change, those that it touches" },
		{ "--sanitize", NULL, "KIND", "Build into build/KIND with -fsanitize=KIND: address, thread", "address thread address,undefined" },
		{ "--jobs", "-j", "N", "Run so many at the same time; default: the processors" },
		{ "--junit", NULL, "FILE", "Write JUnit's XML, too" },
		{ "--json", NULL, NULL, "Print each test as JSON" },
	},
	.run = run,
};
