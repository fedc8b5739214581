/* SPDX-License-Identifier: MIT */
/** Mutexes (sync.h) that are locked when a test ends: whoever wants one later waits for ever. */
#ifndef CORACLE_TESTING_LOCKS_H
#define CORACLE_TESTING_LOCKS_H

#include "testing/outcome.h"

#define COR_LOCKS_MAX 256 /* at the same time; more are not watched */

/** Watch those of this process from now on. */
void cor_locks_watch(void);

/** Tell each that is held, with the place that locked it, as a failure; watch no more. */
void cor_locks_tell(struct cor_outcome *outcome);

#endif
