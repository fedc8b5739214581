/* SPDX-License-Identifier: MIT */
#include "cli/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_plain(const char *word)
{
	return word[0] && word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					    "0123456789_-./=:,+@%")] == '\0';
}

static void show_word(const char *word)
{
	if (is_plain(word)) {
		fprintf(stderr, " %s", word);
		return;
	}
	fputs(" '", stderr);
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\''", stderr);
		else
			fputc(*word, stderr);
	}
	fputc('\'', stderr);
}

void cor_cli_show(const struct cor_cli *cli, const char *const *argv)
{
	if (!cli->is_verbose)
		return;
	fputs("+", stderr);
	for (size_t i = 0; argv[i]; i++)
		show_word(argv[i]);
	fputc('\n', stderr);
}

int cor_cli_become(const struct cor_cli *cli, const char *const *argv)
{
	char **copy;
	size_t len = 0;

	while (argv[len])
		len++;
	copy = cor_cli_alloc(cli, (len + 1) * sizeof *copy);
	for (size_t i = 0; i < len; i++)
		copy[i] = cor_cli_text(cli, "%s", argv[i]);
	cor_cli_show(cli, argv);
	if (chdir(cli->folder) != 0)
		return cor_cli_fail(cli, COR_CLI_INPUT, "%s: %s", cli->folder, strerror(errno));
	/* A path names a program: execvp() would have a shell read one of another machine. */
	if (strchr(copy[0], '/'))
		execv(copy[0], copy);
	else
		execvp(copy[0], copy);
	return cor_cli_fail(cli, COR_CLI_TOOL, "%s: %s", argv[0], strerror(errno));
}

static int status_of(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return COR_CLI_TOOL;
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* In the child: its standard output is `out`, its standard error, with quiet, nothing. */
static void redirect(int out, bool is_quiet)
{
	int nowhere = is_quiet ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;

	if (out >= 0)
		dup2(out, STDOUT_FILENO);
	if (nowhere >= 0)
		dup2(nowhere, STDERR_FILENO);
}

static pid_t start(const struct cor_cli *cli, const char *const *argv, int out, bool is_quiet)
{
	struct cor_cli quiet = *cli;

	cor_cli_show(cli, argv);
	quiet.is_verbose = false;
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		redirect(out, is_quiet);
		_exit(cor_cli_become(&quiet, argv));
	}
	return child;
}

static int run(const struct cor_cli *cli, const char *const *argv, int out)
{
	pid_t child = start(cli, argv, out, false);

	if (child < 0)
		return cor_cli_fail(cli, COR_CLI_TOOL, "%s: %s", argv[0], strerror(errno));
	return status_of(child);
}

int cor_cli_run(const struct cor_cli *cli, const char *const *argv)
{
	return run(cli, argv, -1);
}

int cor_cli_run_aside(const struct cor_cli *cli, const char *const *argv)
{
	return run(cli, argv, STDERR_FILENO);
}

static void drain(int fd, struct cor_buffer *buffer)
{
	ssize_t bytes = 1;

	while (bytes > 0 || (bytes < 0 && errno == EINTR)) {
		char *room = cor_buffer_reserve(buffer, 1 << 14);
		bytes = room ? read(fd, room, 1 << 14) : 0;
		buffer->len += bytes > 0 ? (size_t)bytes : 0;
	}
}

static int capture(
	const struct cor_cli *cli, const char *const *argv, bool is_quiet, struct cor_str *ret)
{
	struct cor_buffer buffer = { 0 };
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return cor_cli_fail(cli, COR_CLI_TOOL, "%s: %s", argv[0], strerror(errno));
	pid_t child = start(cli, argv, ends[1], is_quiet);
	close(ends[1]);
	if (child > 0)
		drain(ends[0], &buffer);
	close(ends[0]);
	*ret = cor_cli_take(cli, &buffer);
	if (child < 0)
		return cor_cli_fail(cli, COR_CLI_TOOL, "%s: %s", argv[0], strerror(errno));
	return status_of(child);
}

int cor_cli_capture(const struct cor_cli *cli, const char *const *argv, struct cor_str *ret)
{
	return capture(cli, argv, true, ret);
}

int cor_cli_ask(const struct cor_cli *cli, const char *const *argv, struct cor_str *ret)
{
	return capture(cli, argv, false, ret);
}

bool cor_cli_is_there(const struct cor_cli *cli, const char *program)
{
	const char *path = getenv("PATH");

	if (strchr(program, '/')) /* as execvp() has it */
		return access(cor_cli_path(cli, program), X_OK) == 0;
	while (path && *path) {
		size_t len = strcspn(path, ":");
		if (len && access(cor_cli_text(cli, "%.*s/%s", (int)len, path, program), X_OK) == 0)
			return true;
		path += len + (path[len] == ':');
	}
	return false;
}
