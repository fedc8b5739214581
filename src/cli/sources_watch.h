/* SPDX-License-Identifier: MIT */
/**
 * Which source files of a project change: all below main/ and test/, in its own folder the
 * Makefile, .env and C files, and whatever else a rule of the Makefile names: pages that
 * coracle-embed puts into the program. What editors write beside them does not count.
 */
#ifndef CORACLE_CLI_SOURCES_WATCH_H
#define CORACLE_CLI_SOURCES_WATCH_H

#include <stdbool.h>

#include "cli/cli.h"

#define COR_SOURCES_WATCHES_MAX 4096 /* folders */

struct cor_sources_watch {
	const struct cor_cli *cli;
	int fd;               /* readable when something may have changed */
	const char **folders; /* by watch descriptor: as they stand in the project; "" is itself */
	int folders_len;
	char changed[256];    /* the last file that has, from the project's folder */
	const char *names;    /* of files in the project's folder that rules name: " a b " */
	const char *made;     /* the same, of files that rules make: they are no change */
	bool has_other_rules; /* they may name others than cor_sources_watch_rules() has found */
};

/** Returns COR_CLI_OK or COR_CLI_TOOL, told. */
int cor_sources_watch_open(struct cor_sources_watch *watch, const struct cor_cli *cli);

/**
 * Ask make what its rules need, if that may be other than before, and watch it, too. What `round`
 * has allocated may go then.
 */
void cor_sources_watch_rules(struct cor_sources_watch *watch, const struct cor_cli *round);

/** Read what has happened. Returns whether a file has changed that counts. */
bool cor_sources_watch_read(struct cor_sources_watch *watch);

/**
 * Wait for a change, and until nothing has changed for a moment: editors write several files.
 */
void cor_sources_watch_wait(struct cor_sources_watch *watch);

#endif
