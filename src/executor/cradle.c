/* SPDX-License-Identifier: MIT */
#include "executor/cradle.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "executor/pool_process.h"

#define NAME_BYTES  16   /* of a process: prctl(2) */
#define PATIENCE_MS 1000 /* with what does not die of SIGKILL: it waits for a device */
#define CHILDREN    4096 /* bytes of their numbers that are read at a time */

/* --- becoming the nursery --- */

static void close_range_of(unsigned from, unsigned to)
{
	if (from > to || syscall(SYS_close_range, from, to, 0) == 0)
		return;
	unsigned limit = (unsigned)sysconf(_SC_OPEN_MAX); /* Linux before 5.9 */
	for (unsigned fd = from; fd <= to && fd < limit; fd++)
		close((int)fd);
}

/* A socket of the owner that stayed open here would never end for its peer. */
static void close_others(const struct cor_nursery *nursery)
{
	unsigned channel = (unsigned)nursery->channel;

	close_range_of(STDERR_FILENO + 1, channel - 1);
	close_range_of(channel + 1, ~0U);
}

/*
 * The owner decides when pools end. What a terminal or a supervisor sends to all processes of the
 * service ends the owner, which may let jobs come to their end first.
 */
static void use_own_signals(void)
{
	static const int of_the_owner[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2,
		SIGPIPE };
	sigset_t set;

	for (int number = 1; number < SIGRTMIN; number++)
		(void)signal(number, SIG_DFL);
	for (size_t i = 0; i < sizeof of_the_owner / sizeof of_the_owner[0]; i++)
		(void)signal(of_the_owner[i], SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	(void)pthread_sigmask(SIG_SETMASK, &set, NULL);
}

static void take_name(const struct cor_nursery *nursery)
{
	const char *name = nursery->options.name ? nursery->options.name
						 : nursery->executors[0]->name;
	char text[NAME_BYTES];

	snprintf(text, sizeof text, "%.10s:pool", name);
	(void)prctl(PR_SET_NAME, text);
}

/* Returns a descriptor that tells of SIGCHLD, which also comes when the owner dies. */
static int become(const struct cor_nursery *nursery)
{
	sigset_t set;

	(void)setpgid(0, 0);
	take_name(nursery);
	use_own_signals();
	(void)prctl(PR_SET_PDEATHSIG, SIGCHLD);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1); /* what its processes leave becomes its own */
	cor_relay_enter(&nursery->relay);
	close_others(nursery);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* --- births and deaths --- */

/* Each is the leader of a group, with all that it has started unless that has left. */
static void kill_group(pid_t pid)
{
	(void)kill(pid, SIGKILL); /* it may not have made its group yet */
	(void)kill(-pid, SIGKILL);
}

/* A job may have written into its mailbox that its process is dead. */
static void make_room(struct cor_nursery *nursery, uint32_t slot)
{
	if (nursery->pids[slot] == 0)
		return;
	kill_group(nursery->pids[slot]);
	(void)waitpid(nursery->pids[slot], NULL, 0);
	nursery->pids[slot] = 0;
}

static void make(struct cor_nursery *nursery, uint32_t slot)
{
	struct cor_mailbox *mailbox = cor_nursery_mailbox(nursery, slot);

	make_room(nursery, slot);
	pid_t pid = fork();
	if (pid == 0)
		cor_pool_process_run(nursery, slot);
	if (pid < 0) {
		cor_mailbox_bury(mailbox, 0, -errno);
		return;
	}
	nursery->pids[slot] = pid;
	atomic_store(&mailbox->pid, pid);
}

/* As long as it is not buried its number, and its group's, are nobody else's. */
static void bury(struct cor_nursery *nursery, pid_t pid)
{
	uint32_t slot = 0;
	int status = 0;

	while (slot < nursery->len && nursery->pids[slot] != pid)
		slot++;
	if (slot < nursery->len)
		kill_group(pid);
	(void)waitpid(pid, &status, 0);
	if (slot == nursery->len)
		return;
	nursery->pids[slot] = 0;
	cor_mailbox_bury(cor_nursery_mailbox(nursery, slot), status, 0);
}

/* Returns whether there are children left. */
static bool bury_all(struct cor_nursery *nursery)
{
	siginfo_t info = { 0 };

	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0) {
		if (info.si_pid == 0)
			return true;
		bury(nursery, info.si_pid);
		info.si_pid = 0;
	}
	return false;
}

/* --- orders --- */

static void obey(struct cor_nursery *nursery, struct cor_nursery_order order)
{
	if (order.what == COR_NURSERY_MAKE)
		make(nursery, order.slot);
	else if (nursery->pids[order.slot] == 0)
		return;
	else if (order.what == COR_NURSERY_ASK)
		(void)kill(nursery->pids[order.slot], SIGXCPU);
	else
		kill_group(nursery->pids[order.slot]);
}

/* Returns false when the owner has gone. */
static bool obey_all(struct cor_nursery *nursery)
{
	struct cor_nursery_order order;

	for (;;) {
		ssize_t len = recv(nursery->channel, &order, sizeof order, MSG_DONTWAIT);
		if (len == sizeof order)
			obey(nursery, order);
		else if (len >= 0 || (errno != EAGAIN && errno != EINTR))
			return false;
		else if (errno == EAGAIN)
			return getppid() == nursery->owner;
	}
}

/* --- the end --- */

/* What has left its group, too: the kernel lists the children of a thread, and there is one. */
static void kill_children(void)
{
	char path[64], numbers[CHILDREN];

	snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? 0 : read(fd, numbers, sizeof numbers - 1);
	if (fd >= 0)
		close(fd);
	if (len <= 0)
		return;
	numbers[len] = '\0';
	char *at = numbers, *end;
	for (long pid = strtol(at, &end, 10); end != at; pid = strtol(at, &end, 10)) {
		(void)kill((pid_t)pid, SIGKILL);
		at = end;
	}
}

/* What dies leaves its own children to the nursery: so several times. */
static void kill_all(struct cor_nursery *nursery)
{
	for (int waited_ms = 0; waited_ms < PATIENCE_MS; waited_ms++) {
		for (uint32_t i = 0; i < nursery->len; i++)
			if (nursery->pids[i] != 0)
				kill_group(nursery->pids[i]);
		kill_children();
		if (!bury_all(nursery))
			return;
		(void)poll(NULL, 0, 1);
	}
}

_Noreturn void cor_cradle_run(struct cor_nursery *nursery)
{
	struct signalfd_siginfo ignored;
	struct pollfd fds[] = {
		{ .events = POLLIN },
		{ .events = POLLIN },
	};

	fds[0].fd = become(nursery);
	fds[1].fd = nursery->channel;
	do {
		(void)poll(fds, 2, -1);
		while (read(fds[0].fd, &ignored, sizeof ignored) > 0)
			;
		(void)bury_all(nursery);
	} while (fds[0].fd >= 0 && obey_all(nursery));
	kill_all(nursery);
	_exit(0);
}
