/* SPDX-License-Identifier: MIT */
/**
 * Which test programs a change touches: those made of a file that is newer than their last run in
 * which all of their tests passed. The linker's map (PROGRAM.map) says which objects a program is
 * made of, the .d files of these which sources and headers they are made of.
 */
#ifndef CORACLE_CLI_TOUCHED_H
#define CORACLE_CLI_TOUCHED_H

#include <time.h>

#include "cli/cli.h"

/**
 * Whether the built program at this path (from the folder of -C) is touched. Where that cannot be
 * known, as with another linker's map, it is.
 */
bool cor_touched(const struct cor_cli *cli, const char *program);

/** All of its tests have passed, as it was at that time: remember it. NULL: one has failed. */
void cor_touched_set(const struct cor_cli *cli, const char *program, const struct timespec *when);

#endif
