/* SPDX-License-Identifier: MIT */
#include "cli/changed_lines.h"

#include <stdlib.h>
#include <string.h>

#include "cli/process.h"
#include "coverage/exclusions.h"

/* A byte of a name that git has quoted, behind the backslash: '"', "t", "303". */
static char unquoted(const char **at)
{
	static const char from[] = "abtnvfr", to[] = "\a\b\t\n\v\f\r";
	const char *place = strchr(from, **at);
	unsigned byte = 0;

	if (**at == '\0')
		return '\0';
	if (**at < '0' || **at > '7') {
		char plain = *(*at)++;
		return place ? to[place - from] : plain;
	}
	for (int i = 0; i < 3 && **at >= '0' && **at <= '7'; i++)
		byte = 8 * byte + (unsigned)(*(*at)++ - '0');
	return (char)byte;
}

/* A name of a diff: in quotes if it has a '"', followed by a tab if it has a blank. */
static const char *name_of(const struct cor_cli *cli, const char *line, size_t len)
{
	bool is_quoted = line[0] == '"';
	char *name = cor_cli_text(cli, "%.*s", (int)len, line), *to = name;

	for (const char *at = name + is_quoted; *at && *at != (is_quoted ? '"' : '\t');) {
		char byte = *at++;
		*to++ = is_quoted && byte == '\\' ? unquoted(&at) : byte;
	}
	*to = '\0';
	return name;
}

/* "+++ b/main/shop.c" of a diff; NULL: the file is gone. */
static const char *file_of(const struct cor_cli *cli, const char *line, size_t len)
{
	const char *name = name_of(cli, line + 4, len - 4);

	return strncmp(name, "b/", 2) == 0 ? name + 2 : NULL;
}

/* "-10,0" or "+11": how many lines, and the first of them. */
static size_t span_of(const char *text, size_t *ret_first)
{
	char *end;

	*ret_first = strtoul(text, &end, 10);
	return *end == ',' ? strtoul(end + 1, NULL, 10) : 1;
}

/* "@@ -10,0 +11,2 @@": lines 11 and 12 are new. Returns how many lines of both follow. */
static size_t mark(const char *line, bool *changed, size_t len)
{
	const char *plus = strstr(line, " +");
	size_t first, gone = span_of(line + strlen("@@ -"), &first);
	size_t count = plus ? span_of(plus + 2, &first) : 0;

	for (size_t i = first; i < first + count && i < len; i++)
		changed[i] = true;
	return gone + count;
}

static void keep(const struct cor_cli *cli, const char *diff, struct cor_file_counts *file)
{
	bool *changed = cor_cli_alloc(cli, file->lines_len + 1);
	bool is_its = false;
	size_t texts = 0; /* lines of the file follow, which may look like any other */

	for (const char *line = diff; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		size_t len = strcspn(line, "\n");
		if (texts) {
			texts -= *line != '\\';
		} else if (strncmp(line, "+++ ", 4) == 0) {
			const char *path = file_of(cli, line, len);
			is_its = path && strcmp(path, file->path) == 0;
		} else if (strncmp(line, "@@ -", 4) == 0) {
			bool *here = is_its ? changed : NULL;
			texts = mark(line, here, here ? file->lines_len : 0);
		}
	}
	cor_cover_keep(file, changed, file->lines_len);
}

/* Whether git has never heard of it: all of it is new. */
static bool is_listed(struct cor_str names, const char *path)
{
	for (const char *at = names.data, *end = at + names.len; at < end; at += strlen(at) + 1)
		if (strcmp(at, path) == 0)
			return true;
	return false;
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
	const char *const others[] = { "git", "ls-files", "--others", "--exclude-standard", "-z",
		NULL };
	const char *const argv[] = { "git", "diff", "--no-color", "--no-ext-diff", "--relative",
		"--src-prefix=a/", "--dst-prefix=b/", "-U0", revision, "--", NULL };
	struct cor_str diff, untracked;
	size_t len = 0;
	int rc = cor_cli_ask(cli, argv, &diff);

	if (rc != 0)
		return cor_cli_fail(cli, COR_CLI_TOOL, "git diff %s failed", revision);
	if (cor_cli_ask(cli, others, &untracked) != 0)
		return cor_cli_fail(cli, COR_CLI_TOOL, "git ls-files failed");
	const char *text = cor_cli_text(cli, "%.*s", (int)diff.len, diff.data);
	for (size_t i = 0; i < coverage->files_len; i++) {
		if (!is_listed(untracked, coverage->files[i].path))
			keep(cli, text, &coverage->files[i]);
		if (has_statements(&coverage->files[i]))
			coverage->files[len++] = coverage->files[i];
	}
	coverage->files_len = len;
	return COR_CLI_OK;
}
