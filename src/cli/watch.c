/* SPDX-License-Identifier: MIT */
#include "cli/watch.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define QUIET_MS  30
#define DEPTH_MAX 16
#define CHANGES   (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB)

static void watch_folder(const struct cor_cli *cli, int fd, const char *folder, unsigned depth)
{
	DIR *dir = depth < DEPTH_MAX ? opendir(folder) : NULL;
	const struct dirent *entry;
	struct stat facts;

	if (!dir)
		return;
	inotify_add_watch(fd, folder, CHANGES | IN_ONLYDIR);
	while ((entry = readdir(dir))) {
		const char *path = cor_cli_text(cli, "%s/%s", folder, entry->d_name);
		if (entry->d_name[0] != '.' && lstat(path, &facts) == 0 && S_ISDIR(facts.st_mode))
			watch_folder(cli, fd, path, depth + 1);
	}
	closedir(dir);
}

/* The project's own folder, in which each build writes, too. Returns what its events are of. */
static int watch_project(const struct cor_cli *cli, int fd)
{
	return inotify_add_watch(fd, cli->folder, CHANGES | IN_ONLYDIR);
}

/* Of what is in it: sources beside the Makefile, and folders of them that are new. */
static bool is_of_project(const char *name)
{
	static const char *const names[] = { "Makefile", "main", "test" };
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return len > 2 && name[0] != '.' && name[len - 2] == '.' && strchr("ch", name[len - 1]);
}

/* Returns whether one of the events is a change, or negative. */
static int read_events(int fd, int project)
{
	char events[4096] __attribute__((aligned(8)));
	ssize_t len = read(fd, events, sizeof events);
	bool is_change = false;

	if (len < 0)
		return errno == EINTR ? 0 : -errno;
	for (const char *at = events; at < events + len;) {
		const struct inotify_event *event = (const void *)at;
		is_change |= event->wd != project || (event->len && is_of_project(event->name));
		at += sizeof *event + event->len;
	}
	return is_change;
}

int cor_watch_begin(const struct cor_cli *cli)
{
	int fd = inotify_init1(IN_CLOEXEC);

	if (fd < 0) {
		cor_cli_say(cli, "--watch: %s", strerror(errno));
		return -errno;
	}
	watch_folder(cli, fd, cor_cli_path(cli, "main"), 0);
	watch_folder(cli, fd, cor_cli_path(cli, "test"), 0);
	watch_project(cli, fd);
	return fd;
}

int cor_watch_wait(const struct cor_cli *cli, int fd)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	int timeout = -1, rc = 0, project = watch_project(cli, fd);

	for (;;) {
		int ready = poll(&wait, 1, timeout);
		if (ready == 0 || (ready < 0 && errno != EINTR))
			break;
		rc = ready > 0 ? read_events(fd, project) : 0;
		if (rc < 0) {
			cor_cli_say(cli, "--watch: %s", strerror(-rc));
			break;
		}
		if (rc > 0)
			timeout = QUIET_MS;
	}
	close(fd);
	return rc < 0 ? rc : 0;
}
