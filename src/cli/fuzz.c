/* SPDX-License-Identifier: MIT */
/* coracle fuzz: requests of an operation that nobody would think of. */
#include "cli/fuzz.h"
#include "cli/asked.h"

#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <coracle/clock.h>

#include "cli/cli.h"
#include "cli/environment_file.h"
#include "cli/files.h"
#include "cli/fuzz_found.h"
#include "cli/fuzz_link.h"
#include "cli/fuzz_merge.h"
#include "cli/fuzz_run.h"
#include "cli/process.h"
#include "cli/scaffold.h"
#include "cli/service.h"

#define BUILD    "build/fuzz"
#define SANITIZE "fuzzer-no-link,address,undefined"
#define JOBS_MAX 64
#define LIST_MAX 256 /* distinct findings of a run */

/* --- what was given --- */

static int read_options(struct cor_fuzz *fuzz)
{
	const struct cor_cli *cli = fuzz->cli;
	double jobs = 1, seed = 1, runs = 0;
	int rc = cor_cli_read_count(cli, "--seconds", 1, 1e7, &fuzz->seconds);

	if (rc == COR_CLI_OK)
		rc = cor_cli_read_count(cli, "--jobs", 1, JOBS_MAX, &jobs);
	if (rc == COR_CLI_OK)
		rc = cor_cli_read_count(cli, "--seed", 1, 1e9, &seed);
	if (rc == COR_CLI_OK)
		rc = cor_cli_read_count(cli, "--runs", 1, 1e15, &runs);
	if (rc == COR_CLI_OK)
		rc = cor_cli_read_count(cli, "--limit", 1, 3600, &fuzz->limit_s);
	fuzz->jobs = (uint32_t)jobs;
	fuzz->seed = (uint32_t)seed;
	fuzz->runs = (uint64_t)runs;
	fuzz->asked = cli->words[1] ? cor_cli_text(cli, "%s %s", cli->words[0], cli->words[1])
				    : cli->words[0];
	return rc;
}

const char **cor_fuzz_command(const struct cor_fuzz *fuzz, const char *const *more)
{
	const struct cor_cli *cli = fuzz->cli;
	size_t len = 0, more_len = 0;

	while (more[more_len])
		more_len++;
	const char **argv = cor_cli_alloc(cli, (cli->given_len + more_len + 8) * sizeof *argv);
	argv[len++] = fuzz->target;
	argv[len++] = cor_cli_text(
		cli, "--operation=%s", fuzz->operation ? fuzz->operation : fuzz->asked);
	argv[len++] = cor_cli_text(cli, "--limit=%.0f", fuzz->limit_s);
	if (cor_cli_has(cli, "--no-leaks"))
		argv[len++] = "--no-leaks";
	for (size_t i = 0; cor_cli_nth(cli, "--header", i); i++)
		argv[len++] = cor_cli_text(cli, "--header=%s", cor_cli_nth(cli, "--header", i));
	for (size_t i = 0; i < more_len; i++)
		argv[len++] = more[i];
	return argv;
}

/* --- the target --- */

static int build_archive(struct cor_fuzz *fuzz)
{
	struct cor_cli *cli = fuzz->cli;
	const char *clang = cor_fuzz_compiler(), *archive;

	if (!cor_cli_is_there(cli, clang))
		return cor_cli_fail(cli, COR_CLI_TOOL,
			"%s is not on PATH, and libFuzzer is its: apt-get install clang", clang);
	int rc = cor_project_open(cli, &fuzz->project);
	if (rc != COR_CLI_OK)
		return rc;
	fuzz->project.build = BUILD;
	setenv("CC", clang, 1);
	setenv("CFLAGS", "-O1 -g -fno-sanitize-recover=undefined", 1);
	archive = cor_cli_text(cli, BUILD "/lib%s.a", fuzz->project.name);
	rc = cor_project_make(cli, &fuzz->project, archive, SANITIZE);
	if (rc != 0)
		cor_cli_say(cli,
			"it needs a Makefile that makes %s of all sources but main.c, as that of coracle new",
			archive);
	return rc;
}

static bool is_newer(const struct cor_cli *cli, const char *path, const char *than)
{
	struct stat one, other;

	if (stat(cor_cli_path(cli, path), &one) != 0 || stat(cor_cli_path(cli, than), &other) != 0)
		return false;
	return one.st_mtim.tv_sec != other.st_mtim.tv_sec
		       ? one.st_mtim.tv_sec > other.st_mtim.tv_sec
		       : one.st_mtim.tv_nsec > other.st_mtim.tv_nsec;
}

