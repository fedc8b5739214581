/* SPDX-License-Identifier: MIT */
#include "cli/plugins.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PREFIX "coracle-"

/* The folders of PATH, and that of this program first: it may not be installed. */
static const char *search_path(const struct cor_cli *cli)
{
	const char *path = getenv("PATH"), *slash = strrchr(cli->program, '/');
	int len = slash ? (int)(slash - cli->program) : 0;

	return cor_cli_text(cli, "%.*s:%s", len, cli->program, path ? path : "");
}

/* Take the first folder off a search path; NULL at its end. Empty ones are left out: they would be
   the current folder, which may be anybody's. */
static const char *next_folder(const struct cor_cli *cli, const char **path)
{
	while (**path) {
		size_t len = strcspn(*path, ":");
		const char *folder = *path;
		*path += len + (folder[len] == ':');
		if (len)
			return cor_cli_text(cli, "%.*s", (int)len, folder);
	}
	return NULL;
}

static const char *find(const struct cor_cli *cli, const char *name)
{
	const char *path = search_path(cli), *folder;

	if (strchr(name, '/'))
		return NULL;
	while ((folder = next_folder(cli, &path))) {
		const char *file = cor_cli_text(cli, "%s/" PREFIX "%s", folder, name);
		if (access(file, X_OK) == 0)
			return file;
	}
	return NULL;
}

int cor_cli_plugin(const struct cor_cli *cli)
{
	const char *name = cli->rest[0], *file = find(cli, name);
	const struct cor_cli_verb *meant = cor_cli_verb_meant(name);

	if (!file && meant)
		return cor_cli_fail(
			cli, COR_CLI_USAGE, "no verb %s: did you mean %s?", name, meant->name);
	if (!file)
		return cor_cli_fail(cli, COR_CLI_USAGE,
			"no verb %s, and no program " PREFIX "%s on PATH: --help lists the verbs",
			name, name);
	if (cli->is_verbose)
		cor_cli_say(cli, "%s is %s", name, file);
	if (chdir(cli->folder) != 0)
		return cor_cli_fail(cli, COR_CLI_INPUT, "%s: %s", cli->folder, strerror(errno));
	setenv("CORACLE", cli->program, 1);
	cli->rest[0] = cor_cli_text(cli, "%s", file);
	execv(file, cli->rest);
	return cor_cli_fail(cli, COR_CLI_TOOL, "%s: %s", file, strerror(errno));
}

static int in_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

#define LISTED_MAX 64

static void list_folder(
	const struct cor_cli *cli, const char *folder, const char **names, size_t *len)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	while (dir && *len < LISTED_MAX && (entry = readdir(dir))) {
		const char *name = entry->d_name + strlen(PREFIX);
		if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0 || strchr(name, '.') ||
			cor_cli_verb(name) ||
			access(cor_cli_text(cli, "%s/%s", folder, entry->d_name), X_OK) != 0)
			continue;
		names[(*len)++] = cor_cli_text(cli, "%s", name);
	}
	if (dir)
		closedir(dir);
}

void cor_cli_list_plugins(const struct cor_cli *cli, struct cor_buffer *buffer)
{
	const char *names[LISTED_MAX], *path = search_path(cli), *folder;
	size_t len = 0;

	while ((folder = next_folder(cli, &path)))
		list_folder(cli, folder, names, &len);
	if (len == 0)
		return;
	qsort(names, len, sizeof names[0], in_order);
	cor_buffer_literal(buffer, "\n  Programs of their own:");
	for (size_t i = 0; i < len; i++) {
		if (i == 0 || strcmp(names[i], names[i - 1]) != 0)
			cor_buffer_printf(buffer, " %s", names[i]);
	}
	cor_buffer_byte(buffer, '\n');
}
