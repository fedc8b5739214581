/* SPDX-License-Identifier: MIT */
/** Texts of several lines, as the lines that differ. */
#ifndef CORACLE_TESTING_TEXT_DIFFERENCE_H
#define CORACLE_TESTING_TEXT_DIFFERENCE_H

#include <coracle/str.h>

#include "testing/outcome.h"

/**
 * Add the lines: "-" is wanted and not there, "+" is there and not wanted, with what stands around
 * them. Of texts with very many lines between the first and the last difference these are shown
 * whole, first what is wanted.
 */
void cor_text_difference(struct cor_outcome *outcome, struct cor_str got, struct cor_str wanted);

#endif
