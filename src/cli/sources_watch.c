/* SPDX-License-Identifier: MIT */
#include "cli/sources_watch.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX 32
#define QUIET_MS  30
#define ENDINGS   (IN_DELETE | IN_MOVED_FROM)
#define CHANGES   (IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_TO | ENDINGS | IN_ONLYDIR)

static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), end_len = strlen(end);

	return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

/* Hidden files, and copies that editors make: file~, #file#, file.swp, vim's 4913. */
static bool is_source(const char *name)
{
	return name[0] != '.' && name[0] != '#' && !ends_with(name, "~") &&
	       !ends_with(name, ".swp") && !ends_with(name, ".swx") && !ends_with(name, ".tmp") &&
	       name[strspn(name, "0123456789")] != '\0';
}

static bool counts(const char *folder, const char *name)
{
	if (folder[0])
		return is_source(name);
	return strcmp(name, "Makefile") == 0 || strcmp(name, ".env") == 0 ||
	       (is_source(name) && (ends_with(name, ".c") || ends_with(name, ".h")));
}

/* A folder that is watched already keeps its descriptor. */
static int add(struct cor_sources_watch *watch, const char *folder)
{
	const char *path = cor_cli_path(watch->cli, folder[0] ? folder : ".");
	int descriptor = inotify_add_watch(watch->fd, path, CHANGES);

	if (descriptor < 0 || descriptor >= COR_SOURCES_WATCHES_MAX)
		return -1;
	if (!watch->folders[descriptor] || strcmp(watch->folders[descriptor], folder) != 0)
		watch->folders[descriptor] = cor_cli_text(watch->cli, "%s", folder);
	if (descriptor >= watch->folders_len)
		watch->folders_len = descriptor + 1;
	return 0;
}

static void add_below(struct cor_sources_watch *watch, const char *folder, unsigned depth)
{
	char path[4096];
	DIR *dir = depth < DEPTH_MAX && add(watch, folder) == 0
			   ? opendir(cor_cli_path(watch->cli, folder))
			   : NULL;
	const struct dirent *entry;
	struct stat facts;

	while (dir && (entry = readdir(dir))) {
		int len = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		if (entry->d_name[0] == '.' || len < 0 || (size_t)len >= sizeof path)
			continue;
		if (stat(cor_cli_path(watch->cli, path), &facts) == 0 && S_ISDIR(facts.st_mode))
			add_below(watch, path, depth + 1);
	}
	if (dir)
		closedir(dir);
}

static void add_all(struct cor_sources_watch *watch)
{
	add_below(watch, "main", 0);
	add_below(watch, "test", 0);
}

int cor_sources_watch_open(struct cor_sources_watch *watch, const struct cor_cli *cli)
{
	*watch = (struct cor_sources_watch){ .cli = cli };
	watch->folders = cor_cli_alloc(cli, COR_SOURCES_WATCHES_MAX * sizeof *watch->folders);
	watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watch->fd < 0 || add(watch, "") < 0)
		return cor_cli_fail(cli, COR_CLI_TOOL,
			"cannot watch the folder: %s: see fs.inotify in sysctl(8)",
			strerror(errno));
	add_all(watch);
	return COR_CLI_OK;
}

/* A folder that came with files in it is a change, as one that went. */
static bool hear(struct cor_sources_watch *watch, const struct inotify_event *event)
{
	const char *folder = event->wd >= 0 && event->wd < watch->folders_len
				     ? watch->folders[event->wd]
				     : NULL;
	bool is_folder = (event->mask & IN_ISDIR) != 0;

	if (event->mask & IN_Q_OVERFLOW) {
		add_all(watch);
		return true;
	}
	if (event->len == 0 || !folder)
		return false;
	if (is_folder && folder[0] == '\0') {
		if (strcmp(event->name, "main") != 0 && strcmp(event->name, "test") != 0)
			return false;
	} else if (!counts(folder, event->name)) {
		return false;
	}
	if (is_folder)
		add_all(watch);
	else if (event->mask & IN_CREATE)
		return false; /* it is closed later, when it has been written */
	snprintf(watch->changed, sizeof watch->changed, "%s%s%s", folder, folder[0] ? "/" : "",
		event->name);
	return true;
}

bool cor_sources_watch_read(struct cor_sources_watch *watch)
{
	_Alignas(struct inotify_event) char events[1 << 14];
	bool has_changed = false;
	ssize_t len;

	while ((len = read(watch->fd, events, sizeof events)) > 0) {
		for (char *at = events; at < events + len;) {
			const struct inotify_event *event = (const void *)at;
			has_changed |= hear(watch, event);
			at += sizeof *event + event->len;
		}
	}
	return has_changed;
}

void cor_sources_watch_wait(struct cor_sources_watch *watch)
{
	struct pollfd wait = { .fd = watch->fd, .events = POLLIN };
	int timeout_ms = -1;

	while (poll(&wait, 1, timeout_ms) != 0) /* a signal that does not end us changes nothing */
		if (cor_sources_watch_read(watch))
			timeout_ms = QUIET_MS;
}
