/* SPDX-License-Identifier: MIT */
#include "testing/task.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <coracle/clock.h>
#include <coracle/error.h>
#include <coracle/fiber.h>

#include "testing/crash.h"
#include "testing/ending.h"

#define NS_PER_MS 1000000
#define LOOK_MS   200                         /* a task may extend its own time */
#define GRACE_NS  ((int64_t)2000 * NS_PER_MS) /* from the question where it hangs to its end */

/* --- the watcher --- */

static void listened_to(sigset_t *ret)
{
	sigemptyset(ret);
	sigaddset(ret, SIGCHLD);
	sigaddset(ret, SIGINT);
	sigaddset(ret, SIGTERM);
}

int cor_watcher_init(struct cor_watcher *watcher)
{
	sigset_t signals;

	listened_to(&signals);
	watcher->is_interrupted = false;
	sigprocmask(SIG_BLOCK, &signals, NULL);
	watcher->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	return watcher->signal_fd < 0 ? -errno : 0;
}

void cor_watcher_finish(struct cor_watcher *watcher)
{
	close(watcher->signal_fd);
}

static void read_signals(struct cor_watcher *watcher)
{
	struct signalfd_siginfo info;

	while (read(watcher->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
		if (info.ssi_signo != SIGCHLD)
			watcher->is_interrupted = true;
}

/* --- the start --- */

/* Sealed, so that a test that prints for ever fills no memory. */
static int create_output(void)
{
	int fd = memfd_create("output", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && (ftruncate(fd, COR_OUTPUT_FILE_BYTES) < 0 ||
			       fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) < 0)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void take_output(int output_fd)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		close(null);
	}
	dup2(output_fd, STDOUT_FILENO);
	dup2(output_fd, STDERR_FILENO);
}

static _Noreturn void be_task(const struct cor_task_options *options, int output_fd, pid_t parent)
{
	sigset_t signals;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	if (options->has_group)
		setpgid(0, 0);
	listened_to(&signals);
	sigprocmask(SIG_UNBLOCK, &signals, NULL);
	if (output_fd >= 0)
		take_output(output_fd);
	cor_crash_watch(options->outcome);
	options->body(options->arg, output_fd);
	cor_crash_forget();
	cor_end_process();
}

void cor_task_extend(struct cor_outcome *outcome, int64_t timeout_ms)
{
	outcome->due_ns = timeout_ms > 0 ? cor_monotonic_ns() + timeout_ms * NS_PER_MS
					 : COR_FOREVER;
}

int cor_task_start(struct cor_task *task, const struct cor_task_options *options)
{
	pid_t parent = getpid();
	int output_fd = options->keeps_output ? create_output() : -1;

	if (options->keeps_output && output_fd < 0)
		return -errno;
	fflush(NULL);
	options->outcome->begun_ns = cor_monotonic_ns();
	cor_task_extend(options->outcome, options->timeout_ms);
	pid_t pid = fork();
	if (pid == 0)
		be_task(options, output_fd, parent);
	if (pid < 0) {
		int rc = -errno;
		if (output_fd >= 0)
			close(output_fd);
		return rc;
	}
	if (options->has_group)
		setpgid(pid, pid);
	*task = (struct cor_task){ pid, options->outcome, task->index, output_fd,
		options->has_group };
	return 0;
}

/* --- the wait --- */

/* It is asked where it hangs, by the signal whose handler notes the stack; then it is ended. */
static void look_at_time(struct cor_task *task, int64_t now_ns)
{
	int64_t due_ns = task->outcome->due_ns;

	if (now_ns < due_ns)
		return;
	if (!task->outcome->is_late) {
		task->outcome->is_late = true;
		kill(task->pid, SIGABRT);
	} else if (now_ns - due_ns > GRACE_NS) {
		kill(task->has_group ? -task->pid : task->pid, SIGKILL);
	}
}

static int wait_ms(const struct cor_task *tasks, size_t len, int64_t now_ns)
{
	int64_t ms = LOOK_MS;

	for (size_t i = 0; i < len; i++) {
		int64_t left_ms = (tasks[i].outcome ? tasks[i].outcome->due_ns : COR_FOREVER);
		left_ms = tasks[i].pid == 0 || left_ms == COR_FOREVER
				  ? LOOK_MS
				  : (left_ms - now_ns) / NS_PER_MS + 1;
		ms = left_ms < ms ? left_ms : ms;
	}
	return ms < 1 ? 1 : (int)ms;
}

static struct cor_task *find_ended(struct cor_task *tasks, size_t len)
{
	int status;

	for (size_t i = 0; i < len; i++) {
		if (tasks[i].pid == 0 || waitpid(tasks[i].pid, &status, WNOHANG) != tasks[i].pid)
			continue;
		tasks[i].outcome->ended_ns = cor_monotonic_ns();
		cor_ending_note(&tasks[i], status);
		tasks[i].pid = 0;
		return &tasks[i];
	}
	return NULL;
}

static void pass_on(const struct cor_task *tasks, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (tasks[i].pid > 0)
			kill(tasks[i].has_group ? -tasks[i].pid : tasks[i].pid,
				tasks[i].has_group ? SIGKILL : SIGTERM);
}

struct cor_task *cor_tasks_wait(
	struct cor_watcher *watcher, struct cor_task *tasks, size_t len, int also_fd)
{
	struct pollfd fds[] = {
		{ .fd = watcher->signal_fd, .events = POLLIN },
		{ .fd = also_fd, .events = POLLIN },
	};
	bool was_interrupted = watcher->is_interrupted;
	struct cor_task *ended;

	for (;;) {
		ended = find_ended(tasks, len);
		if (ended)
			return ended;
		int64_t now_ns = cor_monotonic_ns();
		poll(fds, 2, wait_ms(tasks, len, now_ns));
		read_signals(watcher);
		if (watcher->is_interrupted && !was_interrupted) {
			pass_on(tasks, len);
			return NULL;
		}
		if (fds[1].revents != 0)
			return NULL;
		now_ns = cor_monotonic_ns();
		for (size_t i = 0; i < len; i++)
			if (tasks[i].pid > 0)
				look_at_time(&tasks[i], now_ns);
	}
}
