/* SPDX-License-Identifier: MIT */
#include "cli/test_runner.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <coracle/clock.h>

#include "cli/environment_file.h"
#include "cli/files.h"
#include "cli/process.h"
#include "cli/scaffold.h"

#define RUNNING_MAX 64
#define PROGRESS_NS INT64_C(3000000000) /* then somebody wonders whether it hangs */
#define QUIET_MS    200 /* then see whether one has ended that left its output to others */

static const char *const *command_of(
	const struct cor_test_runner *runner, const struct cor_test_program *program, size_t jobs)
{
	size_t only = 0, len = 0;

	while (program->only && program->only[only])
		only++;
	const char **argv = cor_cli_alloc(
		runner->cli, (runner->arguments_len + only + 10) * sizeof *argv);
	argv[len++] = program->path;
	argv[len++] = "--events";
	argv[len++] = cor_cli_text(runner->cli, "--jobs=%zu", jobs);
	if (runner->keyword)
		argv[len++] = cor_cli_text(runner->cli, "--keyword=%s", runner->keyword);
	if (runner->stops_early)
		argv[len++] = "--failfast";
	for (size_t i = 0; i < runner->arguments_len; i++)
		argv[len++] = runner->arguments[i];
	for (size_t i = 0; i < only; i++)
		argv[len++] = program->only[i];
	return argv;
}

static int start(
	const struct cor_test_runner *runner, struct cor_test_program *program, size_t jobs)
{
	const char *const *argv = command_of(runner, program, jobs);
	int ends[2];

	cor_cli_show(runner->cli, argv);
	program->errors = memfd_create("errors", MFD_CLOEXEC);
	if (program->errors < 0 || pipe2(ends, O_CLOEXEC) != 0)
		return cor_cli_fail(
			runner->cli, COR_CLI_TOOL, "%s: %s", program->path, strerror(errno));
	program->begun_ns = cor_monotonic_ns();
	program->pid = fork();
	if (program->pid == 0) {
		struct cor_cli quiet = *runner->cli;
		quiet.is_verbose = false;
		dup2(ends[1], STDOUT_FILENO);
		dup2(program->errors, STDERR_FILENO);
		/* Read each time: a change of .env counts under --watch. */
		int rc = cor_cli_read_test_environment(
			&quiet, cor_scaffold_capitals(&quiet, runner->project));
		_exit(rc == COR_CLI_OK ? cor_cli_become(&quiet, argv) : rc);
	}
	close(ends[1]);
	program->output = ends[0];
	if (program->pid > 0)
		return COR_CLI_OK;
	close(ends[0]);
	program->pid = 0;
	return cor_cli_fail(runner->cli, COR_CLI_TOOL, "%s: %s", program->path, strerror(errno));
}

