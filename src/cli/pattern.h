/* SPDX-License-Identifier: MIT */
/** Values of options that are lists, with commas. */
#ifndef CORACLE_CLI_PATTERN_H
#define CORACLE_CLI_PATTERN_H

#include "cli/cli.h"

/** Whether one of the patterns (fnmatch(3)) fits a path. */
bool cor_cli_fits(const struct cor_cli *cli, const char *patterns, const char *path);

/** Whether a name is one of a list. */
bool cor_cli_is_listed(const char *names, const char *name);

#endif
