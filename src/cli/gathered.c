/* SPDX-License-Identifier: MIT */
#include "cli/gathered.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <coracle/error.h>

#include "cli/files.h"
#include "cli/pattern.h"
#include "cli/process.h"
#include "coverage/exclusions.h"

#define AT_ONCE 32 /* files that one gcov reads */

struct wanted {
	const struct cor_cli *cli;
	const struct cor_gathering *gathering;
};

/* Without "." and ".." in it; the path is absolute. */
static char *straighten(const struct cor_cli *cli, const char *path)
{
	char *out = cor_cli_text(cli, "%s/", path), *to = out;

	for (const char *at = out; *at;) {
		size_t len = strcspn(at + 1, "/") + 1;
		if (len == 1 || (len == 2 && at[1] == '.')) {
			at += len;
			continue;
		}
		if (len == 3 && at[1] == '.' && at[2] == '.') {
			while (to > out && *--to != '/')
				continue;
		} else {
			memmove(to, at, len);
			to += len;
		}
		at += len;
	}
	*to = '\0';
	return out;
}

/* The name by which a file is reported. */
static const char *wants(void *arg, const char *folder, const char *file)
{
	const struct wanted *wanted = arg;
	const struct cor_gathering *gathering = wanted->gathering;
	const char *path = file[0] == '/' ? file : cor_cli_text(wanted->cli, "%s/%s", folder, file);
	size_t len = strlen(gathering->root);

	path = straighten(wanted->cli, path);
	if (strncmp(path, gathering->root, len) != 0 || path[len] != '/')
		return NULL;
	path += len + 1;
	if (gathering->include && !cor_cli_fits(wanted->cli, gathering->include, path))
		return NULL;
	return gathering->omit && cor_cli_fits(wanted->cli, gathering->omit, path) ? NULL : path;
}

/* A document a line, one for each object. */
static int add_output(struct cor_str text, struct wanted *wanted, struct cor_coverage *coverage)
{
	const char *at = text.data, *end = at + text.len;

	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((stop ? stop : end) - at);
		int rc = len ? cor_coverage_add_gcov(
				       coverage, (struct cor_str){ at, len }, wants, wanted)
			     : 0;
		if (rc == -ENOMEM)
			return cor_cli_fail(wanted->cli, COR_CLI_SOFTWARE, "there is no memory");
		if (rc < 0)
			return cor_cli_fail(wanted->cli, COR_CLI_DATA,
				"gcov has printed what is no document: is it the gcov of the compiler, of version 9 or later? GCOV says which it is");
		at += len + 1;
	}
	return COR_CLI_OK;
}

static int ask_gcov(const struct cor_cli *cli, const char *const *paths, size_t len,
	struct wanted *wanted, struct cor_coverage *coverage)
{
	const char *gcov = getenv("GCOV"), *argv[AT_ONCE + 5] = { NULL };
	struct cor_str text;
	size_t at = 0;

	argv[at++] = gcov && gcov[0] ? gcov : "gcov";
	argv[at++] = "--json-format";
	argv[at++] = "--stdout";
	argv[at++] = "--branch-probabilities";
	for (size_t i = 0; i < len; i++)
		argv[at++] = paths[i];
	int rc = cor_cli_capture(cli, argv, &text);
	if (rc != 0)
		return cor_cli_fail(cli, COR_CLI_TOOL, "%s failed: it comes with gcc", argv[0]);
	return add_output(text, wanted, coverage);
}

/* --- texts --- */

static int read_texts(const struct cor_cli *cli, const struct cor_gathering *gathering,
	struct cor_coverage *coverage)
{
	regex_t more;
	int rc = COR_CLI_OK;

	if (gathering->exclude && regcomp(&more, gathering->exclude, REG_EXTENDED) != 0)
		return cor_cli_fail(cli, COR_CLI_USAGE,
			"--exclude %s is no extended regular expression", gathering->exclude);
	for (size_t i = 0; rc == COR_CLI_OK && i < coverage->files_len; i++) {
		struct cor_file_counts *file = &coverage->files[i];
		const char *path = cor_cli_text(cli, "%s/%s", gathering->root, file->path);
		if (cor_cli_exists(path)) /* not one that was generated, and is gone */
			rc = cor_cli_read_file(cli, path, &file->text);
		cor_cover_exclude(file, gathering->exclude ? &more : NULL);
	}
	if (gathering->exclude)
		regfree(&more);
	return rc;
}

int cor_cli_gather(
	const struct cor_cli *cli, const struct cor_gathering *gathering, struct cor_coverage *ret)
{
	struct wanted wanted = { cli, gathering };
	const char **paths, *whole[AT_ONCE];
	size_t len = 0;
	int rc = COR_CLI_OK;

	*ret = (struct cor_coverage){ .arena = cli->arena };
	cor_cli_list_files(cli, gathering->data, "", ".gcno", &paths);
	if (!paths[0])
		return cor_cli_fail(cli, COR_CLI_INPUT,
			"%s has no counts: nothing there was compiled with --coverage",
			gathering->data);
	for (size_t i = 0; rc == COR_CLI_OK && paths[i]; i++) {
		char *path = realpath(cor_cli_path(cli, paths[i]), NULL);
		whole[len++] = path ? cor_cli_text(cli, "%s", path) : paths[i];
		free(path);
		if (len == AT_ONCE || !paths[i + 1]) {
			rc = ask_gcov(cli, whole, len, &wanted, ret);
			len = 0;
		}
	}
	cor_coverage_sort(ret);
	return rc == COR_CLI_OK ? read_texts(cli, gathering, ret) : rc;
}

void cor_cli_forget_counts(const struct cor_cli *cli, const char *data)
{
	const char **paths;

	cor_cli_list_files(cli, data, "", ".gcda", &paths);
	for (size_t i = 0; paths[i]; i++)
		unlink(cor_cli_path(cli, paths[i]));
}
