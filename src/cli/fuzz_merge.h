/* SPDX-License-Identifier: MIT */
/** Keeps the corpus of `coracle fuzz` from growing for ever. */
#ifndef CORACLE_CLI_FUZZ_MERGE_H
#define CORACLE_CLI_FUZZ_MERGE_H

#include "cli/fuzz.h"

/**
 * If the corpus has more than 2,000 files, leave those that reach, together, what all do. Takes two
 * minutes at most; what fails is told, and leaves it as it is.
 */
void cor_fuzz_merge(const struct cor_fuzz *fuzz);

#endif
