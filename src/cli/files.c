/* SPDX-License-Identifier: MIT */
#include "cli/files.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES_MAX (64u * 1024 * 1024)
#define FILES_MAX      20000
#define DEPTH_MAX      32

bool cor_cli_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

int cor_cli_read_file(const struct cor_cli *cli, const char *path, struct cor_str *ret)
{
	bool is_input = strcmp(path, "-") == 0;
	FILE *stream = is_input ? stdin : fopen(path, "rbe");
	struct cor_buffer text = { .limit = FILE_BYTES_MAX };
	size_t bytes = 1;

	if (!stream)
		return cor_cli_fail(cli, COR_CLI_INPUT, "%s: %s", path, strerror(errno));
	while (bytes) {
		char *room = cor_buffer_reserve(&text, 1 << 14);
		bytes = room ? fread(room, 1, 1 << 14, stream) : 0;
		text.len += bytes;
	}
	int error = ferror(stream) ? errno : 0;
	if (!is_input)
		fclose(stream);
	if (error || cor_buffer_error(&text)) {
		cor_buffer_finish(&text);
		return cor_cli_fail(cli, COR_CLI_INPUT, "%s: %s", path,
			error ? strerror(error) : "is longer than 64 MiB");
	}
	*ret = cor_cli_take(cli, &text);
	return COR_CLI_OK;
}

/* The folders above a file. What cannot be made is told by whoever opens the file. */
static void make_folders(const struct cor_cli *cli, const char *path)
{
	char *copy = cor_cli_text(cli, "%s", path);

	for (char *at = copy + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		mkdir(copy, 0777);
		*at = '/';
	}
}

static int write_file(
	const struct cor_cli *cli, const char *path, const char *mode, struct cor_str text)
{
	make_folders(cli, path);
	FILE *stream = fopen(path, mode);
	if (!stream)
		return cor_cli_fail(cli, COR_CLI_OUTPUT, "%s: %s", path,
			errno == EEXIST ? "is there already" : strerror(errno));
	bool is_written = fwrite(text.data, 1, text.len, stream) == text.len;
	int error = errno;
	if (fclose(stream) != 0) {
		error = errno;
		is_written = false;
	}
	return is_written ? COR_CLI_OK
			  : cor_cli_fail(cli, COR_CLI_OUTPUT, "%s: %s", path, strerror(error));
}

int cor_cli_create_file(const struct cor_cli *cli, const char *path, struct cor_str text)
{
	return write_file(cli, path, "wbxe", text);
}

int cor_cli_replace_file(const struct cor_cli *cli, const char *path, struct cor_str text)
{
	char whole[PATH_MAX];

	if (realpath(path, whole)) /* a link stays one */
		path = cor_cli_text(cli, "%s", whole);
	const char *next = cor_cli_text(cli, "%s.%ld.new", path, (long)getpid());
	int rc = write_file(cli, next, "wbe", text);

	if (rc == COR_CLI_OK && rename(next, path) != 0)
		rc = cor_cli_fail(cli, COR_CLI_OUTPUT, "%s: %s", path, strerror(errno));
	if (rc != COR_CLI_OK)
		unlink(next);
	return rc;
}

/* --- all files below a folder --- */

struct listing {
	const struct cor_cli *cli;
	const char *begins, *ends;
	const char **paths;
	size_t len;
};

static bool is_wanted(const struct listing *listing, const char *name)
{
	size_t len = strlen(name), ends = strlen(listing->ends);

	return strncmp(name, listing->begins, strlen(listing->begins)) == 0 && len >= ends &&
	       strcmp(name + len - ends, listing->ends) == 0;
}

static void walk(struct listing *listing, const char *folder, unsigned depth)
{
	DIR *dir = depth < DEPTH_MAX ? opendir(cor_cli_path(listing->cli, folder)) : NULL;
	const struct dirent *entry;
	struct stat facts;

	while (dir && (entry = readdir(dir))) {
		const char *path = cor_cli_text(listing->cli, "%s/%s", folder, entry->d_name);
		if (entry->d_name[0] == '.' || stat(cor_cli_path(listing->cli, path), &facts) != 0)
			continue;
		if (S_ISDIR(facts.st_mode))
			walk(listing, path, depth + 1);
		else if (is_wanted(listing, entry->d_name) && listing->len < FILES_MAX)
			listing->paths[listing->len++] = path;
	}
	if (dir)
		closedir(dir);
}

static int in_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void cor_cli_list_files(const struct cor_cli *cli, const char *folder, const char *begins,
	const char *ends, const char ***ret)
{
	struct listing listing = { cli, begins, ends, NULL, 0 };

	listing.paths = cor_cli_alloc(cli, (FILES_MAX + 1) * sizeof *listing.paths);
	walk(&listing, folder, 0);
	qsort(listing.paths, listing.len, sizeof *listing.paths, in_order);
	listing.paths[listing.len] = NULL;
	*ret = listing.paths;
}
