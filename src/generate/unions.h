/* SPDX-License-Identifier: MIT */
/** oneOf and anyOf. Private to the generate folder. */
#ifndef CORACLE_GENERATE_UNIONS_H
#define CORACLE_GENERATE_UNIONS_H

#include "generate/facts.h"
#include "generate/model.h"

/** False: the choice is one that no table has, which is told. */
bool cor_gen_resolve_choice(struct cor_gen *gen, struct cor_gen_row *row,
	const struct cor_gen_schema *schema, const char *hint);

#endif
