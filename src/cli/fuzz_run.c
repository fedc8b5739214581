/* SPDX-License-Identifier: MIT */
#include "cli/fuzz_run.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <coracle/clock.h>

#include "cli/files.h"
#include "cli/process.h"

#define JOBS_MAX    64
#define LINE_BYTES  4096
#define WORDS_BYTES 16384 /* the last of what a process has said */
#define LOOK_MS     250
#define QUIET_S     10 /* between two lines, where there is no terminal */

/* One process of the target. */
struct job {
	pid_t pid; /* 0: it has ended */
	int out;
	int status;
	const char *figures, *found;
	uint64_t coverage;
	size_t line_len, said_len;
	char line[LINE_BYTES];
	char said[WORDS_BYTES + 1];
};

struct race {
	const struct cor_fuzz *fuzz;
	struct job *jobs;
	int64_t begun_ns, shown_ns;
	bool has_found, has_terminal;
};

/* --- a process --- */

static const char **arguments(const struct cor_fuzz *fuzz, const struct job *job, uint32_t number)
{
	const struct cor_cli *cli = fuzz->cli;
	const char *known = fuzz->known ? cor_cli_text(cli, "--known=%s", fuzz->known) : NULL;
	const char *more[] = {
		cor_cli_text(cli, "--figures=%s", job->figures),
		cor_cli_text(cli, "-seed=%" PRIu32, fuzz->seed + number + fuzz->round * fuzz->jobs),
		cor_cli_text(cli, "-max_total_time=%.0f", fuzz->seconds),
		cor_cli_text(cli, "-timeout=%.0f", fuzz->limit_s),
		cor_cli_text(cli, "-artifact_prefix=%s", job->found),
		cor_cli_text(cli, "-dict=%s", fuzz->dictionary),
		cor_cli_text(cli, "-runs=%lld", fuzz->runs ? (long long)fuzz->runs : -1LL),
		"-detect_leaks=0", /* it looks itself, once the service has stopped */
		"-use_value_profile=1",
		fuzz->jobs > 1 ? "-reload=1" : "-reload=0",
		"-print_final_stats=0",
		fuzz->corpus,
		known,
		NULL,
	};

	return cor_fuzz_command(fuzz, more);
}

static int start(const struct race *race, struct job *job, uint32_t number)
{
	const struct cor_fuzz *fuzz = race->fuzz;
	const struct cor_cli *cli = fuzz->cli;
	struct cor_cli quiet = *cli;
	pid_t parent = getpid();
	int ends[2];

	job->figures = cor_cli_text(cli, "%s.figures.%" PRIu32, fuzz->own, number);
	job->found = cor_cli_text(
		cli, "%s%" PRIu32 "-", fuzz->found, number + fuzz->round * fuzz->jobs);
	(void)unlink(cor_cli_path(cli, job->figures));
	const char **argv = arguments(fuzz, job, number);
	cor_cli_show(cli, argv);
	quiet.is_verbose = false;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return cor_cli_fail(cli, COR_CLI_TOOL, "a pipe: %s", strerror(errno));
	fflush(NULL);
	job->pid = fork();
	if (job->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(COR_CLI_TOOL);
		(void)dup2(ends[1], STDOUT_FILENO);
		(void)dup2(ends[1], STDERR_FILENO);
		/* libFuzzer tells places apart by their addresses: the same seed, the same ones */
		(void)personality(ADDR_NO_RANDOMIZE);
		_exit(cor_cli_become(&quiet, argv));
	}
	close(ends[1]);
	job->out = ends[0];
	if (job->pid < 0)
		return cor_cli_fail(cli, COR_CLI_TOOL, "a process: %s", strerror(errno));
	return COR_CLI_OK;
}

/* "#1234 NEW    cov: 56 ft: 78 ..." */
static void read_line(struct job *job)
{
	const char *coverage = job->line[0] == '#' ? strstr(job->line, "cov: ") : NULL;

	if (coverage)
		job->coverage = strtoull(coverage + 5, NULL, 10);
}

static void keep(struct job *job, const char *text, size_t len)
{
	if (len > WORDS_BYTES) {
		text += len - WORDS_BYTES;
		len = WORDS_BYTES;
	}
	size_t gone = job->said_len + len > WORDS_BYTES ? job->said_len + len - WORDS_BYTES : 0;
	memmove(job->said, job->said + gone, job->said_len - gone);
	job->said_len -= gone;
	memcpy(job->said + job->said_len, text, len);
	job->said_len += len;
	job->said[job->said_len] = '\0';
}

static void hear(const struct race *race, struct job *job, const char *text, size_t len)
{
	if (race->fuzz->cli->is_verbose)
		fwrite(text, 1, len, stderr);
	keep(job, text, len);
	for (size_t i = 0; i < len; i++) {
		if (text[i] != '\n') {
			if (job->line_len < LINE_BYTES - 1)
				job->line[job->line_len++] = text[i];
			continue;
		}
		job->line[job->line_len] = '\0';
		read_line(job);
		job->line_len = 0;
	}
}

static void end(struct race *race, struct job *job)
{
	int status = 0;

	close(job->out);
	job->out = -1;
	while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR)
		;
	job->pid = 0;
	job->status = status;
	race->has_found |= status != 0;
}

/* --- how it goes --- */

