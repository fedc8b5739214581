/* SPDX-License-Identifier: MIT */
/* The program coracle. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <coracle/api.h>

#include "cli/cli.h"
#include "cli/command_line.h"
#include "cli/help.h"
#include "cli/plugins.h"
#include "cli/project.h"

/* Its whole path, also where argv[0] is but a name that a shell has found on PATH. */
static const char *own_path(const struct cor_cli *cli, const char *name)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof path);

	return len > 0 && (size_t)len < sizeof path ? cor_cli_text(cli, "%.*s", (int)len, path)
						    : name;
}

static int run(struct cor_cli *cli, int argc, char **argv)
{
	struct cor_buffer buffer = { 0 };
	enum cor_cli_asks asks;
	int rc = cor_cli_read(cli, argc, argv, &asks);

	if (rc != COR_CLI_OK)
		return rc;
	switch (asks) {
	case COR_CLI_ASKS_HELP:
		cor_cli_write_help(cli, &buffer);
		return cor_cli_print(cli, &buffer);
	case COR_CLI_ASKS_VERSION:
		cor_buffer_printf(&buffer, "coracle %s\n", cor_version());
		return cor_cli_print(cli, &buffer);
	case COR_CLI_ASKS_PLUGIN:
		cor_project_find_library(cli);
		return cor_cli_plugin(cli);
	case COR_CLI_RUNS:
		break;
	}
	if (access(cli->folder, X_OK) != 0)
		return cor_cli_fail(cli, COR_CLI_INPUT, "-C %s: %s", cli->folder, strerror(errno));
	cor_project_find_library(cli);
	if (!cli->verb->is_anywhere)
		cor_project_find(cli);
	return cli->verb->run(cli);
}

int main(int argc, char **argv)
{
	struct cor_arena arena;
	struct cor_cli cli = { .arena = &arena, .folder = "." };

	cor_arena_init(&arena, NULL, 0, 0);
	cli.program = own_path(&cli, argc > 0 ? argv[0] : "coracle");
	cli.has_colour = cor_cli_wants_colour(STDERR_FILENO);
	int rc = run(&cli, argc, argv);
	cor_arena_finish(&arena);
	return rc;
}
