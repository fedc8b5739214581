/* SPDX-License-Identifier: MIT */
/** Which tests failed the last time: a file beside the program, "PROGRAM.failed". */
#ifndef CORACLE_TESTING_FAILED_H
#define CORACLE_TESTING_FAILED_H

#include <coracle/api.h>

#include "testing/outcome.h"
#include "testing/plan.h"

/**
 * Those that failed come first; with `only` the others are left out, unless none of them failed.
 * Returns 0 or -ENOMEM.
 */
int cor_failed_apply(struct cor_plan *plan, bool only) COR_CHECKED;

/**
 * Note those of this run that failed. Those of the last time that were not run now stay. Returns 0
 * or a negative errno.
 */
int cor_failed_write(const struct cor_plan *plan, const struct cor_outcome *outcomes) COR_CHECKED;

#endif
