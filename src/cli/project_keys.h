/* SPDX-License-Identifier: MIT */
/** Keys of sealed cookies, of a project on one machine: build/cookie-keys. */
#ifndef CORACLE_CLI_PROJECT_KEYS_H
#define CORACLE_CLI_PROJECT_KEYS_H

#include "cli/cli.h"

/**
 * Make the file, in the folder of -C, where it is not there yet, and name it in the environment: a
 * service that has no --cookie-keys of its own seals by it, so that a session outlives a build.
 * Where it cannot be made, or read, the service makes up keys, and warns. Call it behind
 * cor_cli_read_environment(): what .env or the user's shell names counts.
 */
void cor_cli_give_cookie_keys(const struct cor_cli *cli);

#endif
