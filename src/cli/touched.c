/* SPDX-License-Identifier: MIT */
#include "cli/touched.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "before/file.h"
#include "cli/files.h"
#include "cli/test_contract.h"

static bool is_newer(const struct cor_cli *cli, const char *path, const struct timespec *than)
{
	struct stat facts;

	if (stat(cor_cli_path(cli, path), &facts) != 0)
		return true;
	return facts.st_mtim.tv_sec > than->tv_sec ||
	       (facts.st_mtim.tv_sec == than->tv_sec && facts.st_mtim.tv_nsec > than->tv_nsec);
}

/* A text with a NUL behind it; NULL: it cannot be read. */
static const char *text_of(const struct cor_cli *cli, const char *path)
{
	const char *whole = cor_cli_path(cli, path);
	struct cor_str text;

	if (!cor_cli_exists(whole) || cor_cli_read_file(cli, whole, &text) != COR_CLI_OK)
		return NULL;
	return cor_cli_text(cli, "%.*s", (int)text.len, text.data);
}

/* What an object is made of stands in its .d, behind "OBJECT:", up to the first line's end that is
   not escaped. */
static bool object_is_newer(
	const struct cor_cli *cli, const char *object, const struct timespec *than)
{
	size_t stem = strlen(object) - strlen(".o");
	const char *text = text_of(cli, cor_cli_text(cli, "%.*s.d", (int)stem, object));

	if (!text || !(text = strchr(text, ':')))
		return true;
	for (text++; *text && *text != '\n';) {
		size_t len = strcspn(text, " \n\\");
		if (len && is_newer(cli, cor_cli_text(cli, "%.*s", (int)len, text), than))
			return true;
		text += len;
		if (*text == '\\' && text[1])
			text += 2;
		else if (*text == ' ')
			text++;
	}
	return false;
}

/* GNU ld's list of the objects that it took from archives: a line "OBJECT  WHO NEEDS IT" each, or
   two where the first is long. */
static bool any_object_is_newer(
	const struct cor_cli *cli, const char *map, const struct timespec *than)
{
	static const char head[] = "Archive member included";
	const char *line = strncmp(map, head, strlen(head)) == 0 ? strstr(map, "\n\n") : NULL;

	if (!line)
		return false;
	for (line += 2; *line && *line != '\n';
		line += strcspn(line, "\n"), line += *line == '\n') {
		size_t len = strcspn(line, " \n");
		if (len < 3 || memcmp(line + len - 2, ".o", 2) != 0)
			continue;
		if (object_is_newer(cli, cor_cli_text(cli, "%.*s", (int)len, line), than))
			return true;
	}
	return false;
}

/* Requests in files, of which no compiler tells; those that were kept are run each time. */
static bool sends_newer(const struct cor_cli *cli, const char *program, const struct timespec *than)
{
	if (strstr(program, "/fuzz/"))
		return true;
	return cor_test_is_contract(program) && is_newer(cli, "test/" COR_BEFORE_FILE, than);
}

bool cor_touched(const struct cor_cli *cli, const char *program)
{
	const char *map = text_of(cli, cor_cli_text(cli, "%s.map", program));
	struct stat passed;

	if (stat(cor_cli_path(cli, cor_cli_text(cli, "%s.passed", program)), &passed) != 0)
		return true;
	if (!map || !strstr(map, "Memory Configuration"))
		return true;
	return is_newer(cli, "Makefile", &passed.st_mtim) ||
	       sends_newer(cli, program, &passed.st_mtim) ||
	       object_is_newer(cli, cor_cli_text(cli, "%s.o", program), &passed.st_mtim) ||
	       any_object_is_newer(cli, map, &passed.st_mtim);
}

void cor_touched_set(const struct cor_cli *cli, const char *program, const struct timespec *when)
{
	const char *path = cor_cli_path(cli, cor_cli_text(cli, "%s.passed", program));

	unlink(path);
	if (when &&
		cor_cli_replace_file(cli, path, COR_STR("all of its tests have passed\n")) == 0 &&
		utimensat(AT_FDCWD, path, (const struct timespec[]){ *when, *when }, 0) != 0)
		unlink(path);
}
