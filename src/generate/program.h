/* SPDX-License-Identifier: MIT */
/** Generating from a file into files: what the programs coracle-generate and coracle have alike. */
#ifndef CORACLE_GENERATE_PROGRAM_H
#define CORACLE_GENERATE_PROGRAM_H

#include "generate/generate.h"

/** sysexits(3). */
enum cor_generate_exit {
	COR_GENERATE_GOOD = 0,
	COR_GENERATE_USAGE = 64,
	COR_GENERATE_DATA = 65,     /* what was read is no JSON, or no schema */
	COR_GENERATE_INPUT = 66,    /* it cannot be read */
	COR_GENERATE_SOFTWARE = 70, /* no memory */
	COR_GENERATE_OUTPUT = 73,   /* a file cannot be written, or is there already */
};

struct cor_generate_program {
	const char *name;                    /* in messages: "coracle-generate" */
	struct cor_generate_options options; /* without a name: that of the file */
	const char *file;                    /* "-": standard input */
	const char *directory;               /* of what is written */
	bool force;                          /* replace files that are there */
};

/** Read, generate and write. Tells everything on standard error. Returns a status of above. */
int cor_generate_run(struct cor_generate_program *program);

#endif
