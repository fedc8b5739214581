/* SPDX-License-Identifier: MIT */
/** Limits of the machine, and of processes that are started from here. */
#ifndef CORACLE_CLI_MACHINE_H
#define CORACLE_CLI_MACHINE_H

#include <stdint.h>

#include "cli/findings.h"

/** Look at them; `backlog` is what the service asks for, 0: the default. */
void cor_machine_examine(struct cor_findings *findings, int64_t backlog);

#endif
