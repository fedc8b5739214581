/* SPDX-License-Identifier: MIT */
/* coracle doctor: what keeps a service from being built, or from running well. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <coracle/api.h>
#include <coracle/json_write.h>

#include "cli/cli.h"
#include "cli/environment_file.h"
#include "cli/files.h"
#include "cli/findings.h"
#include "cli/lock.h"
#include "cli/machine.h"
#include "cli/process.h"
#include "cli/project.h"
#include "cli/service.h"

#define RENEWAL_DAYS 30

/* --- tools --- */

/* The first line of what `PROGRAM --version` prints. */
static const char *version_of(const struct cor_cli *cli, const char *program)
{
	struct cor_str said;

	if (cor_cli_capture(cli, (const char *const[]){ program, "--version", NULL }, &said) != 0)
		return "found";
	return cor_cli_text(cli, "%.*s", (int)strcspn(said.data, "\n"), said.data);
}

static void examine_tool(
	struct cor_findings *findings, const char *what, const char *program, const char *advice)
{
	if (cor_cli_is_there(findings->cli, program))
		cor_find(
			findings, COR_FINDING_GOOD, what, version_of(findings->cli, program), NULL);
	else
		cor_find(findings, COR_FINDING_BAD, what,
			cor_cli_text(findings->cli, "%s is not on PATH", program), advice);
}

/* Which verb needs it: who does without that does without the tool. */
static const struct helping {
	const char *program, *what, *package;
} helping[] = {
	{ "clang", "coracle fuzz needs it", "clang libclang-rt-14-dev" },
	{ "clang-tidy", "coracle lint does without its findings", "clang-tidy" },
	{ "cppcheck", "coracle lint does without its findings", "cppcheck" },
	{ "gcov", "coracle cover needs it", "gcc" },
	{ "addr2line", "stacks of crashes, in tests and in coracle dev, have no lines",
		"binutils" },
};

static void examine_tools(struct cor_findings *findings)
{
	const char *compiler = getenv("CC");

	/* "ccache gcc" and "gcc -m32" begin with a program. */
	if (compiler && compiler[0])
		compiler = cor_cli_text(
			findings->cli, "%.*s", (int)strcspn(compiler, " "), compiler);
	examine_tool(findings, "make", "make", "install make: apt-get install make");
	examine_tool(findings, "compiler", compiler && compiler[0] ? compiler : "cc",
		"install one, or set CC: apt-get install gcc libc6-dev");
	examine_tool(findings, "pkg-config", "pkg-config", "install it: apt-get install pkgconf");
	for (size_t i = 0; i < sizeof helping / sizeof helping[0]; i++) {
		const struct helping *tool = &helping[i];
		if (cor_cli_is_there(findings->cli, tool->program))
			cor_find(findings, COR_FINDING_GOOD, tool->program,
				version_of(findings->cli, tool->program), NULL);
		else
			cor_find(findings, COR_FINDING_NOTE, tool->program,
				cor_cli_text(findings->cli, "is not on PATH: %s", tool->what),
				cor_cli_text(findings->cli, "apt-get install %s", tool->package));
	}
}

/* --- versions --- */

static void examine_package(
	struct cor_findings *findings, const char *package, const char *found, const char *locked)
{
	const struct cor_cli *cli = findings->cli;

	if (!found)
		cor_find(findings, COR_FINDING_BAD, package, "pkg-config does not find it",
			"install it, or set PKG_CONFIG_PATH to the folder of its .pc");
	else if (!locked)
		cor_find(findings, COR_FINDING_BAD, package,
			cor_cli_text(cli, "%s, which coracle.lock does not name", found),
			"coracle doctor --lock writes it down");
	else if (strcmp(found, locked) != 0)
		cor_find(findings, COR_FINDING_BAD, package,
			cor_cli_text(cli, "%s, and coracle.lock has %s", found, locked),
			"install that version; or test with this one, and coracle doctor --lock");
	else
		cor_find(findings, COR_FINDING_GOOD, package,
			cor_cli_text(cli, "%s, as in coracle.lock", found), NULL);
	if (found && strncmp(package, "coracle", 7) == 0 && strcmp(found, cor_version()) != 0)
		cor_find(findings, COR_FINDING_NOTE, package,
			cor_cli_text(cli, "this command is of %s", cor_version()),
			"install the command of the library's version");
}

