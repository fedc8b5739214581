/* SPDX-License-Identifier: MIT */
/** Snapshots that no test has used. */
#ifndef CORACLE_TESTING_UNUSED_H
#define CORACLE_TESTING_UNUSED_H

#include "testing/runner.h"

/**
 * Tell them on standard error, or remove them with --update-snapshots: after a run of all tests of
 * which none failed or was skipped; else nothing is known.
 */
void cor_unused_tell(const struct cor_runner *runner);

#endif
