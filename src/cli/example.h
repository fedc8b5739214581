/* SPDX-License-Identifier: MIT */
/** A value that fits a schema of an OpenAPI document: its example, or one that is made up. */
#ifndef CORACLE_CLI_EXAMPLE_H
#define CORACLE_CLI_EXAMPLE_H

#include <coracle/json_node.h>

#include "cli/cli.h"

/**
 * The value of a schema, or of a parameter's or media type's own example: as clients send it,
 * without what is read-only, and of optional members those that have an example. NULL: none can be
 * made up, *ret_why (a text of the arena) says of what and why.
 */
struct cor_node *cor_example_of(const struct cor_cli *cli, const struct cor_node *document,
	const struct cor_node *schema, const char **ret_why);

#endif
