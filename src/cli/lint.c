/* SPDX-License-Identifier: MIT */
/* coracle lint: what analysers find, as one list. */
#include <errno.h>
#include <string.h>

#include "cli/analysers.h"
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/project.h"
#include "lint/baseline.h"
#include "lint/reports.h"

#define COMMANDS "compile_commands.json"
#define BASELINE "lint.baseline.json"

/* The sources of findings, by path. */
static struct cor_str text_of(void *arg, const char *path)
{
	const struct cor_analysis *analysis = arg;
	const char *whole = cor_cli_path(analysis->cli, path);
	struct cor_str text = { "", 0 };

	if (cor_cli_exists(whole))
		(void)!cor_cli_read_file(analysis->cli, whole, &text);
	return text;
}

/* What is kept is of a build: of another one beside what says how it compiles. */
static const char *kept_folder(const struct cor_cli *cli, const char *commands)
{
	const char *slash = commands ? strrchr(commands, '/') : NULL;

	if (!commands)
		return "build/lint";
	return slash ? cor_cli_text(cli, "%.*s/lint", (int)(slash - commands), commands) : "lint";
}

static int analyse(struct cor_cli *cli, struct cor_analysis *analysis)
{
	struct cor_project project;
	int rc = COR_CLI_OK;

	*analysis = (struct cor_analysis){
		.cli = cli,
		.commands = cor_cli_value(cli, "--commands"),
		.include = cli->words[0] ? cli->words[0] : cor_cli_value(cli, "--include"),
		.omit = cor_cli_value(cli, "--omit"),
		.findings = { .arena = cli->arena },
		.kept = { .cli = cli, .digests = { .cli = cli } },
	};
	analysis->kept.folder = cor_cli_path(cli, kept_folder(cli, analysis->commands));
	if (!analysis->commands) {
		analysis->commands = COMMANDS;
		rc = cor_project_open(cli, &project);
		if (rc == COR_CLI_OK)
			rc = cor_project_make(cli, &project, COMMANDS, NULL);
	}
	if (rc == COR_CLI_OK)
		rc = cor_cli_analyse(analysis, cor_cli_value(cli, "--tools"));
	cor_kept_runs_clear(&analysis->kept);
	if (rc != COR_CLI_OK)
		return rc;
	cor_findings_leave_out(&analysis->findings, "gcc", text_of, analysis);
	cor_findings_mark(&analysis->findings, text_of, analysis);
	return COR_CLI_OK;
}

static int read_baseline(struct cor_cli *cli, struct cor_analysis *analysis)
{
	const char *said = cor_cli_value(cli, "--baseline");
	const char *path = cor_cli_path(cli, said ? said : BASELINE);
	struct cor_str text;
	size_t gone = 0;

	if (!said && !cor_cli_exists(path))
		return COR_CLI_OK;
	int rc = cor_cli_read_file(cli, path, &text);
	if (rc != COR_CLI_OK)
		return rc;
	if (cor_baseline_read(&analysis->findings, analysis->tools, text, &gone) < 0)
		return cor_cli_fail(cli, COR_CLI_DATA,
			"%s is no baseline: coracle lint --write-baseline makes one", path);
	if (gone && !analysis->include && !analysis->omit)
		cor_cli_say(cli,
			"%zu finding%s of %s %s no more: --write-baseline takes them out of it",
			gone, gone == 1 ? "" : "s", path, gone == 1 ? "is" : "are");
	return COR_CLI_OK;
}

static int write_baseline(struct cor_cli *cli, const struct cor_findings *findings)
{
	const char *said = cor_cli_value(cli, "--baseline");
	const char *path = cor_cli_path(cli, said ? said : BASELINE);
	struct cor_buffer buffer = { 0 };

	cor_baseline_write(findings, &buffer);
	int rc = cor_cli_replace_file(cli, path, cor_cli_take(cli, &buffer));
	if (rc == COR_CLI_OK)
		cor_cli_say(cli, "%s has %zu finding%s: what is new from now on is told", path,
			findings->len, findings->len == 1 ? "" : "s");
	return rc;
}

