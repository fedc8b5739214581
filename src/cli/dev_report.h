/* SPDX-License-Identifier: MIT */
/**
 * What is wrong at present, told in the terminal and in the browser. The folder of a report is the
 * one that services under `coracle dev` look into (service/development.h).
 */
#ifndef CORACLE_CLI_DEV_REPORT_H
#define CORACLE_CLI_DEV_REPORT_H

#include "cli/dev_problems.h"

enum cor_dev_kind {
	COR_DEV_NOTHING = 0, /* is wrong */
	COR_DEV_BUILD,
	COR_DEV_START,
	COR_DEV_CRASH,
	COR_DEV_TEST,
};

struct cor_dev_report {
	enum cor_dev_kind kind;
	const char *title;  /* "The build failed" */
	const char *todo;   /* what to do next */
	const char *serves; /* what other clients get meanwhile */
	bool is_served;     /* by a service that runs, of which the page has a link */
	struct cor_dev_problems problems;
	const char *stack;  /* of a crash, for the terminal; NULL: none */
	const char *output; /* of the program that told it */
	unsigned state;     /* a number that no other report has */
};

/** Lines of a file around one. */
struct cor_dev_excerpt {
	unsigned first; /* the number of the first line */
	size_t len;
	const char *lines[12];
};

/** Read it; len is 0 if there is no such line, or no such file. */
void cor_dev_read_excerpt(
	const struct cor_cli *cli, const char *file, unsigned line, struct cor_dev_excerpt *ret);

/**
 * Tell it: some lines in the terminal, and files in the folder. Of COR_DEV_NOTHING what the folder
 * had of an earlier one is removed. What cannot be written is told.
 */
void cor_dev_tell(
	const struct cor_cli *cli, const char *folder, const struct cor_dev_report *report);

#endif
