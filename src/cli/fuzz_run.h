/* SPDX-License-Identifier: MIT */
/** Runs the target of `coracle fuzz`, in so many processes, and shows how it goes. */
#ifndef CORACLE_CLI_FUZZ_RUN_H
#define CORACLE_CLI_FUZZ_RUN_H

#include "cli/fuzz.h"

/**
 * Until something is found, or the time is over. Returns COR_CLI_OK, or COR_CLI_TOOL: the target
 * does not run.
 */
int cor_fuzz_run(const struct cor_fuzz *fuzz, struct cor_fuzz_result *ret);

#endif
