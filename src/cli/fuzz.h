/* SPDX-License-Identifier: MIT */
/** What the parts of `coracle fuzz` share. Each function tells what fails. */
#ifndef CORACLE_CLI_FUZZ_H
#define CORACLE_CLI_FUZZ_H

#include <stdint.h>

#include "cli/project.h"
#include "fuzz/figures.h"

struct cor_fuzz {
	struct cor_cli *cli;
	struct cor_project project;
	const char *asked;     /* of the command line: "add_book", "POST /books" */
	const char *operation; /* as the document has it: "add_book" */
	const char *target;    /* the program, from the project's folder */
	const char *hint;      /* what would let its requests in; "": nothing */
	const char *dictionary, *corpus;
	const char *own;   /* what stands before the names of files of this operation */
	const char *found; /* and of inputs that showed something */
	const char *known; /* the file of titles that are passed over; NULL: none */
	uint32_t jobs, seed;
	uint32_t round; /* how often it has begun again */
	uint64_t runs;  /* 0: as many as there is time for */
	double seconds, limit_s;
};

/** What came of it. */
struct cor_fuzz_result {
	struct cor_fuzz_figures figures;
	double seconds;
	uint64_t coverage; /* places in the service's code */
	const char *input; /* that has shown something, from the project's folder; NULL: none */
};

/**
 * A command line of the target, with what each has: the operation, the credentials, the limit. So
 * many more words may follow behind those of `more`, which ends with NULL.
 */
const char **cor_fuzz_command(const struct cor_fuzz *fuzz, const char *const *more);

#endif
