/* SPDX-License-Identifier: MIT */
/** Operands as failures show them. */
#ifndef CORACLE_TESTING_PRINT_VALUE_H
#define CORACLE_TESTING_PRINT_VALUE_H

#include <coracle/test_expect.h>

#include "testing/outcome.h"

/** Add it to the text: "Emma" in quotes, with escapes; numbers in decimal. */
void cor_outcome_print_value(
	struct cor_outcome *outcome, const struct cor_test_value *value, bool as_bool);

/** Text in quotes, of which at most COR_PRINTED_BYTES are shown. */
void cor_outcome_print_text(struct cor_outcome *outcome, struct cor_str text);

#define COR_PRINTED_BYTES 1024

#endif
