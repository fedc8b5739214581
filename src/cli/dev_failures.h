/* SPDX-License-Identifier: MIT */
/** Tests that failed, in what `coracle test` has printed (src/cli/test_report.c). */
#ifndef CORACLE_CLI_DEV_FAILURES_H
#define CORACLE_CLI_DEV_FAILURES_H

#include "cli/dev_problems.h"

/**
 * Each with its name, its places, and the command of curl that shows it, if there is one. What has
 * not the form of a failure is looked through for places.
 */
void cor_dev_find_failures(
	const struct cor_cli *cli, const char *output, struct cor_dev_problems *ret);

/** What to do about the first. */
const char *cor_dev_failure_advice(
	const struct cor_cli *cli, const struct cor_dev_problem *problem);

#endif
