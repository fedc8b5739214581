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

/* Of a project that has its sources beside the Makefile. */
static void watch_sources(const struct cor_cli *cli, int fd)
{
	DIR *dir = opendir(cli->folder);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);
		if (len > 2 && entry->d_name[0] != '.' && entry->d_name[len - 2] == '.' &&
			strchr("ch", entry->d_name[len - 1]))
			inotify_add_watch(
				fd, cor_cli_path(cli, entry->d_name), CHANGES | IN_MODIFY);
	}
	if (dir)
		closedir(dir);
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
	watch_sources(cli, fd);
	inotify_add_watch(fd, cor_cli_path(cli, "Makefile"), CHANGES | IN_MODIFY);
	return fd;
}

int cor_watch_wait(const struct cor_cli *cli, int fd)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	char events[4096] __attribute__((aligned(8)));
	int timeout = -1, rc = 0;

	for (;;) {
		int ready = poll(&wait, 1, timeout);
		if (ready == 0 || (ready < 0 && errno != EINTR))
			break;
		if (ready > 0 && read(fd, events, sizeof events) < 0 && errno != EINTR) {
			cor_cli_say(cli, "--watch: %s", strerror(errno));
			rc = -errno;
			break;
		}
		timeout = QUIET_MS;
	}
	close(fd);
	return rc;
}