static int write_reports(struct cor_cli *cli, const struct cor_analysis *analysis)
{
	const char *sarif = cor_cli_value(cli, "--sarif"), *sonar = cor_cli_value(cli, "--sonar");
	struct cor_buffer buffer = { 0 };
	int rc = COR_CLI_OK;

	if (sarif) {
		cor_findings_sarif(&analysis->findings, analysis->tools, &buffer);
		rc = cor_cli_replace_file(
			cli, cor_cli_path(cli, sarif), cor_cli_take(cli, &buffer));
	}
	if (rc == COR_CLI_OK && sonar) {
		buffer = (struct cor_buffer){ 0 };
		cor_findings_sonar(&analysis->findings, &buffer);
		rc = cor_cli_replace_file(
			cli, cor_cli_path(cli, sonar), cor_cli_take(cli, &buffer));
	}
	return rc;
}

/* "3 findings, 1 of them new: clang-tidy 2, cppcheck 0, gcc 1" */
static size_t sum_up(struct cor_cli *cli, const struct cor_analysis *analysis)
{
	const struct cor_findings *findings = &analysis->findings;
	const char *each = "";
	size_t new = 0;

	for (size_t i = 0; i < findings->len; i++)
		new += !findings->items[i].is_known;
	for (size_t tool = 0; analysis->tools[tool]; tool++) {
		size_t its = 0;
		for (size_t i = 0; i < findings->len; i++)
			its += strcmp(findings->items[i].tool, analysis->tools[tool]) == 0;
		each = cor_cli_text(
			cli, "%s%s %s %zu", each, tool ? "," : "", analysis->tools[tool], its);
	}
	if (new == findings->len)
		cor_cli_say(cli, "%zu finding%s:%s", new, new == 1 ? "" : "s", each);
	else
		cor_cli_say(cli, "%zu finding%s, %zu of them new:%s", findings->len,
			findings->len == 1 ? "" : "s", new, each);
	return new;
}

static int run(struct cor_cli *cli)
{
	struct cor_buffer buffer = { 0 };
	struct cor_analysis analysis;
	int rc = analyse(cli, &analysis);

	bool is_written = cor_cli_has(cli, "--write-baseline");
	if (rc == COR_CLI_OK && is_written)
		rc = write_baseline(cli, &analysis.findings);
	if (rc == COR_CLI_OK)
		rc = read_baseline(cli, &analysis);
	if (rc == COR_CLI_OK)
		rc = write_reports(cli, &analysis);
	if (rc != COR_CLI_OK)
		return rc;
	if (cor_cli_has(cli, "--json"))
		cor_findings_json(&analysis.findings, &buffer);
	else if (is_written)
		return COR_CLI_OK;
	else
		cor_findings_text(&analysis.findings, &buffer);
	rc = cor_cli_print(cli, &buffer);
	size_t new = sum_up(cli, &analysis);
	return rc == COR_CLI_OK && new ? COR_CLI_NO : rc;
}

const struct cor_cli_verb cor_cli_lint = {
	.name = "lint",
	.arguments = "[PATTERN]",
	.summary = "Run the analysers that are there, and list what they find as one",
	.doc = "clang-tidy, cppcheck, gcc's analyser (-fanalyzer, with the warnings of the Makefile), and rules\n"
	       "of our own: calls that hold a thread of the server, overrun, or share what threads must not\n"
	       "share. The status is 1 if they find what the baseline does not have.\n"
	       "\n"
	       "What they said of a source is kept in build/lint, until it, a header, a flag or the tool changes.\n"
	       "\n"
	       "A file .clang-tidy chooses the checks of clang-tidy. NOLINT in a line, NOLINTNEXTLINE and\n"
	       "cppcheck-suppress in the line before, leave a finding out where it is wrong.\n"
	       "lint.baseline.json has what was there when a project began with this; findings are known by the\n"
	       "text of their line, not by its number.",
	.words_max = 1,
	.options = {
		{ "--tools", NULL, "NAMES", "Only these, with commas: coracle, gcc, clang-tidy, cppcheck", "coracle gcc clang-tidy cppcheck" },
		{ "--include", NULL, "PATTERN", "Only these files; PATTERN alone does the same" },
		{ "--omit", NULL, "PATTERN", "Not these files" },
		{ "--baseline", NULL, "FILE", "What is known; default lint.baseline.json, if it is there" },
		{ "--write-baseline", NULL, NULL, "Write what is found now as the baseline" },
		{ "--sarif", NULL, "FILE", "Write SARIF 2.1.0" },
		{ "--sonar", NULL, "FILE", "Write Sonar's generic issues" },
		{ "--json", NULL, NULL, "Print JSON in place of lines" },
		{ "--commands", NULL, "FILE", "How sources are compiled, of another build: compile_commands.json" },
	},
	.run = run,
};
