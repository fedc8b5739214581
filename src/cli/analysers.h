/* SPDX-License-Identifier: MIT */
/** The analysers that `coracle lint` runs, and what they find. */
#ifndef CORACLE_CLI_ANALYSERS_H
#define CORACLE_CLI_ANALYSERS_H

#include "cli/compile_commands.h"
#include "cli/kept_runs.h"
#include "lint/findings.h"

#define COR_ANALYSERS_MAX 4

struct cor_analysis {
	const struct cor_cli *cli;
	const char *commands; /* the file of compile commands, from the folder of -C */
	struct cor_compile_commands sources;
	struct cor_kept_runs kept;
	const char *include, *omit; /* patterns of paths; NULL: all, none */
	struct cor_findings findings;
	const char *tools[COR_ANALYSERS_MAX + 1]; /* those that ran; NULL behind the last */
	size_t tools_len;
};

/**
 * Run those whose names `wanted` has, with commas between them (NULL: all that are there). Returns
 * COR_CLI_OK; COR_CLI_TOOL, told: one that was asked for by name is not there, or failed; or
 * COR_CLI_USAGE, told.
 */
int cor_cli_analyse(struct cor_analysis *analysis, const char *wanted);

#endif
