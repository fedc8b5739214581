/* SPDX-License-Identifier: MIT */
#include "cli/fuzz_link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/files.h"
#include "cli/process.h"

#define SAID_SUFFIX ".said" /* what compiler and linker say, beside the target */

const char *cor_fuzz_compiler(void)
{
	const char *given = getenv("CC");

	return given && strncmp(given, "clang", 5) == 0 ? given : "clang";
}

/* --- linking --- */

/*
 * A rule that make reads before the Makefile, and expands behind it: lines of "+=", and files that
 * are included, count. In the Makefiles of coracle new `libs` is a list, or a function of packages:
 * a list takes no notice of an argument.
 */
static const char *rule_of(
	const struct cor_cli *cli, const char *target, const char *source, const char *archive)
{
	static const char variables[] =
		"coracle_pkg_config = $(or $(PKG_CONFIG),pkg-config)\n"
		"coracle_packages = coracle-testing $(TEST_PACKAGES) $(PACKAGES) coracle\n"
		"coracle_libs = $(call libs,$(TEST_PACKAGES) $(PACKAGES)) $(test_libs)"
		" $(shell $(coracle_pkg_config) --libs $(coracle_packages)) $(LDLIBS)\n"
		"coracle_comma = ,\n"
		"coracle_rpath = $(patsubst -L%,-Wl$(coracle_comma)-rpath$(coracle_comma)%,"
		"$(filter -L%,$(coracle_libs)))\n";

	return cor_cli_text(cli,
		"%s.PHONY: coracle-fuzz\n"
		"coracle-fuzz: ; %s%s -O1 -g -fsanitize=fuzzer,address,undefined"
		" $(shell $(coracle_pkg_config) --cflags $(coracle_packages))"
		" $(LDFLAGS) %s %s $(coracle_libs) $(coracle_rpath) -o %s 2>%s" SAID_SUFFIX
		" || exit 0\n",
		variables, cli->is_verbose ? "" : "@", cor_fuzz_compiler(), source, archive, target,
		target);
}

static int make(const struct cor_cli *cli, const struct cor_project *project, const char *rule)
{
	const char *build = cor_cli_text(cli, "BUILD=%s", project->build);
	const char *eval = cor_cli_text(cli, "--eval=%s", rule);

	return cor_cli_run_aside(cli, (const char *const[]){ "make", "--no-print-directory", eval,
					      build, "coracle-fuzz", NULL });
}

/* --- why it failed --- */

/* "cor_sealing" of "undefined reference to `cor_sealing'": what follows `before`. */
static const char *named(const struct cor_cli *cli, const char *said, const char *before)
{
	const char *at = strstr(said, before);

	if (!at)
		return NULL;
	at += strlen(before);
	at += strspn(at, " `'\"");
	return cor_cli_text(cli, "%.*s", (int)strcspn(at, "`'\"\n :"), at);
}

/* The first of these that is there: linkers differ in words. */
static const char *named_by(const struct cor_cli *cli, const char *said, const char *const *befores)
{
	const char *name = NULL;

	for (; !name && *befores; befores++)
		name = named(cli, said, *befores);
	return name;
}

static const char *cause_of(const struct cor_fuzz *fuzz, const char *said)
{
	static const char *const undefined[] = { "undefined reference to",
		"undefined symbol:", NULL };
	static const char *const lost[] = { "cannot find -l", "unable to find library -l", NULL };
	const struct cor_cli *cli = fuzz->cli;
	const char *service = cor_cli_text(cli, "%s_service", fuzz->project.name);
	const char *symbol = named_by(cli, said, undefined), *library = named_by(cli, said, lost);

	if (strstr(said, "libclang_rt"))
		return "libFuzzer and the sanitizers are in libclang-rt-dev: apt-get install libclang-rt-14-dev, or that of your clang";
	if (library)
		return cor_cli_text(cli,
			"there is no library %s: install it, or name its folder in LDFLAGS of the Makefile",
			library);
	if (symbol && strcmp(symbol, service) == 0)
		return cor_cli_text(cli,
			"the service must be called %s, and be in another file than main.c",
			service);
	if (symbol)
		return cor_cli_text(cli,
			"%s is in no source but main.c, and in no library that the Makefile names: "
			"add its package to PACKAGES (the header that declares it says which), or its library to LDLIBS",
			symbol);
	return "what make says is above";
}

static int fail(const struct cor_fuzz *fuzz, const char *said_path)
{
	const struct cor_cli *cli = fuzz->cli;
	struct cor_str text = { "", 0 };
	const char *said = "";

	if (cor_cli_exists(cor_cli_path(cli, said_path)) &&
		cor_cli_read_file(cli, cor_cli_path(cli, said_path), &text) == COR_CLI_OK)
		said = cor_cli_text(cli, "%.*s", (int)text.len, text.data);
	fputs(said, stderr);
	return cor_cli_fail(
		cli, COR_CLI_TOOL, "the target is not linked: %s", cause_of(fuzz, said));
}

int cor_fuzz_link(const struct cor_fuzz *fuzz, const char *source, const char *archive)
{
	const struct cor_cli *cli = fuzz->cli;
	/* Another may run the one that is there. */
	const char *made = cor_cli_text(cli, "%s.new", fuzz->target);
	const char *said = cor_cli_text(cli, "%s" SAID_SUFFIX, made);

	(void)unlink(cor_cli_path(cli, made));
	(void)unlink(cor_cli_path(cli, said));
	int rc = make(cli, &fuzz->project, rule_of(cli, made, source, archive));
	if (rc != 0 || rename(cor_cli_path(cli, made), cor_cli_path(cli, fuzz->target)) != 0)
		return fail(fuzz, said);
	(void)unlink(cor_cli_path(cli, said));
	return COR_CLI_OK;
}
