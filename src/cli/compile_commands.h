/* SPDX-License-Identifier: MIT */
/** How each source is compiled: a file of the form that clang's tools read. */
#ifndef CORACLE_CLI_COMPILE_COMMANDS_H
#define CORACLE_CLI_COMPILE_COMMANDS_H

#include "cli/cli.h"

struct cor_compile_command {
	const char *path;   /* of the source, from the folder of -C; outside of it: as it is */
	const char *folder; /* where it is compiled, by its whole path */
	const char *whole_path;
	/* The compiler and its flags, without the source and where the output goes. */
	const char **argv; /* NULL behind the last */
	size_t argc;
	/* All files that it is made of, itself among them; NULL: nobody has asked. */
	const char *const *made_of;
	/* The same, as clang's static analyser sees it; NULL: nobody has asked, or it fails. */
	const char *const *made_for_clang;
};

struct cor_compile_commands {
	struct cor_compile_command *items;
	size_t len;
};

/** Read them. Returns COR_CLI_OK, COR_CLI_INPUT or COR_CLI_DATA, told. */
int cor_compile_commands_read(
	const struct cor_cli *cli, const char *path, struct cor_compile_commands *ret);

/**
 * Ask the compilers which files sources are made of, but for those that know. Where one has no
 * answer, since a header is missing, its made_of stays NULL. Returns COR_CLI_OK, or COR_CLI_TOOL if
 * a compiler cannot be started, told.
 */
int cor_compile_commands_ask(
	const struct cor_cli *cli, struct cor_compile_command *const *sources, size_t len);

/** The same of clang, which is on PATH: for made_for_clang. */
int cor_compile_commands_ask_clang(
	const struct cor_cli *cli, struct cor_compile_command *const *sources, size_t len);

/** A tool's path (whole, or from `folder`) from the folder of -C; NULL: it is outside. */
const char *cor_cli_path_within(const struct cor_cli *cli, const char *folder, const char *path);

#endif
