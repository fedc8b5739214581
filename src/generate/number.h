/* SPDX-License-Identifier: MIT */
/** Numbers: the C type that holds them, and their range. Private to the generate folder. */
#ifndef CORACLE_GENERATE_NUMBER_H
#define CORACLE_GENERATE_NUMBER_H

#include "generate/facts.h"
#include "generate/model.h"

/** Kind, range and step of a row. */
void cor_gen_resolve_number(struct cor_gen *gen, struct cor_gen_row *row,
	const struct cor_gen_schema *schema, bool is_whole);

#endif
