/* SPDX-License-Identifier: MIT */
#include "cli/project.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/files.h"
#include "cli/process.h"

#define PACKAGES_MAX 32
#define FOLDERS_MAX  32 /* around this one, in which a project is looked for */

/* What a line "NAME := value" of the Makefile says; NULL: there is none. */
static const char *variable(const struct cor_cli *cli, const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		if (strncmp(line, name, len) != 0)
			continue;
		const char *at = line + len + strspn(line + len, " \t");
		at += strspn(at, ":?");
		if (*at != '=')
			continue;
		at += 1 + strspn(at + 1, " \t");
		size_t value = strcspn(at, "\n#");
		while (value && (at[value - 1] == ' ' || at[value - 1] == '\t'))
			value--;
		return cor_cli_text(cli, "%.*s", (int)value, at);
	}
	return NULL;
}

static void add_packages(
	const struct cor_cli *cli, const char *names, const char **packages, size_t *len)
{
	while (names && *names && *len < PACKAGES_MAX) {
		size_t word = strcspn(names, " \t");
		if (word)
			packages[(*len)++] = cor_cli_text(cli, "%.*s", (int)word, names);
		names += word + strspn(names + word, " \t");
	}
}

int cor_project_open(const struct cor_cli *cli, struct cor_project *ret)
{
	const char *path = cor_cli_path(cli, "Makefile");
	struct cor_str text;
	size_t len = 0;

	if (!cor_cli_exists(path))
		return cor_cli_fail(cli, COR_CLI_INPUT,
			"%s has no Makefile, so it is no project: go there, or give -C DIR; coracle new makes one",
			strcmp(cli->folder, ".") == 0 ? "this folder" : cli->folder);
	int rc = cor_cli_read_file(cli, path, &text);
	if (rc != COR_CLI_OK)
		return rc;
	text.data = cor_cli_text(cli, "%.*s", (int)text.len, text.data);
	ret->name = variable(cli, text.data, "NAME");
	if (!ret->name || !ret->name[0])
		return cor_cli_fail(cli, COR_CLI_INPUT,
			"%s has no line NAME := ..., the name of the program that it builds", path);
	ret->build = "build";
	ret->program = cor_cli_text(cli, "build/%s", ret->name);
	ret->packages = cor_cli_alloc(cli, (PACKAGES_MAX + 1) * sizeof *ret->packages);
	add_packages(cli, variable(cli, text.data, "PACKAGES"), ret->packages, &len);
	add_packages(cli, variable(cli, text.data, "TEST_PACKAGES"), ret->packages, &len);
	return COR_CLI_OK;
}

static bool is_project(const struct cor_cli *cli, const char *makefile)
{
	struct stat facts;
	struct cor_str text;

	return stat(makefile, &facts) == 0 && S_ISREG(facts.st_mode) &&
	       (facts.st_uid == geteuid() || facts.st_uid == 0) &&
	       cor_cli_read_file(cli, makefile, &text) == COR_CLI_OK &&
	       variable(cli, cor_cli_text(cli, "%.*s", (int)text.len, text.data), "NAME");
}

void cor_project_find(struct cor_cli *cli)
{
	const char *folder = "..";

	if (strcmp(cli->folder, ".") != 0 || cor_cli_exists("Makefile"))
		return;
	for (unsigned i = 0; i < FOLDERS_MAX; i++, folder = cor_cli_text(cli, "%s/..", folder)) {
		if (!is_project(cli, cor_cli_text(cli, "%s/Makefile", folder)))
			continue;
		cli->folder = folder;
		cor_cli_say(cli, "works in %s", folder);
		return;
	}
}

int cor_project_open_lock(const struct cor_cli *cli)
{
	return open(cli->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

void cor_project_lock(const struct cor_cli *cli, int lock)
{
	if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return;
	cor_cli_say(cli, "waits for another make of this project");
	while (flock(lock, LOCK_EX) != 0 && errno == EINTR)
		;
}

int cor_project_make(const struct cor_cli *cli, const struct cor_project *project,
	const char *target, const char *sanitize)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	const char *argv[12];
	size_t len = 0;

	argv[len++] = "make";
	if (!cli->is_verbose)
		argv[len++] = "-s";
	argv[len++] = "--no-print-directory";
	argv[len++] = cor_cli_text(cli, "-j%ld", processors > 0 ? processors : 1);
	argv[len++] = target;
	if (strcmp(project->build, "build") != 0)
		argv[len++] = cor_cli_text(cli, "BUILD=%s", project->build);
	if (sanitize)
		argv[len++] = cor_cli_text(cli, "SANITIZE=%s", sanitize);
	argv[len] = NULL;
	int lock = cor_project_open_lock(cli);
	cor_project_lock(cli, lock);
	int rc = cor_cli_run_aside(cli, argv);
	if (lock >= 0)
		close(lock);
	if (rc != 0)
		cor_cli_fail(cli, COR_CLI_TOOL, "make %s failed", target);
	return rc;
}

void cor_project_warn_of(const struct cor_cli *cli, const char *sanitize)
{
	const char *const argv[] = { "pkg-config", "--variable=sanitize", "coracle", NULL };
	struct cor_str built_with;

	if (!sanitize || !strstr(sanitize, "thread") ||
		cor_cli_capture(cli, argv, &built_with) != 0 || strstr(built_with.data, "thread"))
		return;
	cor_cli_say(cli,
		"libcoracle was built without ThreadSanitizer, which sees neither its fibers nor its locks "
		"then, and reports races that are none: build one with meson setup "
		"-Db_sanitize=thread, and set PKG_CONFIG_PATH and LD_LIBRARY_PATH (docs/fibers.md)");
}

/* What a build tree, or an installation, has beside its programs; NULL: nothing. */
static const char *library_folder(const struct cor_cli *cli)
{
	const char *slash = strrchr(cli->program, '/');
	int len = slash ? (int)(slash - cli->program) : 0;
	const char *built = cor_cli_text(cli, "%.*s/meson-uninstalled", len, cli->program);
	const char *installed = cor_cli_text(
		cli, "%.*s/../" CORACLE_LIBDIR "/pkgconfig", len, cli->program);

	if (cor_cli_exists(built))
		return built;
	return cor_cli_exists(cor_cli_text(cli, "%s/coracle.pc", installed)) ? installed : NULL;
}

void cor_project_find_library(const struct cor_cli *cli)
{
	const char *folder = library_folder(cli), *path = getenv("PKG_CONFIG_PATH");

	if (!folder)
		return;
	if (path && path[0])
		folder = cor_cli_text(cli, "%s:%s", path, folder);
	setenv("PKG_CONFIG_PATH", folder, 1);
	if (cli->is_verbose)
		fprintf(stderr, "+ export PKG_CONFIG_PATH=%s\n", folder);
}
