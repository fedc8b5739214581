/* SPDX-License-Identifier: MIT */
/**
 * A project: a folder with a Makefile whose variable NAME names the program build/NAME that its
 * target `all` makes. Test programs are build/test/X of test/X.c, made by the target `tests`.
 */
#ifndef CORACLE_CLI_PROJECT_H
#define CORACLE_CLI_PROJECT_H

#include "cli/cli.h"

struct cor_project {
	const char *name;
	const char *build;     /* the folder that make builds into, from the project's */
	const char *program;   /* from there, too: "build/shop" */
	const char **packages; /* of PACKAGES and TEST_PACKAGES; NULL behind the last */
};

/**
 * Read the Makefile in the folder of -C. Returns COR_CLI_OK, or COR_CLI_INPUT, told: it is no
 * project.
 */
int cor_project_open(const struct cor_cli *cli, struct cor_project *ret);

/**
 * Run make for a target, as many jobs at once as there are processors; `build` is the folder to
 * build into, `sanitize` what to compile with (NULL: nothing). What it prints goes to standard
 * error, so that results stay alone on standard output; without -v its recipes are not printed.
 * Returns make's status; what failed is told.
 */
int cor_project_make(const struct cor_cli *cli, const struct cor_project *project,
	const char *target, const char *sanitize);

/**
 * Say so where programs that are compiled with `sanitize` (NULL: nothing) are told of faults that
 * are none, since the library that pkg-config finds was built without it: ThreadSanitizer is.
 */
void cor_project_warn_of(const struct cor_cli *cli, const char *sanitize);

/**
 * What make of this project is locked by, for it is for one at a time: two would write the same
 * files. Closed on exec; the lock ends with the last copy of the descriptor. -1: it cannot be.
 */
int cor_project_open_lock(const struct cor_cli *cli);

/** Wait until no other make runs; who waits says so. */
void cor_project_lock(const struct cor_cli *cli, int lock);

/**
 * Let pkg-config look for the library beside this program, too: in a build tree, or an
 * installation. What PKG_CONFIG_PATH has already comes first. Once, before the first verb runs.
 */
void cor_project_find_library(const struct cor_cli *cli);

/**
 * Work in the nearest folder around this one that is a project, as if -C had said so, and say so;
 * in this one where it is one, where -C was given, and where there is none. A Makefile that belongs
 * to somebody else is passed by.
 */
void cor_project_find(struct cor_cli *cli);

#endif
