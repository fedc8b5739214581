/* SPDX-License-Identifier: MIT */
/**
 * .env: settings of a project on one machine, a line NAME=value each, as Docker and dotenv read it.
 * "export " may stand before a name, blanks around a value are not of it, and a # that begins a
 * line, or has a blank before it, begins a comment. Between ' or " a value is as it stands: nothing
 * is expanded. The scaffold's Makefiles read it in the same way.
 */
#ifndef CORACLE_CLI_ENVIRONMENT_FILE_H
#define CORACLE_CLI_ENVIRONMENT_FILE_H

#include "cli/cli.h"

/**
 * Put what .env in the folder of -C says into the environment; what is there already stays.
 * Returns COR_CLI_OK, also where there is no such file, COR_CLI_INPUT or COR_CLI_DATA, told.
 */
int cor_cli_read_environment(const struct cor_cli *cli);

/**
 * The same for programs of tests, which have the service inside. What .env says of a PREFIX_'s
 * addresses and log is left out: these are a test's own.
 */
int cor_cli_read_test_environment(const struct cor_cli *cli, const char *prefix);

/** A variable as it would be then; NULL: it would not be there. Mistakes in .env are not told. */
const char *cor_cli_environment_value(const struct cor_cli *cli, const char *name);

#endif
