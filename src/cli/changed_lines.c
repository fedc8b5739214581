/* SPDX-License-Identifier: MIT */
#include "cli/changed_lines.h"

#include <stdlib.h>
#include <string.h>

#include "cli/process.h"
#include "coverage/exclusions.h"

/* "+++ b/main/shop.c" of a diff; NULL: the file is gone. */
static const char *file_of(const struct cor_cli *cli, const char *line, size_t len)
{
	if (len < 6 || strncmp(line, "+++ b/", 6) != 0)
		return NULL;
	return cor_cli_text(cli, "%.*s", (int)(len - 6), line + 6);
}

/* "@@ -10,0 +11,2 @@": lines 11 and 12 are new. */
static void mark(const char *line, bool *changed, size_t len)
{
	const char *plus = strstr(line, " +");
	char *end;
	size_t first = plus ? strtoul(plus + 2, &end, 10) : 0;
	size_t count = plus && *end == ',' ? strtoul(end + 1, NULL, 10) : 1;

	for (size_t i = first; plus && i < first + count && i < len; i++)
		changed[i] = true;
}

static void keep(const struct cor_cli *cli, const char *diff, struct cor_file_counts *file)
{
	bool *changed = cor_cli_alloc(cli, file->lines_len + 1);
	bool is_its = false;

	for (const char *line = diff; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		size_t len = strcspn(line, "\n");
		const char *path = file_of(cli, line, len);
		if (strncmp(line, "+++ ", 4) == 0)
			is_its = path && strcmp(path, file->path) == 0;
		else if (is_its && strncmp(line, "@@ ", 3) == 0)
			mark(line, changed, file->lines_len);
	}
	cor_cover_keep(file, changed, file->lines_len);
}

static bool has_statements(const struct cor_file_counts *file)
{
	for (size_t i = 0; i < file->lines_len; i++)
		if (file->lines[i].is_statement)
			return true;
	return false;
}

int cor_cli_keep_changed(
	const struct cor_cli *cli, const char *revision, struct cor_coverage *coverage)
{
	const char *const argv[] = { "git", "diff", "--no-color", "--no-ext-diff", "--relative",
		"--src-prefix=a/", "--dst-prefix=b/", "-U0", revision, "--", NULL };
	struct cor_str diff;
	size_t len = 0;
	int rc = cor_cli_ask(cli, argv, &diff);

	if (rc != 0)
		return cor_cli_fail(cli, COR_CLI_TOOL, "git diff %s failed", revision);
	const char *text = cor_cli_text(cli, "%.*s", (int)diff.len, diff.data);
	for (size_t i = 0; i < coverage->files_len; i++) {
		keep(cli, text, &coverage->files[i]);
		if (has_statements(&coverage->files[i]))
			coverage->files[len++] = coverage->files[i];
	}
	coverage->files_len = len;
	return COR_CLI_OK;
}
