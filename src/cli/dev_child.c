/* SPDX-License-Identifier: MIT */
#include "cli/dev_child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <coracle/clock.h>

#include "cli/process.h"
#include "runtime/notify.h"

#define FIRST_FD 3  /* sd_listen_fds(3) */
#define AT_ONCE  16 /* reads, before others have their turn */

int64_t cor_dev_now_ms(void)
{
	return cor_monotonic_ns() / 1000000;
}

/* --- in the child --- */

static void use_fresh_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int number = 1; number < SIGRTMIN; number++)
		(void)signal(number, SIG_DFL); /* a shell's background processes ignore some */
}

/* They are moved out of the way of their places first; no other descriptor is kept over exec. */
static void pass_sockets(const int *sockets, size_t len)
{
	char number[24], names[sizeof "web" + COR_DEV_SOCKETS_MAX * sizeof ":" COR_NOTIFY_KEPT];
	int moved[COR_DEV_SOCKETS_MAX];
	size_t at = 0;

	if (len == 0)
		return;
	for (size_t i = 0; i < len; i++)
		moved[i] = fcntl(sockets[i], F_DUPFD_CLOEXEC, FIRST_FD + (int)len);
	for (size_t i = 0; i < len; i++) {
		(void)dup2(moved[i], FIRST_FD + (int)i);
		at += (size_t)snprintf(
			names + at, sizeof names - at, "%s", i ? ":" COR_NOTIFY_KEPT : "web");
	}
	snprintf(number, sizeof number, "%ld", (long)getpid());
	setenv("LISTEN_PID", number, 1);
	snprintf(number, sizeof number, "%zu", len);
	setenv("LISTEN_FDS", number, 1);
	setenv("LISTEN_FDNAMES", names, 1);
}

static _Noreturn void be_child(const struct cor_dev_launch *launch, pid_t parent, int out)
{
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, launch->last_signal);
	if (getppid() != parent)
		_exit(COR_CLI_TOOL); /* it died before we had asked */
	use_fresh_signals();
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
	(void)dup2(nothing, STDIN_FILENO);
	(void)dup2(out, STDOUT_FILENO);
	(void)dup2(out, STDERR_FILENO);
	int status = launch->prepare ? launch->prepare(launch->arg) : 0;
	if (status != 0)
		_exit(status);
	pass_sockets(launch->sockets, launch->sockets_len);
	if (!launch->argv) {
		/* musl has no function for it */
		syscall(SYS_close_range, FIRST_FD + (int)launch->sockets_len, ~0U, 0);
		exit(launch->become(launch->arg));
	}
	execvp(launch->argv[0], (char *const *)(uintptr_t)launch->argv);
	fprintf(stderr, "%s: %s\n", launch->argv[0], strerror(errno));
	_exit(COR_CLI_TOOL);
}

/* --- in the command --- */

int cor_dev_child_start(
	struct cor_dev_child *child, const struct cor_cli *cli, const struct cor_dev_launch *launch)
{
	pid_t parent = getpid();
	int ends[2];

	if (launch->argv)
		cor_cli_show(cli, launch->argv);
	if (pipe2(ends, O_CLOEXEC) != 0)
		return cor_cli_fail(cli, COR_CLI_TOOL, "a pipe: %s", strerror(errno));
	(void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		be_child(launch, parent, ends[1]);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return cor_cli_fail(cli, COR_CLI_TOOL, "a process: %s", strerror(errno));
	}
	setpgid(pid, pid);
	child->pid = child->last_pid = pid;
	child->out = ends[0];
	child->is_quiet = launch->is_quiet;
	child->is_asked = child->is_told = false;
	child->began_ms = cor_dev_now_ms();
	child->said_len = child->looked = 0;
	child->said[0] = '\0';
	return COR_CLI_OK;
}

static void keep(struct cor_dev_child *child, const char *text, size_t len)
{
	size_t room = COR_DEV_SAID_BYTES - child->said_len;

	if (len > room) {
		size_t gone = len - room;
		memmove(child->said, child->said + gone, child->said_len - gone);
		child->said_len -= gone;
		child->looked -= child->looked < gone ? child->looked : gone;
	}
	memcpy(child->said + child->said_len, text, len);
	child->said_len += len;
	child->said[child->said_len] = '\0';
}

void cor_dev_child_read(struct cor_dev_child *child)
{
	char text[1 << 13];
	ssize_t len = -1;

	for (int i = 0; i < AT_ONCE && child->out >= 0; i++) {
		len = read(child->out, text, sizeof text);
		if (len <= 0)
			break;
		keep(child, text, (size_t)len);
		if (!child->is_quiet)
			fwrite(text, 1, (size_t)len, stderr);
	}
	if (child->out < 0 || len > 0 || (len < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	close(child->out);
	child->out = -1;
}

void cor_dev_child_signal(struct cor_dev_child *child, int number)
{
	if (child->pid == 0)
		return;
	child->is_asked = true;
	if (number == SIGTERM)
		kill(child->pid, number); /* a master tells its workers itself */
	else
		kill(-child->pid, number);
}

void cor_dev_child_forget(struct cor_dev_child *child)
{
	cor_dev_child_read(child);
	if (child->out >= 0)
		close(child->out); /* something that it has started has it still */
	child->out = -1;
	child->pid = 0;
}
