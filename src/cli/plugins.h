/* SPDX-License-Identifier: MIT */
/** Verbs that are programs of their own: `coracle foo` is coracle-foo, on PATH or beside us. */
#ifndef CORACLE_CLI_PLUGINS_H
#define CORACLE_CLI_PLUGINS_H

#include "cli/cli.h"

/**
 * Become the program of a verb that is none of ours, which gets all arguments behind the verb, and
 * CORACLE in its environment. Returns COR_CLI_USAGE if there is none, with a guess at what was
 * meant, or COR_CLI_TOOL; both are told.
 */
int cor_cli_plugin(const struct cor_cli *cli);

/** Append a paragraph with their names; nothing where there are none. */
void cor_cli_list_plugins(const struct cor_cli *cli, struct cor_buffer *buffer);

#endif
