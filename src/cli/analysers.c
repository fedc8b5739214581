/* SPDX-License-Identifier: MIT */
#include "cli/analysers.h"

#include <stdlib.h>
#include <string.h>

#include "cli/at_once.h"
#include "cli/files.h"
#include "cli/pattern.h"
#include "cli/process.h"
#include "lint/misuse.h"

/* What a project without a file .clang-tidy gets. */
static const char tidy_checks[] =
	"--checks=-*,bugprone-*,-bugprone-easily-swappable-parameters,"
	"-bugprone-reserved-identifier,-bugprone-assignment-in-if-condition,"
	"-bugprone-macro-parentheses,-bugprone-sizeof-expression,"
	"-bugprone-implicit-widening-of-multiplication-result,"
	"cert-env33-c,cert-flp30-c,cert-str34-c,clang-analyzer-*,"
	"-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling,"
	"-clang-analyzer-optin.performance.Padding,concurrency-mt-unsafe,"
	"misc-redundant-expression,misc-misplaced-const,"
	"performance-*,-performance-no-int-to-ptr,readability-misleading-indentation";

/* Form of compilers, which all are read in. */
#define CPPCHECK_FORM "--template={file}:{line}:{column}: {severity}: {message} [{id}]"

static bool is_meant(const struct cor_analysis *analysis, const char *path)
{
	if (path[0] == '/')
		return false;
	if (analysis->include && !cor_cli_fits(analysis->cli, analysis->include, path))
		return false;
	return !analysis->omit || !cor_cli_fits(analysis->cli, analysis->omit, path);
}

static bool is_any_meant(const struct cor_analysis *analysis)
{
	for (size_t i = 0; i < analysis->sources.len; i++)
		if (is_meant(analysis, analysis->sources.items[i].path))
			return true;
	return false;
}

/* A path that a tool has printed, which ran in a folder. */
struct wanted {
	const struct cor_analysis *analysis;
	const char *folder;
	size_t within; /* of the project, meant or not, told before or not */
};

static const char *wants(void *arg, const char *path)
{
	struct wanted *wanted = arg;
	const char *within = cor_cli_path_within(wanted->analysis->cli, wanted->folder, path);

	wanted->within += within != NULL;
	return within && is_meant(wanted->analysis, within) ? within : NULL;
}

static const char *folder_of_jobs(const struct cor_analysis *analysis)
{
	char *path = realpath(analysis->cli->folder, NULL);
	const char *copy = cor_cli_text(analysis->cli, "%s", path ? path : ".");

	free(path);
	return copy;
}

static const char *version_of(const struct cor_analysis *analysis, const char *tool)
{
	const char *const argv[] = { tool, "--version", NULL };
	struct cor_str text = { "", 0 };

	(void)!cor_cli_capture(analysis->cli, argv, &text);
	return cor_cli_text(analysis->cli, "%.*s", (int)text.len, text.data);
}

/* Of a tool, over `sources`, of which NULL stands behind the last. */
static struct cor_cli_job job_of(const struct cor_analysis *analysis,
	const struct cor_kept_run *tool, struct cor_compile_command *const *sources,
	const char *const *argv)
{
	struct cor_kept_run *run = cor_cli_alloc(analysis->cli, sizeof *run);

	*run = *tool;
	run->sources = sources;
	return (struct cor_cli_job){ .argv = argv, .of = run };
}

static struct cor_compile_command **meant_sources(struct cor_analysis *analysis)
{
	struct cor_compile_commands *sources = &analysis->sources;
	struct cor_compile_command **ret = cor_cli_alloc(
		analysis->cli, (sources->len + 1) * sizeof *ret);
	size_t len = 0;

	for (size_t i = 0; i < sources->len; i++)
		if (is_meant(analysis, sources->items[i].path))
			ret[len++] = &sources->items[i];
	return ret;
}

