/* SPDX-License-Identifier: MIT */
#include "cli/fuzz_merge.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/files.h"
#include "cli/process.h"

#define FILES_MAX 2000  /* of a corpus: more are looked at at each start, and say no more */
#define PATIENCE  "120" /* seconds */

static size_t count_of(const char *const *names)
{
	size_t len = 0;

	while (names[len])
		len++;
	return len;
}

/* libFuzzer runs itself again, by a shell: no word of it has a blank, and headers are in a file. */
static int merge(const struct cor_fuzz *fuzz, const char *into)
{
	const struct cor_cli *cli = fuzz->cli;
	const char *headers = cor_cli_text(cli, "%s.headers", fuzz->own);
	struct cor_buffer lines = { 0 };
	struct cor_str said;

	for (size_t i = 0; cor_cli_nth(cli, "--header", i); i++)
		cor_buffer_printf(&lines, "%s\n", cor_cli_nth(cli, "--header", i));
	int rc = cor_cli_replace_file(cli, cor_cli_path(cli, headers), cor_cli_take(cli, &lines));
	if (rc != COR_CLI_OK)
		return rc;
	const char *const argv[] = {
		"timeout",
		"--kill-after=5",
		PATIENCE,
		fuzz->target,
		cor_cli_text(cli, "--operation=%s", fuzz->operation),
		cor_cli_text(cli, "--limit=%.0f", fuzz->limit_s),
		cor_cli_text(cli, "--headers=%s", headers),
		"--no-leaks",
		"-merge=1",
		"-detect_leaks=0",
		cor_cli_text(cli, "-timeout=%.0f", fuzz->limit_s),
		cor_cli_text(cli, "-artifact_prefix=%s/", into),
		cor_cli_text(cli, "%s/kept", into),
		fuzz->corpus,
		NULL,
	};
	return cor_cli_capture(cli, argv, &said);
}

static const char *name_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

static bool has_name(const char *const *paths, const char *path)
{
	for (; *paths; paths++)
		if (strcmp(name_of(*paths), name_of(path)) == 0)
			return true;
	return false;
}

/* What comes in comes first, so that a corpus is there whenever this is ended. */
static void replace(const struct cor_fuzz *fuzz, const char *const *before, const char *const *kept)
{
	const struct cor_cli *cli = fuzz->cli;

	for (size_t i = 0; kept[i]; i++)
		(void)rename(cor_cli_path(cli, kept[i]),
			cor_cli_path(
				cli, cor_cli_text(cli, "%s/%s", fuzz->corpus, name_of(kept[i]))));
	for (size_t i = 0; before[i]; i++)
		if (!has_name(kept, before[i]))
			(void)unlink(cor_cli_path(cli, before[i]));
}

static void clear(const struct cor_cli *cli, const char *folder)
{
	const char **names;

	cor_cli_list_files(cli, folder, "", "", &names);
	for (size_t i = 0; names[i]; i++)
		(void)unlink(cor_cli_path(cli, names[i]));
}

void cor_fuzz_merge(const struct cor_fuzz *fuzz)
{
	const struct cor_cli *cli = fuzz->cli;
	const char *into = cor_cli_text(cli, "%s.merge", fuzz->own), **before, **kept;
	const char *folder = cor_cli_text(cli, "%s/kept", into);

	cor_cli_list_files(cli, fuzz->corpus, "", "", &before);
	size_t len = count_of(before);
	if (len <= FILES_MAX)
		return;
	clear(cli, into);
	if (cor_cli_replace_file(cli, cor_cli_path(cli, cor_cli_text(cli, "%s/empty", folder)),
		    (struct cor_str){ "", 0 }) != COR_CLI_OK)
		return;
	int rc = merge(fuzz, into);
	cor_cli_list_files(cli, folder, "", "", &kept);
	size_t kept_len = count_of(kept);
	if (rc == 0 && kept_len > 1) {
		replace(fuzz, before, kept);
		cor_cli_say(cli,
			"the corpus had %zu files, and has %zu: what they reach is the same", len,
			kept_len);
	} else {
		cor_cli_say(cli,
			"the corpus has %zu files, and could not be made smaller (status %d): remove "
			"%s to begin anew",
			len, rc, fuzz->corpus);
	}
	clear(cli, into);
}
