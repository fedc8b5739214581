/* SPDX-License-Identifier: MIT */
/** The command line, read by the table of verbs. */
#ifndef CORACLE_CLI_COMMAND_LINE_H
#define CORACLE_CLI_COMMAND_LINE_H

#include "cli/cli.h"

enum cor_cli_asks {
	COR_CLI_RUNS = 0,
	COR_CLI_ASKS_HELP,
	COR_CLI_ASKS_VERSION,
	COR_CLI_ASKS_PLUGIN, /* the verb is none of ours: rest[0] is its name */
};

/**
 * Read argv into the cli: what stands before the verb, the verb, and what stands behind it.
 * Returns COR_CLI_OK, or COR_CLI_USAGE, told.
 */
int cor_cli_read(struct cor_cli *cli, int argc, char **argv, enum cor_cli_asks *ret_asks);

#endif