/* Run a job for each source that is meant, and read what they say. */
static int run_each(struct cor_analysis *analysis, const struct cor_kept_run *tool,
	const char **(*make)(
		const struct cor_analysis *analysis, const struct cor_compile_command *source))
{
	struct cor_compile_command **sources = meant_sources(analysis);
	struct cor_cli_job *jobs = cor_cli_alloc(
		analysis->cli, (analysis->sources.len + 1) * sizeof *jobs);
	size_t len = 0;

	for (; sources[len]; len++) {
		struct cor_compile_command **one = cor_cli_alloc(analysis->cli, 2 * sizeof *one);
		one[0] = sources[len];
		jobs[len] = job_of(analysis, tool, one, make(analysis, sources[len]));
	}
	int rc = cor_kept_runs_do(&analysis->kept, jobs, len);
	for (size_t i = 0; rc == COR_CLI_OK && i < len; i++) {
		const struct cor_compile_command *source = sources[i];
		struct wanted wanted = { analysis, source->folder, 0 };
		cor_findings_read(&analysis->findings, tool->tool, jobs[i].output, wants, &wanted);
		if (jobs[i].status > 128 || (jobs[i].status != 0 && wanted.within == 0))
			rc = cor_cli_fail(analysis->cli, COR_CLI_TOOL, "%s failed on %s:\n%.*s",
				tool->tool, source->path, (int)jobs[i].output.len,
				jobs[i].output.data);
	}
	return rc;
}

/* --- each of them --- */

static const char **tidy_line(
	const struct cor_analysis *analysis, const struct cor_compile_command *source)
{
	const char **argv = cor_cli_alloc(analysis->cli, 9 * sizeof *argv);
	const char *slash = strrchr(analysis->commands, '/');
	size_t len = 0;

	argv[len++] = "clang-tidy";
	argv[len++] = "--quiet";
	argv[len++] = "--warnings-as-errors=-*";
	argv[len++] = "-p";
	argv[len++] = slash ? cor_cli_text(analysis->cli, "%.*s", (int)(slash - analysis->commands),
				      analysis->commands)
			    : ".";
	if (!cor_cli_exists(cor_cli_path(analysis->cli, ".clang-tidy")))
		argv[len++] = tidy_checks;
	argv[len++] = source->path;
	return argv;
}

static int run_tidy(struct cor_analysis *analysis)
{
	const struct cor_kept_run tool = { .tool = "clang-tidy",
		.version = version_of(analysis, "clang-tidy"),
		.configuration = ".clang-tidy",
		.is_clang = cor_cli_is_there(analysis->cli, "clang") };

	return run_each(analysis, &tool, tidy_line);
}

static bool is_error_flag(const char *word)
{
	return strcmp(word, "-Werror") == 0 || strncmp(word, "-Werror=", 8) == 0;
}

/*
 * The analyser needs code that is optimised a little, and is of gcc alone. A finding is one, not an
 * error, whatever the build does with warnings.
 */
static const char **gcc_line(
	const struct cor_analysis *analysis, const struct cor_compile_command *source)
{
	const char **argv = cor_cli_alloc(analysis->cli, (source->argc + 13) * sizeof *argv);
	size_t len = 0;

	argv[len++] = "env";
	argv[len++] = "-C";
	argv[len++] = source->folder;
	argv[len++] = "gcc";
	for (size_t i = 1; i < source->argc; i++)
		if (!is_error_flag(source->argv[i]))
			argv[len++] = source->argv[i];
	argv[len++] = "-fanalyzer";
	argv[len++] = "-fdiagnostics-plain-output";
	argv[len++] = "-fdiagnostics-color=never"; /* not implied, where it is asked for before */
	argv[len++] = "-fno-lto";
	argv[len++] = "-S";
	argv[len++] = "-o/dev/null";
	argv[len++] = cor_cli_text(analysis->cli, "%s/%s", folder_of_jobs(analysis), source->path);
	return argv;
}

static int run_gcc(struct cor_analysis *analysis)
{
	const struct cor_kept_run tool = { .tool = "gcc", .version = version_of(analysis, "gcc") };

	return run_each(analysis, &tool, gcc_line);
}

/* Its own search knows no system folders, and it must see our macros. */
static const char *library_headers(const struct cor_cli *cli)
{
	const char *const argv[] = { "pkg-config", "--variable=includedir", "coracle", NULL };
	struct cor_str text;

	if (cor_cli_capture(cli, argv, &text) != 0)
		return ".";
	char *folder = cor_cli_text(cli, "%.*s", (int)text.len, text.data);
	folder[strcspn(folder, "\n")] = '\0';
	return folder;
}

