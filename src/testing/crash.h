/* SPDX-License-Identifier: MIT */
/** A process that notes the stack where a signal ends it. */
#ifndef CORACLE_TESTING_CRASH_H
#define CORACLE_TESTING_CRASH_H

#include "testing/outcome.h"

/** The calling process is that of this outcome; what it crashes of is noted there. */
void cor_crash_watch(struct cor_outcome *outcome);

/** It has come to its end: a signal from now on is no crash of the test. */
void cor_crash_forget(void);

/** Call it in the process of a test that crashes, before it ends. NULL: nothing is kept. */
void cor_crash_keeps(void (*counts)(void));

#endif
