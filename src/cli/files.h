/* SPDX-License-Identifier: MIT */
/** Files that verbs read and write. Errors are told; paths are as they are: see cor_cli_path(). */
#ifndef CORACLE_CLI_FILES_H
#define CORACLE_CLI_FILES_H

#include "cli/cli.h"

/** Whether there is something at the path. */
bool cor_cli_exists(const char *path);

/** Read all of a file; "-" is standard input. Returns COR_CLI_OK or COR_CLI_INPUT. */
int cor_cli_read_file(const struct cor_cli *cli, const char *path, struct cor_str *ret);

/**
 * Write a new file, with the folders that it needs. Returns COR_CLI_OK or COR_CLI_OUTPUT, also
 * where it is there already.
 */
int cor_cli_create_file(const struct cor_cli *cli, const char *path, struct cor_str text);

/** Write a file in the place of another, whole or not at all. Returns as above. */
int cor_cli_replace_file(const struct cor_cli *cli, const char *path, struct cor_str text);

/**
 * The files below a folder, sorted, with their paths from where it stands; *ret is an array with
 * NULL behind the last. Of those whose names begin and end so; names that begin with a dot are left
 * out. A folder that is not there has none.
 */
void cor_cli_list_files(const struct cor_cli *cli, const char *folder, const char *begins,
	const char *ends, const char ***ret);

#endif
