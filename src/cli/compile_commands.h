/* SPDX-License-Identifier: MIT */
/** How each source is compiled: a file of the form that clang's tools read. */
#ifndef CORACLE_CLI_COMPILE_COMMANDS_H
#define CORACLE_CLI_COMPILE_COMMANDS_H

#include "cli/cli.h"

struct cor_compile_command {
	const char *path;   /* of the source, from the folder of -C; outside of it: as it is */
	const char *folder; /* where it is compiled, by its whole path */
	/* The compiler and its flags, without the source and where the output goes. */
	const char **argv; /* NULL behind the last */
	size_t argc;
};

struct cor_compile_commands {
	struct cor_compile_command *items;
	size_t len;
};

/** Read them. Returns COR_CLI_OK, COR_CLI_INPUT or COR_CLI_DATA, told. */
int cor_compile_commands_read(
	const struct cor_cli *cli, const char *path, struct cor_compile_commands *ret);

/** A tool's path (whole, or from `folder`) from the folder of -C; NULL: it is outside. */
const char *cor_cli_path_within(const struct cor_cli *cli, const char *folder, const char *path);

#endif
