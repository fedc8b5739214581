/* SPDX-License-Identifier: MIT */
/**
 * coracle.lock: the exact versions of the packages (of pkg-config) that a project is built with, a
 * line "NAME VERSION" each. Lines that begin with # are comments.
 */
#ifndef CORACLE_CLI_LOCK_H
#define CORACLE_CLI_LOCK_H

#include "cli/cli.h"

/** The version of a package that pkg-config finds here; NULL: it finds none. */
const char *cor_lock_found(const struct cor_cli *cli, const char *package);

/**
 * Write the file into a folder of a project, with what is found for the packages of its Makefile; a
 * package that is not found, as when a project is made where the library is not installed, has the
 * version of this command. Returns COR_CLI_OK, COR_CLI_INPUT or COR_CLI_OUTPUT, told.
 */
int cor_lock_write(const struct cor_cli *cli, const char *folder);

/** Take the next package off the text of a lock file. Returns false behind the last. */
bool cor_lock_next(const struct cor_cli *cli, const char **text, const char **ret_package,
	const char **ret_version);

#endif
