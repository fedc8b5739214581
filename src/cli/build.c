/* SPDX-License-Identifier: MIT */
/* coracle build: what make makes. */
#include "cli/cli.h"
#include "cli/project.h"

static int run(struct cor_cli *cli)
{
	struct cor_project project;
	int rc = cor_project_open(cli, &project);

	if (rc != COR_CLI_OK)
		return rc;
	if (cor_cli_has(cli, "--release"))
		return cor_project_make(cli, &project, "release", NULL);
	cor_project_warn_of(cli, cor_cli_value(cli, "--sanitize"));
	if (cor_cli_value(cli, "--sanitize"))
		project.build = cor_cli_text(cli, "build/%s", cor_cli_value(cli, "--sanitize"));
	return cor_project_make(cli, &project, "all", cor_cli_value(cli, "--sanitize"));
}

const struct cor_cli_verb cor_cli_build = {
	.name = "build",
	.arguments = "",
	.summary = "Build the service",
	.doc = "Runs make, as many jobs at once as there are processors.",
	.options = {
		{ "--release", NULL, NULL, "Build build/release/NAME, optimised: make release" },
		{ "--sanitize", NULL, "KIND", "Build build/KIND/NAME with -fsanitize=KIND: address, thread", "address thread address,undefined" },
	},
	.run = run,
};
