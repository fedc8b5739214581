/* SPDX-License-Identifier: MIT */
/** What --help and the manual page say, from the table of verbs. */
#ifndef CORACLE_CLI_HELP_H
#define CORACLE_CLI_HELP_H

#include "cli/cli.h"

/** Of the program, or of its verb if one was given. */
void cor_cli_write_help(const struct cor_cli *cli, struct cor_buffer *buffer);

/** docs/coracle.1, in the macros of man(7). */
void cor_cli_write_manual(struct cor_buffer *buffer);

#endif
