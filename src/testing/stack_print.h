/* SPDX-License-Identifier: MIT */
/** The stack of a crash, as its lines in the text of a test. */
#ifndef CORACLE_TESTING_STACK_PRINT_H
#define CORACLE_TESTING_STACK_PRINT_H

#include "testing/outcome.h"

/**
 * Add a line for each frame, up to where the kit has called the test: the function, and where it
 * is. For frames of the program that is file and line, if addr2line(1) is there and the program has
 * debug information. In a process that has the same code at the same addresses.
 */
void cor_stack_print(struct cor_outcome *outcome);

/** Add such a line for a return address: of the call that stands before it. */
void cor_stack_print_place(struct cor_outcome *outcome, const void *place);

#endif
