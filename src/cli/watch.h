/* SPDX-License-Identifier: MIT */
/**
 * Waits until files of a project change: what is below main/ and test/, the Makefile, and sources
 * beside it.
 */
#ifndef CORACLE_CLI_WATCH_H
#define CORACLE_CLI_WATCH_H

#include "cli/cli.h"

/**
 * Begin to watch: what changes from now on is noticed, also before the next call waits. Returns a
 * descriptor, or negative, told.
 */
int cor_watch_begin(const struct cor_cli *cli);

/**
 * Wait for a change, and until nothing has changed for a moment: editors write several files.
 * Closes the descriptor: begin again, for folders may be new. Returns 0, or negative, told.
 */
int cor_watch_wait(const struct cor_cli *cli, int fd);

#endif
