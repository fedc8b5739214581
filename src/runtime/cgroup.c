/* SPDX-License-Identifier: MIT */
#include "runtime/cgroup.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/number.h"

const struct cor_cgroup_files cor_cgroup_system = {
	.groups = "/proc/self/cgroup",
	.mounts = "/proc/self/mountinfo",
	.root = "",
};

/* What a line of the mounts says, with the escapes of its paths resolved. */
struct mount {
	char *root; /* the group that is mounted, as the path from the top of the tree */
	char *point;
	char *type;
	char *options;
};

/* Whether a list with commas has the word. */
static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (*list) {
		size_t item = strcspn(list, ",");
		if (item == len && memcmp(list, word, len) == 0)
			return true;
		list += item + (list[item] == ',');
	}
	return false;
}

static bool is_octal(const char *text)
{
	return text[0] >= '0' && text[0] <= '3' && text[1] >= '0' && text[1] <= '7' &&
	       text[2] >= '0' && text[2] <= '7';
}

/* The kernel writes a blank, a tab, a newline and a backslash as \040 and so on. */
static char *unescape(char *text)
{
	char *to = text;

	for (const char *at = text; *at; to++) {
		if (*at == '\\' && is_octal(at + 1)) {
			*to = (char)((at[1] - '0') * 64 + (at[2] - '0') * 8 + (at[3] - '0'));
			at += 4;
		} else {
			*to = *at++;
		}
	}
	*to = '\0';
	return text;
}

/* The form is in proc_pid_mountinfo(5): optional fields stand before the "-". */
static bool read_mount(char *line, struct mount *ret)
{
	char *words[6], *word;

	for (int i = 0; i < 6; i++)
		words[i] = strsep(&line, " ");
	if (!words[5])
		return false;
	do
		word = strsep(&line, " ");
	while (word && strcmp(word, "-") != 0);
	ret->root = unescape(words[3]);
	ret->point = unescape(words[4]);
	ret->type = strsep(&line, " ");
	(void)strsep(&line, " "); /* the source */
	ret->options = strsep(&line, " \n");
	return ret->options != NULL;
}

/* Of this process, as the path from the top of the tree; for free(). NULL: not known. */
static char *find_group(const char *path, enum cor_cgroup_version version, const char *controller)
{
	FILE *file = fopen(path, "re");
	char *line = NULL, *found = NULL;
	size_t size = 0;

	while (file && !found && getline(&line, &size, file) > 0) {
		char *at = line;
		(void)strsep(&at, ":"); /* the number of the tree */
		const char *controllers = strsep(&at, ":");
		const char *group = strsep(&at, "\n");
		if (group && (version == COR_CGROUP_V2 ? *controllers == '\0'
						       : has_word(controllers, controller)))
			found = strdup(group);
	}
	free(line);
	if (file)
		fclose(file);
	return found;
}

/*
 * The way from the mounted group down to ours. If ours is not beneath it, a container was given
 * what is mounted as its own: there is no way to go.
 */
static const char *way_down(const char *root, const char *group)
{
	size_t len = strcmp(root, "/") == 0 ? 0 : strlen(root);

	if (strncmp(root, group, len) != 0 || group[len] != '/' || group[len + 1] == '\0' ||
		strstr(group, "/.."))
		return "";
	return group + len;
}

static void visit_upwards(struct cor_cgroup_visitor *visitor, enum cor_cgroup_version version,
	char *folder, size_t top_len)
{
	char *slash;

	for (;;) {
		visitor->visit(visitor, version, folder);
		slash = strrchr(folder + top_len, '/');
		if (!slash)
			return;
		*slash = '\0';
	}
}

static void visit_mount(const struct cor_cgroup_files *files, const struct mount *mount,
	const char *controller, struct cor_cgroup_visitor *visitor)
{
	char folder[PATH_MAX];
	enum cor_cgroup_version version = COR_CGROUP_V1;

	if (strcmp(mount->type, "cgroup2") == 0)
		version = COR_CGROUP_V2;
	else if (strcmp(mount->type, "cgroup") != 0 || !has_word(mount->options, controller))
		return;
	char *group = find_group(files->groups, version, controller);
	if (!group)
		return;
	int len = snprintf(folder, sizeof folder, "%s%s%s", files->root, mount->point,
		way_down(mount->root, group));
	free(group);
	if (len < (int)sizeof folder)
		visit_upwards(visitor, version, folder, strlen(files->root) + strlen(mount->point));
}

void cor_cgroup_each(const struct cor_cgroup_files *files, const char *controller,
	struct cor_cgroup_visitor *visitor)
{
	FILE *file = fopen(files->mounts, "re");
	char *line = NULL;
	size_t size = 0;
	struct mount mount;

	if (!file)
		return;
	while (getline(&line, &size, file) > 0)
		if (read_mount(line, &mount))
			visit_mount(files, &mount, controller, visitor);
	free(line);
	fclose(file);
}

int cor_cgroup_numbers(const char *folder, const char *name, uint64_t *ret, int max)
{
	char path[PATH_MAX], text[128], *at = text;
	int count = 0;

	if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
		return 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	ssize_t len = read(fd, text, sizeof text - 1);
	close(fd);
	if (len <= 0)
		return 0;
	text[len] = '\0';
	while (count < max && at &&
		cor_number_parse_uint64(cor_str(strsep(&at, " \n")), &ret[count]) == 0)
		count++;
	return count;
}
