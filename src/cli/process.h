/* SPDX-License-Identifier: MIT */
/**
 * Other programs, run by a verb: make, pkg-config, the service. With -v their command lines are
 * printed first, on standard error. They run in the folder of -C.
 */
#ifndef CORACLE_CLI_PROCESS_H
#define CORACLE_CLI_PROCESS_H

#include "cli/cli.h"

/**
 * Run a program, found on PATH, and wait. Returns its exit status; 128 and the signal that ended
 * it; COR_CLI_TOOL if it cannot be run, told.
 */
int cor_cli_run(const struct cor_cli *cli, const char *const *argv);

/** The same, but what it writes to standard output goes to our standard error. */
int cor_cli_run_aside(const struct cor_cli *cli, const char *const *argv);

/** Run it, and take what it writes to standard output. Its standard error is dropped. */
int cor_cli_capture(const struct cor_cli *cli, const char *const *argv, struct cor_str *ret);

/** The same, but its standard error is ours. */
int cor_cli_ask(const struct cor_cli *cli, const char *const *argv, struct cor_str *ret);

/** Become the program. Returns COR_CLI_TOOL if it cannot be run, told. */
int cor_cli_become(const struct cor_cli *cli, const char *const *argv);

/** Whether a program of this name is on PATH, or there if it is a path. */
bool cor_cli_is_there(const struct cor_cli *cli, const char *program);

/** With -v: print a command line as a shell takes it. */
void cor_cli_show(const struct cor_cli *cli, const char *const *argv);

#endif