static void add_figures(
	const struct cor_cli *cli, const struct job *job, struct cor_fuzz_figures *sum)
{
	struct cor_fuzz_figures one;
	FILE *file = fopen(cor_cli_path(cli, job->figures), "re");

	if (!file)
		return;
	if (fread(&one, sizeof one, 1, file) == 1) {
		sum->executions += one.executions;
		for (size_t i = 0; i < COR_FUZZ_STATUSES; i++)
			sum->statuses[i] += one.statuses[i];
	}
	fclose(file);
}

static void sum_up(const struct race *race, struct cor_fuzz_result *result)
{
	memset(&result->figures, 0, sizeof result->figures);
	result->coverage = 0;
	result->seconds = (double)(cor_monotonic_ns() - race->begun_ns) / 1e9;
	for (uint32_t i = 0; i < race->fuzz->jobs; i++) {
		add_figures(race->fuzz->cli, &race->jobs[i], &result->figures);
		if (race->jobs[i].coverage > result->coverage)
			result->coverage = race->jobs[i].coverage;
	}
}

/* A line that is written over, or one now and then. */
static void show(struct race *race)
{
	struct cor_fuzz_result result = { 0 };
	int64_t now_ns = cor_monotonic_ns();

	if (race->fuzz->cli->is_verbose ||
		now_ns - race->shown_ns <
			(race->has_terminal ? LOOK_MS * 1000000LL : QUIET_S * 1000000000LL))
		return;
	race->shown_ns = now_ns;
	sum_up(race, &result);
	fprintf(stderr,
		"%s%s: %" PRIu64 " execution%s, %.0f/s, coverage %" PRIu64 ", found %" PRIu32 "%s",
		race->has_terminal ? "\r\033[K" : "", race->fuzz->operation,
		result.figures.executions, result.figures.executions == 1 ? "" : "s",
		(double)result.figures.executions / (result.seconds > 0 ? result.seconds : 1),
		result.coverage, race->fuzz->round + race->has_found,
		race->has_terminal ? "" : "\n");
	fflush(stderr);
}

/* --- all of them --- */

static size_t wait_for_some(struct race *race)
{
	struct pollfd waits[JOBS_MAX];
	struct job *of[JOBS_MAX];
	char text[16384];
	nfds_t len = 0;

	for (uint32_t i = 0; i < race->fuzz->jobs; i++) {
		if (!race->jobs[i].pid)
			continue;
		waits[len] = (struct pollfd){ .fd = race->jobs[i].out, .events = POLLIN };
		of[len++] = &race->jobs[i];
	}
	if (len == 0 || poll(waits, len, LOOK_MS) <= 0)
		return len;
	for (nfds_t i = 0; i < len; i++) {
		if (!waits[i].revents)
			continue;
		ssize_t n = read(waits[i].fd, text, sizeof text);
		if (n > 0)
			hear(race, of[i], text, (size_t)n);
		else if (n == 0 || errno != EINTR)
			end(race, of[i]);
	}
	return len;
}

static void stop_others(struct race *race)
{
	for (uint32_t i = 0; i < race->fuzz->jobs; i++) {
		struct job *job = &race->jobs[i];
		if (!job->pid)
			continue;
		kill(job->pid, SIGKILL);
		while (waitpid(job->pid, NULL, 0) < 0 && errno == EINTR)
			;
		close(job->out);
		job->pid = 0;
	}
}

/* The input that a process has left: its name begins with what it was told. */
static const char *input_of(const struct cor_fuzz *fuzz, const struct job *job)
{
	const struct cor_cli *cli = fuzz->cli;
	const char *slash = strrchr(job->found, '/'), **names;

	cor_cli_list_files(cli, cor_cli_text(cli, "%.*s", (int)(slash - job->found), job->found),
		slash + 1, "", &names);
	return names[0];
}

static int judge(const struct race *race, struct cor_fuzz_result *ret)
{
	const struct cor_fuzz *fuzz = race->fuzz;

	for (uint32_t i = 0; i < fuzz->jobs; i++) {
		const struct job *job = &race->jobs[i];
		if (job->status == 0)
			continue;
		ret->input = input_of(fuzz, job);
		if (ret->input)
			return COR_CLI_OK;
		return cor_cli_fail(fuzz->cli, COR_CLI_TOOL,
			"%s has ended with status %d; its last words are:\n%s", fuzz->target,
			WIFEXITED(job->status) ? WEXITSTATUS(job->status)
					       : 128 + WTERMSIG(job->status),
			job->said);
	}
	return COR_CLI_OK;
}

int cor_fuzz_run(const struct cor_fuzz *fuzz, struct cor_fuzz_result *ret)
{
	struct race race = { .fuzz = fuzz, .begun_ns = cor_monotonic_ns() };
	int rc = COR_CLI_OK;

	race.jobs = cor_cli_alloc(fuzz->cli, fuzz->jobs * sizeof *race.jobs);
	race.has_terminal = isatty(STDERR_FILENO);
	race.shown_ns = race.begun_ns;
	for (uint32_t i = 0; rc == COR_CLI_OK && i < fuzz->jobs; i++)
		rc = start(&race, &race.jobs[i], i);
	while (rc == COR_CLI_OK && !race.has_found && wait_for_some(&race) > 0)
		show(&race);
	stop_others(&race);
	if (race.has_terminal && !fuzz->cli->is_verbose)
		fputs("\r\033[K", stderr);
	sum_up(&race, ret);
	return rc == COR_CLI_OK ? judge(&race, ret) : rc;
}
