/* SPDX-License-Identifier: MIT */
/** The listening socket that `coracle dev` opens once, and hands to each service. */
#ifndef CORACLE_CLI_DEV_SOCKET_H
#define CORACLE_CLI_DEV_SOCKET_H

#include "cli/cli.h"
#include "runtime/listening.h"

/**
 * Listen on the address; who has it already is told, as far as /proc knows. Returns COR_CLI_OK,
 * COR_CLI_USAGE (it is no address) or COR_CLI_TOOL, told. The set is closed by who has opened it.
 */
int cor_dev_listen(
	const struct cor_cli *cli, const char *const *address, struct cor_listening_set *ret);

#endif
