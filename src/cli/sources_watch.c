/* SPDX-License-Identifier: MIT */
#include "cli/sources_watch.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/files.h"
#include "cli/process.h"

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

/* Of " a b ". */
static bool is_named(const char *names, const char *name)
{
	char text[PATH_MAX + 3];

	return snprintf(text, sizeof text, " %s ", name) > 0 && strstr(names, text);
}

static void add_name(const struct cor_sources_watch *watch, const char **names, const char *name)
{
	if (!is_named(*names, name))
		*names = cor_cli_text(watch->cli, "%s%s ", *names, name);
}

static bool counts(const struct cor_sources_watch *watch, const char *folder, const char *name)
{
	if (folder[0])
		return is_source(name);
	return strcmp(name, "Makefile") == 0 || strcmp(name, ".env") == 0 ||
	       (is_source(name) && (ends_with(name, ".c") || ends_with(name, ".h"))) ||
	       is_named(watch->names, name);
}

/* One whose files are in the project without a rule that names them. */
static bool is_of_tree(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(path, folder, len) == 0 && (path[len] == '\0' || path[len] == '/');
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
	*watch = (struct cor_sources_watch){
		.cli = cli, .names = " ", .made = " ", .has_other_rules = true
	};
	watch->folders = cor_cli_alloc(cli, COR_SOURCES_WATCHES_MAX * sizeof *watch->folders);
	watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watch->fd < 0 || add(watch, "") < 0)
		return cor_cli_fail(cli, COR_CLI_TOOL,
			"cannot watch the folder: %s: see fs.inotify in sysctl(8)",
			strerror(errno));
	add_all(watch);
	return COR_CLI_OK;
}

/* Make's database. */
struct rules {
	struct cor_sources_watch *watch;
	const struct cor_cli *round;
	const char *text;
};

/* A file of which its folder is watched, since editors put others in its place; or a folder. */
static void add_prerequisite(const struct rules *rules, const char *path)
{
	struct cor_sources_watch *watch = rules->watch;
	const char *slash = strrchr(path, '/');
	struct stat facts;

	if (strchr("./|", path[0]) || strstr(path, "../") || is_of_tree(path, "main") ||
		is_of_tree(path, "test") || is_of_tree(path, "build") ||
		strstr(rules->text, cor_cli_text(rules->round, "\n%s: ", path)) || /* made itself */
		stat(cor_cli_path(rules->round, path), &facts) != 0)
		return;
	if (S_ISDIR(facts.st_mode))
		(void)add(watch, path);
	else if (slash)
		(void)add(watch, cor_cli_text(rules->round, "%.*s", (int)(slash - path), path));
	else
		add_name(watch, &watch->names, path);
}

/* "page_files.c: page page/index.html"; recipes begin with a tab. */
static void read_rule(const struct rules *rules, const char *line)
{
	const char *colon = strchr(line, ':');

	if (!colon || strchr("#\t ", line[0]) || strchr(line, '='))
		return;
	const char *at = colon + 1 + strspn(colon + 1, ": ");
	if (*at && !is_of_tree(line, "build"))
		add_name(rules->watch, &rules->watch->made,
			cor_cli_text(rules->round, "%.*s", (int)(colon - line), line));
	for (; *at; at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");
		add_prerequisite(rules, cor_cli_text(rules->round, "%.*s", (int)len, at));
		at += len;
	}
}

void cor_sources_watch_rules(struct cor_sources_watch *watch, const struct cor_cli *round)
{
	static const char *const argv[] = { "make", "-prRqs", "all", NULL };
	struct cor_str said = { "", 0 };

	if (!watch->has_other_rules)
		return;
	watch->has_other_rules = false;
	(void)cor_cli_capture(round, argv, &said); /* its status says what is to be made */
	const struct rules rules = { watch, round,
		cor_cli_text(round, "%.*s", (int)said.len, said.data) };
	for (const char *at = rules.text; *at; at += *at == '\n') {
		size_t len = strcspn(at, "\n");
		read_rule(&rules, cor_cli_text(round, "%.*s", (int)len, at));
		at += len;
	}
}

/* A folder that came with files in it is a change, as one that went. */
static bool hear(struct cor_sources_watch *watch, const struct inotify_event *event)
{
	const char *folder = event->wd >= 0 && event->wd < watch->folders_len
				     ? watch->folders[event->wd]
				     : NULL;
	bool is_folder = (event->mask & IN_ISDIR) != 0;
	char path[sizeof watch->changed];

	if (event->mask & IN_Q_OVERFLOW) {
		add_all(watch);
		return true;
	}
	if (event->len == 0 || !folder)
		return false;
	if (is_folder && folder[0] == '\0') {
		if (strcmp(event->name, "main") != 0 && strcmp(event->name, "test") != 0)
			return false;
	} else if (!counts(watch, folder, event->name)) {
		return false;
	}
	watch->has_other_rules |= !is_of_tree(folder, "main") && !is_of_tree(folder, "test");
	if (is_folder && folder[0])
		add_below(watch, cor_cli_text(watch->cli, "%s/%s", folder, event->name), 1);
	else if (is_folder)
		add_all(watch);
	else if (event->mask & IN_CREATE)
		return false; /* it is closed later, when it has been written */
	snprintf(path, sizeof path, "%s%s%s", folder, folder[0] ? "/" : "", event->name);
	if (!(event->mask & ENDINGS) && is_named(watch->made, path))
		return false; /* by make, of what has changed */
	memcpy(watch->changed, path, sizeof path);
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