static const char *locked_version(const struct cor_cli *cli, const char *text, const char *wanted)
{
	const char *package, *version;

	while (text && cor_lock_next(cli, &text, &package, &version)) {
		if (strcmp(package, wanted) == 0)
			return version;
	}
	return NULL;
}

static void examine_versions(struct cor_findings *findings, const struct cor_project *project)
{
	const struct cor_cli *cli = findings->cli;
	const char *path = cor_cli_path(cli, "coracle.lock"), *text = NULL;
	struct cor_str lock;

	if (cor_cli_exists(path) && cor_cli_read_file(cli, path, &lock) == COR_CLI_OK)
		text = cor_cli_text(cli, "%.*s", (int)lock.len, lock.data);
	for (size_t i = 0; project->packages[i]; i++)
		examine_package(findings, project->packages[i],
			cor_lock_found(cli, project->packages[i]),
			locked_version(cli, text, project->packages[i]));
}

/* --- certificates --- */

static bool lasts(const struct cor_cli *cli, const char *path, int days)
{
	struct cor_str said;
	const char *seconds = cor_cli_text(cli, "%d", days * 24 * 3600);

	return cor_cli_capture(cli,
		       (const char *const[]){ "openssl", "x509", "-checkend", seconds, "-noout",
			       "-in", path, NULL },
		       &said) == 0;
}

static void examine_certificate(struct cor_findings *findings, const char *path)
{
	const struct cor_cli *cli = findings->cli;
	struct cor_str said;
	const char *const ask[] = { "openssl", "x509", "-enddate", "-noout", "-in", path, NULL };

	if (!cor_cli_is_there(cli, "openssl")) {
		cor_find(findings, COR_FINDING_NOTE, "certificate",
			cor_cli_text(cli, "%s: openssl is not there to look at it", path),
			"apt-get install openssl");
		return;
	}
	if (cor_cli_capture(cli, ask, &said) != 0) {
		cor_find(findings, COR_FINDING_BAD, "certificate",
			cor_cli_text(cli, "%s: is no certificate, or cannot be read", path),
			"give --certificate a PEM file that this user may read");
		return;
	}
	const char *until = said.len > 9 && strncmp(said.data, "notAfter=", 9) == 0 ? said.data + 9
										    : "";
	const char *text = cor_cli_text(
		cli, "%s: until %.*s", path, (int)strcspn(until, "\n"), until);
	if (lasts(cli, path, RENEWAL_DAYS))
		cor_find(findings, COR_FINDING_GOOD, "certificate", text, NULL);
	else
		cor_find(findings, COR_FINDING_BAD, "certificate", text,
			lasts(cli, path, 0)
				? "renew it: it has less than 30 days; the service reads it again by itself"
				: "renew it: it has expired; the service reads it again by itself");
}

/* --- what the service is set to --- */

static struct cor_node *settings_of(const struct cor_cli *cli, const struct cor_project *project)
{
	struct cor_node *settings = NULL;
	struct cor_str text;

	if (!cor_cli_exists(cor_cli_path(cli, project->program)))
		return NULL;
	if (cor_cli_ask(cli, (const char *const[]){ project->program, "--print-config", NULL },
		    &text) != 0 ||
		cor_node_parse(cli->arena, text, NULL, &settings, NULL) < 0)
		return NULL;
	return settings;
}

/* Returns its --backlog; 0: it does not say. */
static int64_t examine_service(struct cor_findings *findings, const struct cor_project *project)
{
	const struct cor_cli *cli = findings->cli;
	const struct cor_node *settings = settings_of(cli, project);
	struct cor_str path;

	if (!settings) {
		cor_find(findings, COR_FINDING_NOTE, "service",
			cor_cli_text(cli, "%s is not built, or does not start with its settings",
				project->program),
			"coracle build, then coracle run -- --check");
		return 0;
	}
	const struct cor_node *list = cor_node_get(cor_node_get(settings, "certificate"), "value");
	for (size_t i = 0; i < cor_node_len(list); i++) {
		if (cor_node_to_text(cor_node_item(list, i), &path) == 0)
			examine_certificate(
				findings, cor_cli_text(cli, "%.*s", (int)path.len, path.data));
	}
	return cor_cli_number(cor_node_get(settings, "backlog"), "value");
}