static void end(const struct cor_test_runner *runner, struct cor_test_program *program)
{
	int status = 0;

	close(program->output);
	while (waitpid(program->pid, &status, 0) < 0 && errno == EINTR)
		;
	program->pid = 0;
	program->ended_ns = cor_monotonic_ns();
	cor_test_conclude(runner->cli, program,
		WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
	close(program->errors);
	runner->ended(runner->self, program);
}

/* Returns whether the program has ended. */
static bool hear(const struct cor_test_runner *runner, struct cor_test_program *program)
{
	char bytes[16384];
	ssize_t len = read(program->output, bytes, sizeof bytes);

	if (len > 0)
		cor_test_hear(runner->cli, program, bytes, (size_t)len);
	if (len > 0 || (len < 0 && errno == EINTR))
		return false;
	end(runner, program);
	return true;
}

/* Those that run: their places among all. */
struct running {
	struct pollfd waits[RUNNING_MAX];
	struct cor_test_program *programs[RUNNING_MAX];
	size_t len;
};

static void add(struct running *running, struct cor_test_program *program)
{
	running->waits[running->len] = (struct pollfd){ .fd = program->output, .events = POLLIN };
	running->programs[running->len++] = program;
}

/* What it has started, and what outlives it, may keep its output open. */
static bool has_ended(const struct cor_test_program *program)
{
	siginfo_t info = { .si_pid = 0 };

	return waitid(P_PID, (id_t)program->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid != 0;
}

static bool end_if_ended(const struct cor_test_runner *runner, struct cor_test_program *program)
{
	bool is_over = has_ended(program);

	if (is_over)
		end(runner, program);
	return is_over;
}

/* Wait for one to say something. Returns whether a test of a program that ended has failed. */
static bool wait_for_some(const struct cor_test_runner *runner, struct running *running)
{
	bool has_failed = false;

	int ready = poll(running->waits, running->len, QUIET_MS);
	if (ready < 0)
		return false;
	for (size_t i = running->len; i-- > 0;) {
		struct cor_test_program *program = running->programs[i];
		if (ready ? running->waits[i].revents == 0 || !hear(runner, program)
			  : !end_if_ended(runner, program))
			continue;
		has_failed |= cor_test_failures(program) > 0;
		running->len--;
		running->waits[i] = running->waits[running->len];
		running->programs[i] = running->programs[running->len];
	}
	return has_failed;
}

/* How far the one is that runs longest: its result comes when it has ended. */
static void tell_progress(
	const struct cor_test_runner *runner, const struct running *running, int64_t *told_ns)
{
	int64_t now_ns = cor_monotonic_ns();
	const struct cor_test_program *slowest = NULL;

	if (now_ns - *told_ns < PROGRESS_NS)
		return;
	for (size_t i = 0; i < running->len; i++) {
		if (!slowest || running->programs[i]->begun_ns < slowest->begun_ns)
			slowest = running->programs[i];
	}
	if (!slowest)
		return;
	*told_ns = now_ns;
	int64_t seconds = (now_ns - slowest->begun_ns) / 1000000000;
	if (!slowest->planned)
		cor_cli_say(runner->cli, "%s runs for %" PRId64 " s", slowest->name, seconds);
	else
		cor_cli_say(runner->cli, "%s: %zu of %" PRId64 " tests in %" PRId64 " s%s%s",
			slowest->name, cor_test_count(slowest), slowest->planned, seconds,
			slowest->current ? ", now " : "", slowest->current ? slowest->current : "");
}

static size_t chosen(const struct cor_test_runner *runner)
{
	size_t count = 0;

	for (size_t i = 0; i < runner->len; i++)
		count += runner->programs[i].is_chosen;
	return count;
}

struct cor_test_program *cor_test_programs(
	const struct cor_cli *cli, const char *build, size_t *ret_len)
{
	struct cor_test_program *programs;
	const char **sources;
	size_t len = 0;

	cor_cli_list_files(cli, "test", "test_", ".c", &sources);
	while (sources[len])
		len++;
	programs = cor_cli_alloc(cli, (len + 1) * sizeof *programs);
	for (size_t i = 0; i < len; i++) {
		const char *name = cor_cli_text(
			cli, "%.*s", (int)strlen(sources[i]) - 2, sources[i]);
		programs[i] = (struct cor_test_program){
			.name = name,
			.path = cor_cli_text(cli, "%s/%s", build, name),
			.is_chosen = true,
		};
	}
	*ret_len = len;
	return programs;
}

/* What a program has against its command line, which is that of all; NULL: nothing. */
static const char *refusal_of(const struct cor_test_runner *runner)
{
	for (size_t i = 0; i < runner->len; i++) {
		if (runner->programs[i].is_refused)
			return runner->programs[i].refusal;
	}
	return NULL;
}

int cor_test_run_all(struct cor_test_runner *runner)
{
	struct running running = { .len = 0 };
	size_t jobs = runner->jobs < RUNNING_MAX ? runner->jobs : RUNNING_MAX;
	size_t programs = chosen(runner), at_once = programs < jobs ? programs : jobs;
	bool is_over = programs == 0;
	int64_t told_ns = cor_monotonic_ns();
	int rc = COR_CLI_OK;

	for (size_t next = 0; running.len || (!is_over && next < runner->len);) {
		if (!is_over && next < runner->len && running.len < at_once) {
			struct cor_test_program *program = &runner->programs[next++];
			if (!program->is_chosen)
				continue;
			rc = start(runner, program, jobs / at_once);
			is_over = rc != COR_CLI_OK;
			if (!is_over)
				add(&running, program);
			continue;
		}
		bool has_failed = wait_for_some(runner, &running);
		tell_progress(runner, &running, &told_ns);
		const char *refusal = refusal_of(runner);
		if (is_over || (!refusal && (!has_failed || !runner->stops_early)))
			continue;
		if (refusal)
			rc = cor_cli_fail(runner->cli, COR_CLI_USAGE, "%s", refusal);
		is_over = true;
		for (size_t i = 0; i < running.len; i++) {
			running.programs[i]->is_stopped = true;
			kill(running.programs[i]->pid, SIGTERM);
		}
	}
	return rc;
}
