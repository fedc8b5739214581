/* SPDX-License-Identifier: MIT */
/** The counts that instrumented programs have left in a folder, by gcov, and the sources. */
#ifndef CORACLE_CLI_GATHERED_H
#define CORACLE_CLI_GATHERED_H

#include "cli/cli.h"
#include "coverage/counts.h"

struct cor_gathering {
	const char *data;    /* the folder with the .gcno and .gcda files, from that of -C */
	const char *root;    /* the folder whose sources are meant, by its whole path */
	const char *include; /* patterns of fnmatch(3) for paths from the root; NULL: all */
	const char *omit;    /* the same, of what is left out; NULL: nothing */
	const char *exclude; /* a regular expression (POSIX, extended) of lines; NULL: none */
};

/** Gather them, sorted. Returns COR_CLI_OK, or what failed, told. */
int cor_cli_gather(
	const struct cor_cli *cli, const struct cor_gathering *gathering, struct cor_coverage *ret);

/** Remove the counts of programs that have run before. */
void cor_cli_forget_counts(const struct cor_cli *cli, const char *data);

#endif
