/* SPDX-License-Identifier: MIT */
/* coracle cover: which lines the tests run. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <coracle/clock.h>

#include "cli/changed_lines.h"
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/gathered.h"
#include "cli/project.h"
#include "cli/test_report.h"
#include "cli/test_runner.h"
#include "coverage/figures.h"
#include "coverage/formats.h"
#include "coverage/pages.h"
#include "coverage/table.h"

#define BUILD "build/cover"

struct covering {
	struct cor_cover_options options;
	double wanted; /* --fail-under; negative: nothing */
	const char *data;
	struct cor_coverage coverage;
};

static int read_options(const struct cor_cli *cli, struct covering *covering)
{
	double precision = 0;
	int rc = cor_cli_read_count(cli, "--precision", 0, 9, &precision);

	covering->wanted = -1;
	if (rc == COR_CLI_OK)
		rc = cor_cli_read_number(cli, "--fail-under", 0, 100, &covering->wanted);
	char *root = realpath(cli->folder, NULL);
	if (!root)
		return cor_cli_fail(cli, COR_CLI_INPUT, "%s is no folder", cli->folder);
	covering->options = (struct cor_cover_options){
		.with_branches = cor_cli_has(cli, "--branch"),
		.skips_covered = cor_cli_has(cli, "--skip-covered"),
		.precision = (unsigned)precision,
		.root = cor_cli_text(cli, "%s", root),
		.time_s = (int64_t)cor_now().tv_sec,
	};
	free(root);
	return rc;
}

/* --- running the tests --- */

/* Beside the table, which is what others read. */
static void tell(void *self, const struct cor_test_program *program)
{
	const struct cor_cli *cli = self;
	struct cor_buffer buffer = { 0 };

	cor_test_write_program(cli, program, &buffer);
	const struct cor_str text = cor_cli_take(cli, &buffer);
	fwrite(text.data, 1, text.len, stderr);
}

static int run_tests(struct cor_cli *cli, const struct cor_project *project)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct cor_test_runner runner = { .cli = cli,
		.project = project->name,
		.jobs = processors > 0 ? (size_t)processors : 1,
		.ended = tell,
		.self = cli };

	runner.programs = cor_test_programs(cli, project->build, &runner.len);
	int rc = cor_test_run_all(&runner);
	for (size_t i = 0; rc == COR_CLI_OK && i < runner.len; i++)
		if (cor_test_failures(&runner.programs[i]))
			rc = COR_CLI_NO;
	return rc;
}

/* Returns as cor_cli_run(), or COR_CLI_NO: a test failed. */
static int measure(struct cor_cli *cli, struct covering *covering)
{
	struct cor_project project;
	int rc = cor_project_open(cli, &project);

	if (rc != COR_CLI_OK)
		return rc;
	project.build = BUILD;
	covering->data = BUILD;
	setenv("CFLAGS", "-O0 -g --coverage -fprofile-update=atomic", 1);
	setenv("CC", "gcc", 1); /* whose gcov it is */
	rc = cor_project_make(cli, &project, "tests", NULL);
	if (rc != 0)
		return rc;
	if (!cor_cli_has(cli, "--append"))
		cor_cli_forget_counts(cli, covering->data);
	return run_tests(cli, &project);
}

static int gather(struct cor_cli *cli, struct covering *covering)
{
	const char *omit = cor_cli_value(cli, "--omit");
	const struct cor_gathering gathering = {
		.data = covering->data,
		.root = covering->options.root,
		.include = cor_cli_value(cli, "--include"),
		.omit = omit ? cor_cli_text(cli, "%s,test/*,build/*", omit) : "test/*,build/*",
		.exclude = cor_cli_value(cli, "--exclude"),
	};
	int rc = cor_cli_gather(cli, &gathering, &covering->coverage);

	if (rc == COR_CLI_OK && covering->coverage.files_len == 0)
		return cor_cli_fail(cli, COR_CLI_INPUT,
			"no file that was compiled fits --include and --omit: nothing was measured");
	if (rc == COR_CLI_OK && cor_cli_value(cli, "--against"))
		rc = cor_cli_keep_changed(
			cli, cor_cli_value(cli, "--against"), &covering->coverage);
	return rc;
}

/* --- reports --- */

static int write_report(struct cor_cli *cli, const char *path, struct cor_buffer *buffer)
{
	const struct cor_str text = cor_cli_take(cli, buffer);

	return cor_cli_replace_file(cli, cor_cli_path(cli, path), text);
}

static int write_pages(struct cor_cli *cli, const struct covering *covering, const char *folder)
{
	struct cor_buffer buffer = { 0 }, name;
	int rc = COR_CLI_OK;

	cor_cover_index_page(&covering->coverage, &covering->options, &buffer);
	rc = write_report(cli, cor_cli_text(cli, "%s/index.html", folder), &buffer);
	for (size_t i = 0; rc == COR_CLI_OK && i < covering->coverage.files_len; i++) {
		const struct cor_file_counts *file = &covering->coverage.files[i];
		name = (struct cor_buffer){ 0 };
		buffer = (struct cor_buffer){ 0 };
		cor_cover_page_name(file, &name);
		cor_cover_file_page(file, &covering->options, &buffer);
		const struct cor_str text = cor_cli_take(cli, &name);
		rc = write_report(cli,
			cor_cli_text(cli, "%s/%.*s", folder, (int)text.len, text.data), &buffer);
	}
	return rc;
}

