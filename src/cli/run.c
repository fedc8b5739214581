/* SPDX-License-Identifier: MIT */
/* coracle run: the service, here and now. */
#include "cli/cli.h"
#include "cli/environment_file.h"
#include "cli/process.h"
#include "cli/project.h"
#include "cli/project_keys.h"

static int run(struct cor_cli *cli)
{
	struct cor_project project;
	int rc = cor_project_open(cli, &project);

	if (rc == COR_CLI_OK)
		rc = cor_project_make(cli, &project, "all", NULL);
	if (rc == COR_CLI_OK)
		rc = cor_cli_read_environment(cli);
	if (rc != COR_CLI_OK)
		return rc;
	cor_cli_give_cookie_keys(cli);
	const char **argv = cor_cli_alloc(cli, (cli->rest_len + 2) * sizeof *argv);
	argv[0] = project.program;
	for (size_t i = 0; i < cli->rest_len; i++)
		argv[i + 1] = cli->rest[i];
	return cor_cli_become(cli, argv);
}

const struct cor_cli_verb cor_cli_serve = {
	.name = "run",
	.arguments = "",
	.summary = "Build the service and run it",
	.doc = "The service gets what follows -- as its options, and the settings of the file .env, a line\n"
	       "NAME=value each, where the environment does not have them already. Ctrl-C ends it once the\n"
	       "requests in progress are answered.",
	.rest = "OPTION ...",
	.run = run,
};
