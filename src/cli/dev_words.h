/* SPDX-License-Identifier: MIT */
/** What a service said last before it ended as it started, and the line that this is about. */
#ifndef CORACLE_CLI_DEV_WORDS_H
#define CORACLE_CLI_DEV_WORDS_H

#include "cli/dev_problems.h"

/**
 * The reason, of all that a service of this name wrote: its last error, as a line of the log (JSON
 * or text) or "NAME: ..."; of several of the latter in a row the first. What a master says of the
 * end of its workers is none. NULL: there is no reason.
 */
const char *cor_dev_last_words(const struct cor_cli *cli, const char *name, const char *output);

/**
 * Where the project declares what such a reason names: a row of a table, a schema or an operation,
 * a path, a hook of the service, a setting in .env, the row of one that is not given. The problem's
 * message says which. Returns whether there is one.
 */
bool cor_dev_find_declared(
	const struct cor_cli *cli, const char *reason, struct cor_dev_problem *ret);

/** SHOP_OFFICE_KEY, of a reason that says that this setting is required; else NULL. */
const char *cor_dev_required_variable(const struct cor_cli *cli, const char *reason);

#endif
