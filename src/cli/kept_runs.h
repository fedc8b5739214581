/* SPDX-License-Identifier: MIT */
/**
 * What analysers have printed, kept in a folder of the build: a file for each run of a tool over a
 * source, or over several, named by the tool's version, its command line and the compiler's. It
 * stands as long as the sources, all headers that these include, and what configures the tool are
 * as they were, by their bytes.
 *
 *     coracle lint 1
 *     SHA-256 PATH       of each of these files; "-": it is not there
 *
 *     what the tool has printed
 *
 * One that no lint has found or made for 30 days goes: of sources that are gone, flags and tools
 * that were other. Several lints may run at once.
 *
 * Which headers there are the compiler says (-M), when a run is made, and clang for clang-tidy.
 * One whose headers the compiler cannot name is not kept, nor is one that has failed. A new header
 * in front of another one of its name is not noticed, as by make.
 */
#ifndef CORACLE_CLI_KEPT_RUNS_H
#define CORACLE_CLI_KEPT_RUNS_H

#include "cli/at_once.h"
#include "cli/compile_commands.h"
#include "cli/file_digests.h"

struct cor_kept_runs {
	const struct cor_cli *cli;
	const char *folder; /* from the working directory; NULL: nothing is kept */
	struct cor_file_digests digests;
};

/** A run: what job->of points to. */
struct cor_kept_run {
	const char *tool, *version; /* its name, and all that tells one of its versions */
	const char *configuration;  /* of files in the sources' folders and above; NULL: none */
	bool is_clang;              /* it sees what clang sees, and clang can be asked */
	struct cor_compile_command *const *sources; /* NULL behind the last */
};

/**
 * Run the jobs that nobody has run before, and keep what they print. Returns COR_CLI_OK, or
 * COR_CLI_TOOL if one cannot be started, told.
 */
int cor_kept_runs_do(struct cor_kept_runs *kept, struct cor_cli_job *jobs, size_t len);

/** Remove those that were not used for long, from a folder that may have other files, too. */
void cor_kept_runs_clear(const struct cor_kept_runs *kept);

#endif
