/* SPDX-License-Identifier: MIT */
/**
 * Strings: the C type that their format asks for, lengths and patterns. Private to the generate
 * folder.
 */
#ifndef CORACLE_GENERATE_WORDS_H
#define CORACLE_GENERATE_WORDS_H

#include "generate/facts.h"
#include "generate/model.h"

/** Kind, lengths, pattern and format of a row. */
void cor_gen_resolve_text(
	struct cor_gen *gen, struct cor_gen_row *row, const struct cor_gen_schema *schema);

/** A pattern that the library takes; NULL for any other, which is told. */
const char *cor_gen_pattern(
	struct cor_gen *gen, const struct cor_node *at, const struct cor_node *pattern);

#endif
