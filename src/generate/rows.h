/* SPDX-License-Identifier: MIT */
/** What a row says besides its value. Private to the generate folder. */
#ifndef CORACLE_GENERATE_ROWS_H
#define CORACLE_GENERATE_ROWS_H

#include "generate/facts.h"
#include "generate/model.h"

/** The texts for readers, presence and access, from the place where the schema is used. */
void cor_gen_finish_row(
	struct cor_gen *gen, struct cor_gen_row *row, const struct cor_gen_schema *schema);

/**
 * How the row's presence is said: by .presence, a cor_opt, a pointer or a fallback. To be called
 * again when one of them changes.
 */
void cor_gen_settle(struct cor_gen *gen, struct cor_gen_row *row);

#endif
