/* SPDX-License-Identifier: MIT */
/** Values that are listed. Private to the generate folder. */
#ifndef CORACLE_GENERATE_ENUMS_H
#define CORACLE_GENERATE_ENUMS_H

#include "generate/facts.h"
#include "generate/model.h"

/** An enum, a constant, or what is left of other lists. */
void cor_gen_resolve_values(struct cor_gen *gen, struct cor_gen_row *row,
	const struct cor_gen_schema *schema, const char *hint);

/** The names of a set, where an array holds each once; false: it is no such array. */
bool cor_gen_resolve_set(struct cor_gen *gen, struct cor_gen_row *row,
	const struct cor_gen_schema *array, const struct cor_gen_schema *item, const char *hint);

#endif
