/* SPDX-License-Identifier: MIT */
/* coracle dev: the service, built and started again with each change. */
#include "cli/dev.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <coracle/error.h>

#include "cli/dev_held.h"
#include "cli/dev_round.h"
#include "cli/dev_socket.h"
#include "cli/dev_tell.h"
#include "cli/environment_file.h"
#include "runtime/notified.h"

#define LOOK_MS    200 /* at those that start or end */
#define POLLED_MAX (3 + COR_DEV_CHILDREN_MAX)

/* --- the loop --- */

static struct cor_dev_child *find(struct cor_dev *dev, pid_t pid)
{
	for (size_t i = 0; i < dev->all_len; i++) {
		if (dev->all[i]->pid == pid)
			return dev->all[i];
	}
	return NULL;
}

static void reap(struct cor_dev *dev)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct cor_dev_child *child = find(dev, pid);
		if (child)
			cor_dev_ended(dev, child, status);
	}
}

/* The first asks everything to end, the second does not ask. */
static void end(struct cor_dev *dev)
{
	for (size_t i = 0; i < dev->all_len; i++) {
		int gently = dev->all[i] == dev->worker ? SIGINT : SIGTERM;
		cor_dev_child_signal(dev->all[i], dev->is_over ? SIGKILL : gently);
	}
	dev->is_over = true;
}

static void hear_signals(struct cor_dev *dev)
{
	struct signalfd_siginfo heard;

	while (read(dev->signals, &heard, sizeof heard) == (ssize_t)sizeof heard) {
		if (heard.ssi_signo != SIGCHLD)
			end(dev);
	}
	reap(dev);
}

/* Of the service, and of the next one; nobody else listens for long, and others may write here. */
static void keep(struct cor_dev *dev, int fd, pid_t pid)
{
	bool is_of_service = dev->service && dev->service->pid == pid;

	if (!is_of_service && !(dev->next && dev->next->pid == pid))
		close(fd);
	else if (!cor_dev_keep(&dev->kept, fd, pid, is_of_service))
		cor_cli_say(dev->cli,
			"the service has more than %d listeners: a change will find the last "
			"ones in use",
			COR_DEV_KEPT_MAX);
}

static void hear_ready(struct cor_dev *dev)
{
	struct cor_notified heard;

	while (cor_notified_hear(dev->ready, &heard) == 0) {
		if (heard.kept >= 0)
			keep(dev, heard.kept, heard.pid);
		if (heard.forgotten >= 0)
			cor_dev_kept_close(&dev->kept, heard.forgotten, heard.pid);
		if (heard.is_ready)
			cor_dev_is_ready(dev, heard.pid);
	}
}

/* Until something is due; -1: for ever. */
static int patience_ms(const struct cor_dev *dev, int64_t now_ms)
{
	int64_t left = -1;
	bool drains = false;

	if (dev->is_wanted && !dev->worker && !dev->next)
		left = dev->due_ms > now_ms ? dev->due_ms - now_ms : 5; /* the group ends */
	else if (dev->is_wanted)
		left = dev->due_ms > now_ms ? dev->due_ms - now_ms : 1000;
	for (size_t i = 0; i < COR_DEV_OLD_MAX; i++)
		drains |= dev->old[i] != NULL;
	if ((dev->next || drains) && (left < 0 || left > LOOK_MS))
		left = LOOK_MS;
	return (int)left;
}

static bool is_empty(const struct cor_dev *dev)
{
	for (size_t i = 0; i < dev->all_len; i++) {
		if (dev->all[i]->pid != 0)
			return false;
	}
	return true;
}