/* Another of its kind waits, or is refused. Gone with this process, however that ends. */
static int lock(const struct cor_cli *cli, const char *folder, int how, bool *ret_has)
{
	int fd = open(cor_cli_path(cli, folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*ret_has = fd < 0 || flock(fd, how) == 0;
	return fd;
}

static int build_target(struct cor_fuzz *fuzz)
{
	const struct cor_cli *cli = fuzz->cli;
	const char *source = BUILD "/target.c";
	const char *archive = cor_cli_text(cli, BUILD "/lib%s.a", fuzz->project.name);
	const char *text = cor_cli_text(cli,
		"/* Written by coracle fuzz. */\n"
		"#include <coracle/test_fuzz.h>\n\n"
		"extern const struct cor_service %s_service;\n"
		"COR_FUZZ(%s_service)\n",
		fuzz->project.name, fuzz->project.name);

	bool has_lock;
	int rc = COR_CLI_OK, locked = lock(cli, BUILD, LOCK_EX, &has_lock);

	fuzz->target = BUILD "/target";
	if (!is_newer(cli, fuzz->target, archive)) {
		rc = cor_cli_replace_file(cli, cor_cli_path(cli, source), cor_str(text));
		if (rc == COR_CLI_OK)
			rc = cor_fuzz_link(fuzz, source, archive);
	}
	if (locked >= 0)
		close(locked);
	return rc;
}

/* --- its surroundings --- */

static void set_sanitizers(void)
{
	setenv("ASAN_OPTIONS",
		"detect_leaks=1:leak_check_at_exit=0:quarantine_size_mb=8:allocator_may_return_null=1:"
		"detect_stack_use_after_return=0:handle_abort=1:handle_sigill=1",
		0);
	setenv("UBSAN_OPTIONS", "print_stacktrace=1", 0);
}

/* Its settings are those of `coracle run`, but for addresses: it listens at none. */
static int set_settings(const struct cor_fuzz *fuzz)
{
	static const char *const addresses[] = { "CONTROL", "HTTPS", "HTTPS_H1", "H2C", "UWSGI" };
	const struct cor_cli *cli = fuzz->cli;
	const char *prefix = cor_scaffold_capitals(cli, fuzz->project.name);
	int rc = cor_cli_read_environment(cli);

	for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
		unsetenv(cor_cli_text(cli, "%s_%s", prefix, addresses[i]));
	return rc;
}

static int make_folder(const struct cor_cli *cli, const char *folder)
{
	/* With a file in it, the folders that it needs are made. */
	return cor_cli_replace_file(cli, cor_cli_path(cli, cor_cli_text(cli, "%s/empty", folder)),
		(struct cor_str){ "", 0 });
}

/* What an earlier run has found and not kept, since it was ended before, is tried at once. */
static void take_up_found(const struct cor_fuzz *fuzz)
{
	const struct cor_cli *cli = fuzz->cli;
	const char *begins = cor_cli_text(cli, "%s-", fuzz->operation), **names;

	cor_cli_list_files(cli, BUILD "/found", begins, "", &names);
	for (size_t i = 0; names[i]; i++)
		(void)rename(cor_cli_path(cli, names[i]),
			cor_cli_path(cli, cor_cli_text(cli, "%s/%s", fuzz->corpus,
						  strrchr(names[i], '/') + 1)));
}

static int name_files(struct cor_fuzz *fuzz, const char *operation)
{
	const struct cor_cli *cli = fuzz->cli;

	fuzz->operation = operation;
	fuzz->own = cor_cli_text(cli, BUILD "/%s", operation);
	fuzz->corpus = cor_cli_text(cli, BUILD "/corpus/%s", operation);
	fuzz->found = cor_cli_text(cli, BUILD "/found/%s-", operation);
	fuzz->dictionary = cor_cli_text(cli, "%s.dictionary", fuzz->own);
	int rc = make_folder(cli, fuzz->corpus);
	return rc == COR_CLI_OK ? make_folder(cli, BUILD "/found") : rc;
}

/* Two lines: the operation, and how to be let in. */
static int take_names(struct cor_fuzz *fuzz, const char *said)
{
	size_t len = strcspn(said, "\n");
	const char *hint = said + len + (said[len] == '\n');

	fuzz->hint = cor_cli_text(fuzz->cli, "%.*s", (int)strcspn(hint, "\n"), hint);
	return name_files(fuzz, cor_cli_text(fuzz->cli, "%.*s", (int)len, said));
}

static int tell_no_operation(const struct cor_fuzz *fuzz)
{
	const struct cor_cli *cli = fuzz->cli;
	struct cor_node *document;
	struct cor_str text;
	const char *near = NULL;

	if (cor_service_ask(cli, "--print-openapi", &text) == COR_CLI_OK &&
		cor_cli_parse(cli, "--print-openapi", text, &document) == COR_CLI_OK)
		near = cor_asked_near(cli, document, fuzz->asked);
	if (near)
		return cor_cli_fail(cli, COR_CLI_USAGE,
			"no operation %s can be fuzzed: did you mean %s?", fuzz->asked, near);
	return cor_cli_fail(cli, COR_CLI_USAGE,
		"no operation %s can be fuzzed: coracle routes lists them, and the document must have it",
		fuzz->asked);
}

/* The words of the operation's table, and its name as the document has it. */
static int prepare(struct cor_fuzz *fuzz)
{
	const struct cor_cli *cli = fuzz->cli;
	const char *words = cor_cli_text(cli, BUILD "/dictionary.%ld", (long)getpid());
	const char *option = cor_cli_text(cli, "--dictionary=%s", words);
	struct cor_str said;
	bool has_lock = true;

	int rc = cor_cli_ask(
		cli, cor_fuzz_command(fuzz, (const char *const[]){ option, NULL }), &said);
	if (rc == COR_FUZZ_NO_OPERATION)
		rc = tell_no_operation(fuzz);
	else if (rc != 0 && rc != COR_FUZZ_BEFORE_WRONG) /* which has told */
		rc = cor_cli_fail(cli, COR_CLI_TOOL,
			"the service cannot be fuzzed: it ended with status %d before the first request, and what it says is above",
			rc);
	else if (rc == 0)
		rc = take_names(fuzz, said.data);
	if (rc == COR_CLI_OK)
		(void)lock(cli, fuzz->corpus, LOCK_EX | LOCK_NB, &has_lock);
	if (!has_lock)
		rc = cor_cli_fail(cli, COR_CLI_TOOL,
			"another coracle fuzz %s runs in this project: wait for it, or give one of them --jobs",
			fuzz->operation);
	if (rc == COR_CLI_OK &&
		rename(cor_cli_path(cli, words), cor_cli_path(cli, fuzz->dictionary)) == 0)
		take_up_found(fuzz);
	else
		(void)unlink(cor_cli_path(cli, words));
	return rc;
}

/* --- what came of it --- */

static uint64_t answers_of(const struct cor_fuzz_figures *figures, unsigned from, unsigned to)
{
	uint64_t sum = 0;

	for (unsigned status = from; status < to; status++)
		sum += figures->statuses[status];
	return sum;
}

static void write_summary(const struct cor_fuzz *fuzz, const struct cor_fuzz_result *result,
	bool has_found, struct cor_buffer *buffer)
{
	const struct cor_fuzz_figures *figures = &result->figures;
	uint64_t all = answers_of(figures, 0, COR_FUZZ_STATUSES);

	cor_buffer_printf(buffer,
		"%s: %" PRIu64 " execution%s in %.1f s, %.0f/s, coverage %" PRIu64 ", answers:",
		fuzz->operation, figures->executions, figures->executions == 1 ? "" : "s",
		result->seconds, (double)figures->executions / result->seconds, result->coverage);
	for (unsigned status = 0; status < COR_FUZZ_STATUSES; status++)
		if (figures->statuses[status])
			cor_buffer_printf(buffer, " %u %.1f %%", status,
				100.0 * (double)figures->statuses[status] / (double)all);
	cor_buffer_printf(buffer, "%s\n", has_found ? "" : "; nothing was found");
	if (all == 0 || answers_of(figures, 200, 400))
		return;
	if (figures->statuses[401] || figures->statuses[403])
		cor_cli_say(fuzz->cli, "no request was let in: %s",
			fuzz->hint[0] ? fuzz->hint : "give a credential by --header");
	else if (figures->statuses[404])
		cor_cli_say(fuzz->cli,
			"no request has found anything: requests in test/before.http can make it, and \"# @param NAME=VALUE\" there, or an .example of the row, name it");
	else
		cor_cli_say(fuzz->cli,
			"no request was taken: what it needs may not be there (requests in test/before.http make it), or its rows want an .example");
}

/* Distinct findings, in the order in which they came. */
struct list {
	struct cor_fuzz_found items[LIST_MAX];
	size_t len;
	struct cor_buffer titles; /* lines */
};

static int write_json(const struct cor_fuzz *fuzz, const struct cor_fuzz_result *result,
	const struct list *list, struct cor_buffer *buffer)
{
	struct cor_json_writer *writer = cor_write_begin(fuzz->cli->arena, NULL);
	struct cor_str text;

	cor_write_object(writer);
	cor_write_key(writer, "operation");
	cor_write_string(writer, fuzz->operation);
	cor_write_key(writer, "executions");
	cor_write_uint64(writer, result->figures.executions);
	cor_write_key(writer, "seconds");
	cor_write_double(writer, result->seconds);
	cor_write_key(writer, "coverage");
	cor_write_uint64(writer, result->coverage);
	cor_write_key(writer, "statuses");
	cor_write_object(writer);
	for (unsigned status = 0; status < COR_FUZZ_STATUSES; status++) {
		if (!result->figures.statuses[status])
			continue;
		cor_write_key(writer, cor_cli_text(fuzz->cli, "%u", status));
		cor_write_uint64(writer, result->figures.statuses[status]);
	}
	cor_write_end(writer);
	cor_write_key(writer, "found");
	if (list->len)
		cor_fuzz_write_found_json(fuzz->cli, &list->items[0], writer);
	else
		cor_write_null(writer);
	cor_write_key(writer, "findings");
	cor_write_array(writer);
	for (size_t i = 0; i < list->len; i++)
		cor_fuzz_write_found_json(fuzz->cli, &list->items[i], writer);
	cor_write_end(writer);
	cor_write_end(writer);
	if (cor_write_finish(writer, &text) < 0)
		return cor_cli_fail(fuzz->cli, COR_CLI_SOFTWARE, "what was found has no JSON");
	cor_buffer_append_str(buffer, text);
	cor_buffer_byte(buffer, '\n');
	return COR_CLI_OK;
}

/* One line each, where there are several: what, where it is kept, and how often it came. */
static void write_list(const struct list *list, struct cor_buffer *buffer)
{
	if (list->len < 2)
		return;
	cor_buffer_printf(buffer, "%zu findings:\n", list->len);
	for (size_t i = 0; i < list->len; i++) {
		const struct cor_fuzz_found *found = &list->items[i];
		cor_buffer_printf(buffer, "  %s  %s",
			found->title ? found->title : "what a new service does not show",
			found->file);
		if (found->times > 1)
			cor_buffer_printf(buffer, "  (%" PRIu32 " times)", found->times);
		cor_buffer_byte(buffer, '\n');
	}
}

static int tell(
	const struct cor_fuzz *fuzz, const struct cor_fuzz_result *result, const struct list *list)
{
	struct cor_buffer buffer = { 0 };
	int rc = COR_CLI_OK;

	if (cor_cli_has(fuzz->cli, "--json")) {
		rc = write_json(fuzz, result, list, &buffer);
	} else {
		for (size_t i = 0; i < list->len; i++)
			cor_fuzz_write_found(fuzz, &list->items[i], &buffer);
		write_list(list, &buffer);
		write_summary(fuzz, result, list->len != 0, &buffer);
	}
	int printed = cor_cli_print(fuzz->cli, &buffer);
	rc = rc == COR_CLI_OK ? printed : rc;
	return rc == COR_CLI_OK && list->len ? COR_CLI_NO : rc;
}

/* --- all of it --- */

static bool is_same(const char *title, const char *other)
{
	return title && other ? strcmp(title, other) == 0 : title == other;
}

/* Keep what an input shows, once; the next processes pass it over, where they can. */
static int take(struct cor_fuzz *fuzz, const char *input, struct list *list)
{
	struct cor_fuzz_found found;
	size_t i = 0;
	int rc = cor_fuzz_keep(fuzz, input, &found);

	while (i < list->len && !is_same(list->items[i].title, found.title))
		i++;
	if (rc != COR_CLI_OK || i == LIST_MAX)
		return rc;
	if (i == list->len) {
		list->items[list->len++] = found;
		if (found.title)
			cor_buffer_printf(&list->titles, "%s\n", found.title);
	}
	list->items[i].times++;
	fuzz->known = cor_cli_text(fuzz->cli, "%s.known", fuzz->own);
	return cor_cli_replace_file(fuzz->cli, cor_cli_path(fuzz->cli, fuzz->known),
		(struct cor_str){ list->titles.data ? list->titles.data : "", list->titles.len });
}

static void add_round(struct cor_fuzz_result *sum, const struct cor_fuzz_result *round)
{
	sum->figures.executions += round->figures.executions;
	for (size_t i = 0; i < COR_FUZZ_STATUSES; i++)
		sum->figures.statuses[i] += round->figures.statuses[i];
	sum->seconds += round->seconds;
	if (round->coverage > sum->coverage)
		sum->coverage = round->coverage;
}

/* Whether it begins again: what is kept took of the time, too. */
static bool has_more(struct cor_fuzz *fuzz, const struct cor_fuzz_result *round, double left_s)
{
	uint64_t done = round->figures.executions;

	if (!round->input || !cor_cli_has(fuzz->cli, "--keep-going") || left_s < 1)
		return false;
	if (fuzz->runs && fuzz->runs <= done)
		return false;
	fuzz->runs -= fuzz->runs ? done : 0;
	fuzz->seconds = left_s;
	fuzz->round++;
	return true;
}

static int run_all(struct cor_fuzz *fuzz, struct cor_fuzz_result *sum, struct list *list)
{
	struct cor_fuzz_result *round = cor_cli_alloc(fuzz->cli, sizeof *round);
	int64_t end_ns = cor_monotonic_ns() + (int64_t)(fuzz->seconds * 1e9);
	int rc;

	do {
		*round = (struct cor_fuzz_result){ .input = NULL };
		rc = cor_fuzz_run(fuzz, round);
		add_round(sum, round);
		if (rc == COR_CLI_OK && round->input)
			rc = take(fuzz, round->input, list);
	} while (rc == COR_CLI_OK &&
		 has_more(fuzz, round, (double)(end_ns - cor_monotonic_ns()) / 1e9));
	return rc;
}

static int run(struct cor_cli *cli)
{
	struct cor_fuzz fuzz = { .cli = cli, .seconds = 60, .limit_s = 5 };
	struct cor_fuzz_result *result = cor_cli_alloc(cli, sizeof *result);
	struct list *list = cor_cli_alloc(cli, sizeof *list);
	int rc = read_options(&fuzz);

	if (rc == COR_CLI_OK)
		rc = build_archive(&fuzz);
	if (rc == COR_CLI_OK)
		rc = build_target(&fuzz);
	if (rc == COR_CLI_OK)
		rc = set_settings(&fuzz);
	set_sanitizers();
	if (rc == COR_CLI_OK)
		rc = prepare(&fuzz);
	if (rc == COR_CLI_OK)
		rc = run_all(&fuzz, result, list);
	if (rc == COR_CLI_OK)
		cor_fuzz_merge(&fuzz);
	rc = rc == COR_CLI_OK ? tell(&fuzz, result, list) : rc;
	cor_buffer_finish(&list->titles);
	return rc;
}

const struct cor_cli_verb cor_cli_fuzz = {
	.name = "fuzz",
	.arguments = "OPERATION | METHOD PATH",
	.summary = "Send an operation what nobody would think of, and keep what breaks it",
	.doc = "Builds the service into build/fuzz with clang, AddressSanitizer, UndefinedBehaviorSanitizer and\n"
	       "libFuzzer, and runs it inside of that program: requests are made by the operation's table, with\n"
	       "values in range, at bounds and beyond, of other types, left out, unknown; those that reach new\n"
	       "code are kept in build/fuzz/corpus and changed further. Found is what crashes, leaks, does not\n"
	       "answer, has a status that is not declared, or a body that breaks its schema. Each new service is\n"
	       "sent the requests of test/before.http first: they log in, and make what is to be found.\n"
	       "\n"
	       "What is found is made smaller, shown as a command of curl, and kept as a file below test/fuzz,\n"
	       "which coracle test sends from then on, with any compiler. The status is 1 then.",
	.words_min = 1,
	.choices = "OPERATIONS",
	.words_max = 2,
	.options = {
		{ "--seconds", "-s", "SECONDS", "How long, if nothing is found; default 60" },
		{ "--keep-going", NULL, NULL, "Go on after a finding, for the whole time, and list all" },
		{ "--runs", NULL, "N", "Or so many executions" },
		{ "--jobs", "-j", "N", "Processes; they share what they reach. Default 1" },
		{ "--seed", NULL, "N", "Of chance: the same seed and corpus, the same requests; default 1" },
		{ "--limit", NULL, "SECONDS", "A request that takes longer hangs; default 5" },
		{ "--header", NULL, "LINE", "A header of each request, as a credential; may be given again" },
		{ "--no-leaks", NULL, NULL, "Do not look for leaks, where the system lets no process look at another" },
		{ "--json", NULL, NULL, "Print what came of it as JSON" },
	},
	.run = run,
};