/* --- the verb --- */

static void write_text(const struct cor_findings *findings, struct cor_buffer *buffer)
{
	static const char *const marks[] = { "ok  ", "note", "MEND" };
	static const char *const colours[] = { "\033[32m", "\033[33m", "\033[1;31m" };
	bool has_colour = cor_cli_wants_colour(STDOUT_FILENO);

	for (size_t i = 0; i < findings->len; i++) {
		const struct cor_finding *finding = &findings->items[i];
		cor_buffer_printf(buffer, "%s%s%s  %-16s %s\n",
			has_colour ? colours[finding->state] : "", marks[finding->state],
			has_colour ? "\033[0m" : "", finding->what, finding->text);
		if (finding->advice)
			cor_buffer_printf(buffer, "      %-16s -> %s\n", "", finding->advice);
	}
}

static int write_json(const struct cor_findings *findings, struct cor_buffer *buffer)
{
	static const char *const states[] = { "good", "note", "bad" };
	struct cor_json_writer *writer = cor_write_begin(findings->cli->arena, NULL);
	struct cor_str text;

	cor_write_array(writer);
	for (size_t i = 0; i < findings->len; i++) {
		const struct cor_finding *finding = &findings->items[i];
		cor_write_object(writer);
		cor_write_key(writer, "state");
		cor_write_string(writer, states[finding->state]);
		cor_write_key(writer, "what");
		cor_write_string(writer, finding->what);
		cor_write_key(writer, "text");
		cor_write_string(writer, finding->text);
		cor_write_key(writer, "advice");
		cor_write_string(writer, finding->advice);
		cor_write_end(writer);
	}
	cor_write_end(writer);
	if (cor_write_finish(writer, &text) < 0)
		return cor_cli_fail(findings->cli, COR_CLI_SOFTWARE, "what was found has no JSON");
	cor_buffer_append_str(buffer, text);
	cor_buffer_byte(buffer, '\n');
	return COR_CLI_OK;
}

static int examine(struct cor_cli *cli, struct cor_findings *findings)
{
	struct cor_project project;
	int64_t backlog = 0;
	int rc = COR_CLI_OK;

	examine_tools(findings);
	if (!cor_cli_exists(cor_cli_path(cli, "Makefile"))) {
		cor_find(findings, COR_FINDING_NOTE, "project",
			"there is no Makefile here: only the machine is looked at",
			"go to a project, or give -C DIR");
	} else {
		rc = cor_project_open(cli, &project);
		if (rc == COR_CLI_OK)
			rc = cor_cli_read_environment(cli);
		if (rc != COR_CLI_OK)
			return rc;
		examine_versions(findings, &project);
		backlog = examine_service(findings, &project);
	}
	cor_machine_examine(findings, backlog);
	return rc;
}

static int run(struct cor_cli *cli)
{
	struct cor_findings *findings = cor_cli_alloc(cli, sizeof *findings);
	struct cor_buffer buffer = { 0 };
	int rc = COR_CLI_OK;

	findings->cli = cli;
	if (cor_cli_has(cli, "--lock"))
		return cor_lock_write(cli, cli->folder);
	rc = examine(cli, findings);
	if (rc == COR_CLI_OK && cor_cli_has(cli, "--json"))
		rc = write_json(findings, &buffer);
	else if (rc == COR_CLI_OK)
		write_text(findings, &buffer);
	if (rc == COR_CLI_OK)
		rc = cor_cli_print(cli, &buffer);
	return rc == COR_CLI_OK && findings->bad ? COR_CLI_NO : rc;
}

const struct cor_cli_verb cor_cli_doctor = {
	.name = "doctor",
	.arguments = "",
	.summary = "Look for what keeps the service from being built, or from running well",
	.doc = "Looks at the tools, at the versions of packages beside those of coracle.lock, at the\n"
	       "certificates of the service's settings (the environment, and .env), and at limits of the\n"
	       "machine: processors and memory of control groups, open files, the queue of connections. Each\n"
	       "finding says what to do. The status is 1 if something is to be mended.",
	.options = {
		{ "--lock", NULL, NULL, "Write the versions that are found into coracle.lock, and end" },
		{ "--json", NULL, NULL, "Print what is found as JSON" },
	},
	.run = run,
};
