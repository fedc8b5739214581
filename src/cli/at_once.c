/* SPDX-License-Identifier: MIT */
#include "cli/at_once.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/process.h"

struct running {
	pid_t pid; /* 0: nobody */
	int output;
	struct cor_cli_job *job;
};

static int start(const struct cor_cli *cli, struct cor_cli_job *job, struct running *ret)
{
	struct cor_cli quiet = *cli;

	cor_cli_show(cli, job->argv);
	quiet.is_verbose = false;
	ret->job = job;
	ret->output = memfd_create("output", MFD_CLOEXEC);
	ret->pid = ret->output < 0 ? -1 : fork();
	if (ret->pid == 0) {
		dup2(ret->output, STDOUT_FILENO);
		dup2(ret->output, STDERR_FILENO);
		_exit(cor_cli_become(&quiet, job->argv));
	}
	if (ret->pid > 0)
		return COR_CLI_OK;
	ret->pid = 0;
	if (ret->output >= 0)
		close(ret->output);
	return cor_cli_fail(cli, COR_CLI_TOOL, "%s: %s", job->argv[0], strerror(errno));
}

static void take(const struct cor_cli *cli, struct running *running, int status)
{
	off_t bytes = lseek(running->output, 0, SEEK_END);
	char *text = cor_cli_alloc(cli, bytes > 0 ? (size_t)bytes + 1 : 1);
	ssize_t len = bytes > 0 ? pread(running->output, text, (size_t)bytes, 0) : 0;

	running->job->output = (struct cor_str){ text, len > 0 ? (size_t)len : 0 };
	running->job->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	close(running->output);
	running->pid = 0;
}

struct at_once {
	const struct cor_cli *cli;
	struct running *all;
	size_t most;
	cor_cli_job_ended *ended;
	void *arg;
};

/* Wait until one of them has ended. */
static void wait_for_one(const struct at_once *at_once)
{
	struct running *all = at_once->all;
	int status;
	pid_t pid;

	do
		pid = waitpid(-1, &status, 0);
	while (pid < 0 && errno == EINTR);
	for (size_t i = 0; pid > 0 && i < at_once->most; i++) {
		if (all[i].pid != pid)
			continue;
		take(at_once->cli, &all[i], status);
		if (at_once->ended)
			at_once->ended(at_once->arg, all[i].job);
	}
}

static struct running *idle(const struct at_once *at_once)
{
	for (size_t i = 0; i < at_once->most; i++)
		if (at_once->all[i].pid == 0)
			return &at_once->all[i];
	return NULL;
}

static bool is_any_running(const struct at_once *at_once)
{
	for (size_t i = 0; i < at_once->most; i++)
		if (at_once->all[i].pid != 0)
			return true;
	return false;
}

int cor_cli_run_at_once(const struct cor_cli *cli, struct cor_cli_job *jobs, size_t len,
	cor_cli_job_ended *ended, void *arg)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct at_once at_once = { cli, NULL, processors > 0 ? (size_t)processors : 1, ended, arg };
	int rc = COR_CLI_OK;

	at_once.all = cor_cli_alloc(cli, at_once.most * sizeof *at_once.all);
	for (size_t next = 0; next < len && rc == COR_CLI_OK; next++) {
		if (jobs[next].is_done)
			continue;
		struct running *free_one = idle(&at_once);
		while (!free_one) {
			wait_for_one(&at_once);
			free_one = idle(&at_once);
		}
		rc = start(cli, &jobs[next], free_one);
	}
	while (is_any_running(&at_once))
		wait_for_one(&at_once);
	return rc;
}
