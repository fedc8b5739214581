/* SPDX-License-Identifier: MIT */
/** What a service says of itself, by its own program. */
#ifndef CORACLE_CLI_SERVICE_H
#define CORACLE_CLI_SERVICE_H

#include <coracle/json_node.h>

#include "cli/project.h"

/**
 * Build the service in the folder of -C, run it with one option ("--print-routes"), and take what
 * it prints. Returns COR_CLI_OK, or the status of what failed, told.
 */
int cor_service_ask(const struct cor_cli *cli, const char *option, struct cor_str *ret);

/** JSON as a tree. `what` is who has written it. Returns COR_CLI_OK or COR_CLI_DATA, told. */
int cor_cli_parse(
	const struct cor_cli *cli, const char *what, struct cor_str text, struct cor_node **ret);

/** The text of a member; "" if it is none. */
const char *cor_cli_member(
	const struct cor_cli *cli, const struct cor_node *object, const char *key);

/** The number of a member; 0 if it is none. */
int64_t cor_cli_number(const struct cor_node *object, const char *key);

/** Whether a member is true. */
bool cor_cli_flag(const struct cor_node *object, const char *key);

/**
 * Where a service of that name is served from this project, as NAME_HTTP says in the environment or
 * in .env: "http://127.0.0.1:8080", "unix:PATH". `coracle dev` tells those that it runs by
 * CORACLE_URL, and tests show commands of curl for it.
 */
const char *cor_service_url(const struct cor_cli *cli, const char *name);

#endif
