/* SPDX-License-Identifier: MIT */
/** Several programs at the same time, as many as there are processors. */
#ifndef CORACLE_CLI_AT_ONCE_H
#define CORACLE_CLI_AT_ONCE_H

#include "cli/cli.h"

struct cor_cli_job {
	const char *const *argv; /* NULL behind the last */
	const void *of;          /* for the caller */
	bool is_done;            /* it is not run: output and status are there */
	struct cor_str output;   /* set: both outputs, in the arena */
	int status;              /* set: as cor_cli_run() returns it */
};

typedef void cor_cli_job_ended(void *arg, const struct cor_cli_job *job);

/**
 * Run them all, and wait. `ended`, if it is not NULL, is told of each as soon as it has ended.
 * Returns COR_CLI_OK, or COR_CLI_TOOL if one cannot be started, told.
 */
int cor_cli_run_at_once(const struct cor_cli *cli, struct cor_cli_job *jobs, size_t len,
	cor_cli_job_ended *ended, void *arg);

#endif
