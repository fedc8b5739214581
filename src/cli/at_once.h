/* SPDX-License-Identifier: MIT */
/** Several programs at the same time, as many as there are processors. */
#ifndef CORACLE_CLI_AT_ONCE_H
#define CORACLE_CLI_AT_ONCE_H

#include "cli/cli.h"

struct cor_cli_job {
	const char *const *argv; /* NULL behind the last */
	const void *of;          /* for the caller */
	struct cor_str output;   /* set: both outputs, in the arena */
	int status;              /* set: as cor_cli_run() returns it */
};

/** Run them all, and wait. Returns COR_CLI_OK, or COR_CLI_TOOL if one cannot be started, told. */
int cor_cli_run_at_once(const struct cor_cli *cli, struct cor_cli_job *jobs, size_t len);

#endif
