/* SPDX-License-Identifier: MIT */
/**
 * Has the library try what was made, as the start of a service would: what it refuses is taken out
 * and told. So no table is written that does not start. Private to the generate folder.
 */
#ifndef CORACLE_GENERATE_TRIAL_H
#define CORACLE_GENERATE_TRIAL_H

#include "generate/model.h"

/** Try all types, which are in order, and mend them until nothing is refused. */
void cor_gen_try(struct cor_gen *gen);

/** The rules that a row shares become its own. */
void cor_gen_own_rules(struct cor_gen_row *row);

/** The schema of a type that was tried, in memory; NULL for an enum. */
const struct cor_schema *cor_gen_tried_schema(const struct cor_gen_type *type);

#endif