static void add_once(const char **argv, size_t *len, const char *word)
{
	for (size_t i = 0; i < *len; i++)
		if (strcmp(argv[i], word) == 0)
			return;
	argv[(*len)++] = word;
}

/* The folders of headers and the macros of a source: "-I DIR", "-iquote DIR", "-DX=1". */
static void add_flags(const struct cor_analysis *analysis, const struct cor_compile_command *source,
	const char **argv, size_t *len)
{
	static const char *const folders[] = { "-I", "-iquote", "-isystem" };

	for (size_t i = 1; i < source->argc; i++) {
		const char *word = source->argv[i];
		if (strncmp(word, "-D", 2) == 0)
			add_once(argv, len, word);
		for (size_t at = 0; at < 3; at++) {
			size_t flag = strlen(folders[at]);
			if (strncmp(word, folders[at], flag) != 0)
				continue;
			if (!word[flag] && ++i == source->argc)
				break;
			const char *folder = word[flag] ? word + flag : source->argv[i];
			if (folder[0] != '/')
				folder = cor_cli_text(
					analysis->cli, "%s/%s", source->folder, folder);
			add_once(argv, len, cor_cli_text(analysis->cli, "-I%s", folder));
			break;
		}
	}
}

/*
 * It does not get through each use of a macro, and gives the file up: that is no finding, and
 * nobody shall believe that there is none.
 */
static void tell_unread(struct cor_analysis *analysis, size_t before)
{
	static const char *const rules[] = { "internalAstError", "unknownMacro", "syntaxError",
		"internalError", "preprocessorErrorDirective", "cppcheckError" };
	struct cor_findings *findings = &analysis->findings;
	size_t len = before;

	for (size_t i = before; i < findings->len; i++) {
		const struct cor_finding *finding = &findings->items[i];
		bool is_unread = false;
		for (size_t at = 0; at < sizeof rules / sizeof rules[0]; at++)
			is_unread |= strcmp(finding->rule, rules[at]) == 0;
		if (is_unread)
			cor_cli_say(analysis->cli,
				"cppcheck does not get through %s, and finds nothing there (%s)",
				finding->path, finding->rule);
		else
			findings->items[len++] = *finding;
	}
	findings->len = len;
}

/*
 * Where cppcheck stumbles it finds nothing in the whole file: over _Generic, of which it now reads
 * what is chosen by, as an argument of a function that it does not know; and over members that
 * point to functions and have an attribute, other than some that it knows.
 *
 * It does not see that an address in a compound literal (.ret_status = &status) is there to be
 * written to; gcc and clang-tidy, which do, look for what is not initialised, too.
 */
#define CPPCHECK_GENERIC       "-D_Generic(chosen_by,...)=cor_generic_(chosen_by)"
#define CPPCHECK_ATTRIBUTE     "-Dwarn_unused_result=unused"
#define CPPCHECK_UNINITIALISED "--suppress=uninitvar", "--suppress=ctuuninitvar"

static int run_cppcheck(struct cor_analysis *analysis)
{
	static const char *const always[] = { "cppcheck", "--quiet", "--std=c11",
		"--enable=warning,performance,portability", "--inline-suppr",
		"--suppress=missingInclude", "--suppress=missingIncludeSystem",
		CPPCHECK_UNINITIALISED, "--suppress=unmatchedSuppression", CPPCHECK_FORM,
		"-D__GNUC__=12", "-D__x86_64__", "-D_GNU_SOURCE", CPPCHECK_GENERIC,
		CPPCHECK_ATTRIBUTE };
	struct cor_compile_command **sources = meant_sources(analysis);
	size_t len = sizeof always / sizeof always[0], words = len + 4;

	for (size_t i = 0; sources[i]; i++)
		words += sources[i]->argc + 1;
	const char **argv = cor_cli_alloc(analysis->cli, words * sizeof *argv);
	memcpy(argv, always, sizeof always);
	argv[len++] = cor_cli_text(analysis->cli, "-I%s", library_headers(analysis->cli));
	for (size_t i = 0; sources[i]; i++)
		add_flags(analysis, sources[i], argv, &len);
	for (size_t i = 0; sources[i]; i++)
		add_once(argv, &len, sources[i]->path);
	const struct cor_kept_run tool = { .tool = "cppcheck",
		.version = version_of(analysis, "cppcheck") };
	struct cor_cli_job job = job_of(analysis, &tool, sources, argv);
	struct wanted wanted = { analysis, folder_of_jobs(analysis), 0 };
	int rc = cor_kept_runs_do(&analysis->kept, &job, 1);
	if (rc == COR_CLI_OK && job.status != 0)
		return cor_cli_fail(analysis->cli, COR_CLI_TOOL, "cppcheck failed:\n%.*s",
			(int)job.output.len, job.output.data);
	size_t before = analysis->findings.len;
	cor_findings_read(&analysis->findings, "cppcheck", job.output, wants, &wanted);
	tell_unread(analysis, before);
	return rc;
}

