/* SPDX-License-Identifier: MIT */
/** The counts that instrumented programs have left in a folder, by gcov, with the sources' texts. */
#ifndef CORACLE_CLI_GATHERED_H
#define CORACLE_CLI_GATHERED_H

#include "cli/cli.h"
#include "coverage/counts.h"

struct cor_gathering {
	const char *data; /* the folder with the .gcno and .gcda files, from that of -C */
	const char *root; /* the folder whose sources are meant, by its whole path */
	const char *
		include; /* patterns of fnmatch(3) for paths from the root, with commas; NULL: all */
	const char *omit;    /* the same, of what is left out; NULL: nothing */
	const char *exclude; /* a regular expression (POSIX, extended) of lines; NULL: none */
};

/** Gather them, sorted. Returns COR_CLI_OK, or what failed, told. */
int cor_cli_gather(
	const struct cor_cli *cli, const struct cor_gathering *gathering, struct cor_coverage *ret);

/** Remove the counts of programs that have run before. */
void cor_cli_forget_counts(const struct cor_cli *cli, const char *data);

/**
 * Leave only the lines that differ from a revision of git, also those that are not committed.
 * Returns COR_CLI_OK or COR_CLI_TOOL, told.
 */
int cor_cli_keep_changed(
	const struct cor_cli *cli, const char *revision, struct cor_coverage *coverage);

#endif
