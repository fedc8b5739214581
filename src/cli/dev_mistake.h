/* SPDX-License-Identifier: MIT */
/**
 * What gcc and clang say of a mistake within one of our macros is about what the macro is made of:
 * here it is said about what the user has written.
 */
#ifndef CORACLE_CLI_DEV_MISTAKE_H
#define CORACLE_CLI_DEV_MISTAKE_H

#include "cli/cli.h"

struct cor_dev_mistake {
	const char *message; /* of the compiler */
	const char *macro;   /* of ours, that the user has used; NULL: none */
	const char *note;    /* of the types, below the message; NULL: none */
};

/** The clearest sentence that is known for it; else the message. */
const char *cor_dev_sentence(const struct cor_cli *cli, const struct cor_dev_mistake *mistake);

#endif