static int write_files(struct cor_cli *cli, const struct covering *covering)
{
	const char *lcov = cor_cli_value(cli, "--lcov"), *sonar = cor_cli_value(cli, "--sonar");
	const char *cobertura = cor_cli_value(cli, "--cobertura");
	struct cor_buffer buffer = { 0 };
	int rc = COR_CLI_OK;

	if (lcov) {
		cor_cover_lcov(&covering->coverage, &buffer);
		rc = write_report(cli, lcov, &buffer);
	}
	if (rc == COR_CLI_OK && cobertura) {
		buffer = (struct cor_buffer){ 0 };
		cor_cover_cobertura(&covering->coverage, &covering->options, &buffer);
		rc = write_report(cli, cobertura, &buffer);
	}
	if (rc == COR_CLI_OK && sonar) {
		buffer = (struct cor_buffer){ 0 };
		cor_cover_sonar(&covering->coverage, &buffer);
		rc = write_report(cli, sonar, &buffer);
	}
	if (rc == COR_CLI_OK && cor_cli_value(cli, "--html"))
		rc = write_pages(cli, covering, cor_cli_value(cli, "--html"));
	return rc;
}

static int print(struct cor_cli *cli, const struct covering *covering)
{
	struct cor_buffer buffer = { 0 };

	if (cor_cli_has(cli, "--json"))
		cor_cover_json(&covering->coverage, &covering->options, &buffer);
	else
		cor_cover_table(&covering->coverage, &covering->options, &buffer);
	return cor_cli_print(cli, &buffer);
}

static int judge(struct cor_cli *cli, const struct covering *covering)
{
	struct cor_cover_figures sum = { 0 };
	char shown[COR_COVER_PERCENT_BYTES];

	for (size_t i = 0; i < covering->coverage.files_len; i++) {
		const struct cor_cover_figures figures = cor_cover_figures_of(
			&covering->coverage.files[i]);
		cor_cover_figures_add(&sum, &figures);
	}
	double percent = cor_cover_percent(&sum, covering->options.with_branches);
	if (covering->wanted < 0 ||
		!cor_cover_is_under(percent, covering->wanted, covering->options.precision))
		return COR_CLI_OK;
	cor_cover_percent_print(percent, covering->options.precision, shown);
	return cor_cli_fail(
		cli, COR_CLI_NO, "%s%% is covered, which is under %g%%", shown, covering->wanted);
}

static int run(struct cor_cli *cli)
{
	struct covering covering = { .data = cor_cli_value(cli, "--data") };
	int status = COR_CLI_OK, rc = read_options(cli, &covering);

	if (rc == COR_CLI_OK && !covering.data)
		status = measure(cli, &covering);
	if (rc != COR_CLI_OK || (status != COR_CLI_OK && status != COR_CLI_NO))
		return rc != COR_CLI_OK ? rc : status;
	rc = gather(cli, &covering);
	if (rc == COR_CLI_OK)
		rc = print(cli, &covering);
	if (rc == COR_CLI_OK)
		rc = write_files(cli, &covering);
	if (rc == COR_CLI_OK)
		rc = judge(cli, &covering);
	return rc != COR_CLI_OK ? rc : status;
}

const struct cor_cli_verb cor_cli_cover = {
	.name = "cover",
	.arguments = "",
	.summary = "Run the tests and list the lines that they leave out",
	.doc = "Builds the tests into build/cover with gcc --coverage, runs them, and prints a table: for each\n"
	       "file below main/ its statements, those that never ran, and which lines these are. Ranges go\n"
	       "over lines without code. No figure is rounded to 100 or to 0 unless it is that.\n"
	       "\n"
	       "A line with the comment \"pragma: no cover\" need not run, nor the block that it opens;\n"
	       "\"pragma: no branch\" leaves out a line's branches. LCOV_EXCL_LINE, LCOV_EXCL_START and\n"
	       "LCOV_EXCL_STOP count, too. PATTERNs are those of a shell, for paths from the project's\n"
	       "folder, with commas between them: 'main/service/*,main/util/*'.",
	.options = {
		{ "--branch", NULL, NULL, "Count branches, too; list lines with the branches that were taken" },
		{ "--fail-under", NULL, "PERCENT", "End with status 1 if less is covered" },
		{ "--precision", NULL, "DIGITS", "Decimals of percentages: 0 to 9, default 0" },
		{ "--skip-covered", NULL, NULL, "No rows of files of which nothing is missing" },
		{ "--against", NULL, "REVISION", "Only the lines that differ from a revision of git" },
		{ "--include", NULL, "PATTERN", "Only these files" },
		{ "--omit", NULL, "PATTERN", "Not these files" },
		{ "--exclude", NULL, "REGEX", "Not the lines that match, nor the blocks that they open" },
		{ "--html", NULL, "DIR", "Write pages: a table, and the sources with what ran" },
		{ "--lcov", NULL, "FILE", "Write lcov's tracefile" },
		{ "--cobertura", NULL, "FILE", "Write Cobertura's XML" },
		{ "--sonar", NULL, "FILE", "Write Sonar's generic coverage" },
		{ "--json", NULL, NULL, "Print JSON in place of the table" },
		{ "--append", NULL, NULL, "Add to the counts of runs before" },
		{ "--data", NULL, "DIR", "Run nothing: report the counts that are below DIR" },
	},
	.run = run,
};
