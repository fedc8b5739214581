/* SPDX-License-Identifier: MIT */
/* coracle new: a project to begin with. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <coracle/api.h>

#include "cli/cli.h"
#include "cli/deploy.h"
#include "cli/files.h"
#include "cli/lock.h"
#include "cli/scaffold.h"
#include "cli/test_contract.h"

/* What else the build folder, or main/, has. */
static const char *const taken[] = { "main", "test", "address", "thread", "undefined", "asan",
	"bench", "cover", "fuzz", "release", NULL };

static const char *name_fault(const char *name)
{
	for (size_t i = 0; taken[i]; i++) {
		if (strcmp(name, taken[i]) == 0)
			return "is a name that the build folder has already";
	}
	return cor_scaffold_name_fault(name);
}

/* Returns COR_CLI_OK if nothing is there, or a folder with nothing in it. */
static int check_place(const struct cor_cli *cli, const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	bool is_empty = true;

	if (!dir)
		return errno == ENOENT ? COR_CLI_OK
				       : cor_cli_fail(cli, COR_CLI_OUTPUT, "%s: %s", folder,
						 strerror(errno));
	while ((entry = readdir(dir)))
		is_empty &= strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	closedir(dir);
	return is_empty ? COR_CLI_OK
			: cor_cli_fail(cli, COR_CLI_OUTPUT,
				  "%s is there already, and is not empty: choose another name",
				  folder);
}

static int run(struct cor_cli *cli)
{
	const char *slash = strrchr(cli->words[0], '/');
	const char *last = slash ? slash + 1 : cli->words[0];
	const char *name = cor_scaffold_underscored(cli, last);
	const char *folder = cor_cli_path(cli, cli->words[0]), *fault = name_fault(name);
	bool is_minimal = cor_cli_has(cli, "--minimal");
	const struct cor_scaffold_word words[] = { { "name", name },
		{ "dashed", cor_scaffold_dashed(cli, name) }, { NULL, NULL } };

	if (fault)
		return cor_cli_fail(cli, COR_CLI_USAGE, "%s %s", last[0] ? last : "NAME", fault);
	int rc = check_place(cli, folder);
	if (rc == COR_CLI_OK)
		rc = cor_scaffold_write(cli, is_minimal ? "single" : "whole", folder, words, NULL);
	if (rc == COR_CLI_OK && !is_minimal)
		rc = cor_test_contract_write(cli, folder, name);
	if (rc == COR_CLI_OK && !is_minimal)
		rc = cor_deploy_new(cli, folder, name);
	if (rc == COR_CLI_OK)
		rc = cor_lock_write(cli, folder);
	if (rc != COR_CLI_OK)
		return rc;
	printf("%s is made. Next:\n\n    cd %s\n%s    coracle dev\n", last, folder,
		is_minimal ? "" : "    coracle test\n");
	return COR_CLI_OK;
}

const struct cor_cli_verb cor_cli_new = {
	.name = "new",
	.arguments = "NAME",
	.summary = "Make a new project in a folder of this name",
	.doc = "The project builds without a warning, its tests pass, and it serves its documentation: a\n"
	       "Makefile, operations, schemas and business logic with their tests, settings, an image, a\n"
	       "compose file, manifests for Kubernetes and a workflow for CI. NAME is a name in C, in which\n"
	       "a - becomes a _, and may stand behind a path. A folder that has anything in it is refused. No\n"
	       "network is needed.",
	.words_min = 1,
	.words_max = 1,
	.options = { { "--minimal", NULL, NULL,
		"One source file, its Makefile, and the versions it is made with" } },
	.is_anywhere = true,
	.run = run,
};
