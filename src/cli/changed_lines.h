/* SPDX-License-Identifier: MIT */
/** What git says has changed, for the coverage of a change. */
#ifndef CORACLE_CLI_CHANGED_LINES_H
#define CORACLE_CLI_CHANGED_LINES_H

#include "cli/cli.h"
#include "coverage/counts.h"

/**
 * Leave only the lines that differ from a revision of git, also those that are not committed.
 * Returns COR_CLI_OK or COR_CLI_TOOL, told.
 */
int cor_cli_keep_changed(
	const struct cor_cli *cli, const char *revision, struct cor_coverage *coverage);

#endif
