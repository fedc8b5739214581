/* SPDX-License-Identifier: MIT */
/**
 * Places in source files that a program has named in what it wrote: a compiler, a linker, make, a
 * test, assert(3). Of all of them "FILE:LINE: text" and "FILE:LINE:COLUMN: text" are the form.
 */
#ifndef CORACLE_CLI_DEV_PROBLEMS_H
#define CORACLE_CLI_DEV_PROBLEMS_H

#include "cli/cli.h"

#define COR_DEV_PROBLEMS_MAX 12 /* that are told: the rest mostly follows from them */

struct cor_dev_problem {
	const char *file;      /* from the project's folder; NULL: no file is to blame */
	unsigned line, column; /* from 1 on; column 0: unknown */
	const char *message;
	bool is_in_macro;    /* the compiler shows lines of that, too */
	bool is_cause;       /* others mostly follow from it: it comes first */
	const char *command; /* of curl, that shows it; NULL: none */
	bool has_no_source;  /* its line says nothing: it is that of a main() */
};

struct cor_dev_problems {
	struct cor_dev_problem items[COR_DEV_PROBLEMS_MAX];
	size_t len;
	bool counts_bytes; /* columns are bytes, as of clang, and not places on the screen */
};

/**
 * Errors in what make wrote: with a place in this project, else those that have none. Those in
 * headers, in rows of tables, and of the type of a handler come first: a member that has become of
 * another type is told in its row, and not where the first file uses it.
 */
void cor_dev_find_errors(
	const struct cor_cli *cli, const char *output, struct cor_dev_problems *ret);

/** The first "FILE:LINE" of a file of the project in a line. *ret_rest is what follows. */
bool cor_dev_find_place(const struct cor_cli *cli, const char *line, struct cor_dev_problem *ret,
	const char **ret_rest);

/** Whatever place of this project a test, or a service, has named. */
void cor_dev_find_places(
	const struct cor_cli *cli, const char *output, struct cor_dev_problems *ret);

/**
 * One more, unless it is there already, or there is no room. A cause takes the place of another.
 */
void cor_dev_add_problem(struct cor_dev_problems *problems, const struct cor_dev_problem *one);

/** What to do about one, as a sentence or two. */
const char *cor_dev_advice(const struct cor_cli *cli, const struct cor_dev_problem *problem);

/**
 * A path from the project's folder, in which the process is: of a relative one, of one that leads
 * into it, and of one that ends as a file of main/ or test/ does. NULL: it leads elsewhere.
 */
const char *cor_dev_own_file(const struct cor_cli *cli, const char *path);

#endif