static size_t gather(const struct cor_dev *dev, struct pollfd polled[POLLED_MAX])
{
	size_t len = 0;

	polled[len++] = (struct pollfd){ .fd = dev->signals, .events = POLLIN };
	polled[len++] = (struct pollfd){ .fd = dev->ready, .events = POLLIN };
	polled[len++] = (struct pollfd){ .fd = dev->watch.fd, .events = POLLIN };
	for (size_t i = 0; i < dev->all_len; i++) {
		int fd = dev->all[i]->pid ? dev->all[i]->out : -1;
		polled[len++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	}
	return len;
}

/* Who is ready is heard before who has ended: it may be the same. */
static void work(struct cor_dev *dev)
{
	struct pollfd polled[POLLED_MAX];

	while (!dev->is_over || !is_empty(dev)) {
		size_t len = gather(dev, polled);
		(void)poll(polled, (nfds_t)len, patience_ms(dev, cor_dev_now_ms()));
		for (size_t i = 0; i < dev->all_len; i++) {
			if (dev->all[i]->pid)
				cor_dev_child_read(dev->all[i]);
		}
		if (cor_sources_watch_read(&dev->watch))
			cor_dev_change(dev, cor_dev_now_ms());
		hear_ready(dev);
		hear_signals(dev);
		cor_dev_look_for_crashes(dev);
		cor_dev_look_for_held(dev);
		cor_dev_proceed(dev, cor_dev_now_ms());
	}
}

/* --- before and after --- */

static const char *url_of(const struct cor_dev *dev, const char *address)
{
	const char *colon = strrchr(address, ':');

	if (strncmp(address, "unix:", 5) == 0 || !colon)
		return address;
	return cor_cli_text(dev->cli, "http://%.*s:%u/", (int)(colon - address), address,
		(unsigned)cor_listening_port(&dev->listening, 0));
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* A folder of its own, which nobody else can look into. */
static int open_folder(struct cor_dev *dev)
{
	const char *base = getenv("XDG_RUNTIME_DIR");

	snprintf(dev->folder, sizeof dev->folder, "%s/coracle-dev.XXXXXX",
		base && strlen(base) < 40 && access(base, W_OK) == 0 ? base : "/tmp");
	if (!mkdtemp(dev->folder))
		return cor_cli_fail(
			dev->cli, COR_CLI_OUTPUT, "%s: %s", dev->folder, strerror(errno));
	dev->ready = cor_notified_open(cor_cli_text(dev->cli, "%s/ready", dev->folder));
	dev->signals = open_signals();
	if (dev->ready < 0 || dev->signals < 0)
		return cor_cli_fail(dev->cli, COR_CLI_TOOL, "%s: %s", dev->folder,
			dev->ready < 0 ? cor_strerror(dev->ready) : strerror(errno));
	return COR_CLI_OK;
}

static void open_children(struct cor_dev *dev)
{
	dev->all_len = COR_DEV_CHILDREN_MAX;
	for (size_t i = 0; i < dev->all_len; i++) {
		dev->all[i] = cor_cli_alloc(dev->cli, sizeof *dev->all[i]);
		dev->all[i]->out = -1;
	}
	cor_arena_init(&dev->of_round, NULL, 0, 0);
	cor_arena_init(&dev->of_report, NULL, 0, 0);
	dev->round = dev->report = *dev->cli;
	dev->round.arena = &dev->of_round;
	dev->report.arena = &dev->of_report;
}

static int open_all(struct cor_dev *dev)
{
	const struct cor_cli *cli = dev->cli;
	int rc = cor_project_open(cli, &dev->project);
	const char **address = cor_cli_alloc(cli, sizeof *address);

	if (rc == COR_CLI_OK)
		rc = cor_sources_watch_open(&dev->watch, cli);
	if (rc == COR_CLI_OK) {
		*address = dev->address = cor_dev_address(dev, cli);
		rc = cor_dev_listen(cli, address, &dev->listening);
	}
	if (rc == COR_CLI_OK)
		rc = open_folder(dev);
	if (rc != COR_CLI_OK)
		return rc;
	open_children(dev);
	dev->url = url_of(dev, *address);
	return COR_CLI_OK;
}

static void remove_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		(void)unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	(void)rmdir(folder);
}

static void close_all(struct cor_dev *dev)
{
	cor_listening_close(&dev->listening);
	cor_dev_kept_drop(&dev->kept);
	if (dev->folder[0])
		remove_folder(dev->folder);
	if (dev->all_len) {
		cor_arena_finish(&dev->of_round);
		cor_arena_finish(&dev->of_report);
	}
}

static int run(struct cor_cli *cli)
{
	struct cor_dev *dev = cor_cli_alloc(cli, sizeof *dev);

	if (chdir(cli->folder) != 0)
		return cor_cli_fail(cli, COR_CLI_INPUT, "%s: %s", cli->folder, strerror(errno));
	cli->folder = ".";
	dev->cli = cli;
	dev->lock = -1;
	dev->is_first = true;
	dev->runs_tests = !cor_cli_has(cli, "--no-tests");
	dev->is_terminal = isatty(STDERR_FILENO);
	int rc = open_all(dev);
	if (rc == COR_CLI_OK) {
		if (cor_cli_has(cli, "--open")) {
			printf("%s\n", dev->url);
			fflush(stdout);
		}
		cor_dev_clear(dev);
		cor_dev_change(dev, cor_dev_now_ms());
		work(dev);
	}
	close_all(dev);
	return rc;
}

const struct cor_cli_verb cor_cli_dev = {
	.name = "dev",
	.arguments = "",
	.summary = "Serve, and build and start again with each change",
	.doc = "The service before answers until the new one is ready, so that no request is lost. What is\n"
	       "wrong with the newest sources is told here and in the browser: errors of the compiler, a\n"
	       "crash with its stack, a test that fails. Tests run that a change touches.\n"
	       "\n"
	       "The service gets what follows -- as its options, and the settings of the file .env. Ctrl-C\n"
	       "ends it.",
	.rest = "OPTION ...",
	.options = {
		{ "--http", NULL, "ADDRESS", "Listen here: 127.0.0.1:8080, unix:PATH" },
		{ "--no-tests", NULL, NULL, "Run no tests" },
		{ "--open", NULL, NULL, "Print the URL on standard output, once clients can connect" },
	},
	.run = run,
};