/* Tests may do what a service may not. */
static int run_own(struct cor_analysis *analysis)
{
	struct cor_str text;

	for (size_t i = 0; i < analysis->sources.len; i++) {
		const char *path = analysis->sources.items[i].path;
		if (!is_meant(analysis, path) || strncmp(path, "test/", 5) == 0 ||
			strncmp(path, "tests/", 6) == 0)
			continue;
		int rc = cor_cli_read_file(analysis->cli, cor_cli_path(analysis->cli, path), &text);
		if (rc != COR_CLI_OK)
			return rc;
		cor_misuse_find(&analysis->findings, path, text);
	}
	return COR_CLI_OK;
}

static const struct {
	const char *name;
	const char *package; /* NULL: it is part of us */
	int (*run)(struct cor_analysis *analysis);
} analysers[COR_ANALYSERS_MAX] = {
	{ "coracle", NULL, run_own },
	{ "gcc", "gcc", run_gcc },
	{ "clang-tidy", "clang-tidy", run_tidy },
	{ "cppcheck", "cppcheck", run_cppcheck },
};

static int run_one(struct cor_analysis *analysis, size_t i, bool is_named)
{
	const char *name = analysers[i].name;

	if (analysers[i].package && !cor_cli_is_there(analysis->cli, name)) {
		if (is_named)
			return cor_cli_fail(analysis->cli, COR_CLI_TOOL,
				"%s is not there: install the package %s", name,
				analysers[i].package);
		cor_cli_say(analysis->cli,
			"%s is not there, and finds nothing: install the package %s", name,
			analysers[i].package);
		return COR_CLI_OK;
	}
	analysis->tools[analysis->tools_len++] = name;
	return analysers[i].run(analysis);
}

/* A build may have other languages; its analysers are of C. */
static int read_sources(struct cor_analysis *analysis)
{
	struct cor_compile_commands *sources = &analysis->sources;
	int rc = cor_compile_commands_read(analysis->cli, analysis->commands, sources);
	size_t len = 0;

	for (size_t i = 0; rc == COR_CLI_OK && i < sources->len; i++) {
		const char *end = strrchr(sources->items[i].path, '.');
		if (end && strcmp(end, ".c") == 0)
			sources->items[len++] = sources->items[i];
	}
	sources->len = len;
	return rc;
}

int cor_cli_analyse(struct cor_analysis *analysis, const char *wanted)
{
	int rc = read_sources(analysis);
	bool is_any = false;

	if (rc == COR_CLI_OK && !is_any_meant(analysis))
		return cor_cli_fail(analysis->cli, COR_CLI_INPUT, "no source of %s fits %s",
			analysis->commands,
			analysis->include ? analysis->include : "what --omit leaves");
	for (size_t i = 0; rc == COR_CLI_OK && i < COR_ANALYSERS_MAX; i++) {
		if (wanted && !cor_cli_is_listed(wanted, analysers[i].name))
			continue;
		is_any = true;
		rc = run_one(analysis, i, wanted != NULL);
	}
	if (rc == COR_CLI_OK && !is_any)
		return cor_cli_fail(analysis->cli, COR_CLI_USAGE,
			"--tools %s: they are coracle, gcc, clang-tidy and cppcheck", wanted);
	if (rc == COR_CLI_OK && analysis->findings.error)
		return cor_cli_fail(analysis->cli, COR_CLI_SOFTWARE, "there is no memory");
	return rc;
}
