/* SPDX-License-Identifier: MIT */
/** Objects as structs. Private to the generate folder. */
#ifndef CORACLE_GENERATE_STRUCTS_H
#define CORACLE_GENERATE_STRUCTS_H

#include "generate/facts.h"
#include "generate/model.h"

/**
 * The struct of an object. Of a branch of a union without the property `discriminator` (NULL: with
 * all). NULL without memory.
 */
struct cor_gen_type *cor_gen_struct(struct cor_gen *gen, const struct cor_gen_schema *schema,
	const char *hint, const char *discriminator);

#endif
