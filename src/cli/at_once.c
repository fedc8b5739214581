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

/* Wait until one of them has ended. */
static void wait_for_one(const struct cor_cli *cli, struct running *all, size_t len)
{
	int status;
	pid_t pid;

	do
		pid = waitpid(-1, &status, 0);
	while (pid < 0 && errno == EINTR);
	for (size_t i = 0; pid > 0 && i < len; i++)
		if (all[i].pid == pid)
			take(cli, &all[i], status);
}

static struct running *idle(struct running *all, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (all[i].pid == 0)
			return &all[i];
	return NULL;
}

static bool is_any_running(const struct running *all, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (all[i].pid != 0)
			return true;
	return false;
}

int cor_cli_run_at_once(const struct cor_cli *cli, struct cor_cli_job *jobs, size_t len)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t most = processors > 0 ? (size_t)processors : 1, next = 0;
	struct running *all = cor_cli_alloc(cli, most * sizeof *all);
	int rc = COR_CLI_OK;

	for (; next < len && rc == COR_CLI_OK; next++) {
		struct running *free_one = idle(all, most);
		if (!free_one) {
			wait_for_one(cli, all, most);
			free_one = idle(all, most);
		}
		rc = start(cli, &jobs[next], free_one);
	}
	while (is_any_running(all, most))
		wait_for_one(cli, all, most);
	return rc;
}
