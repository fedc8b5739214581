/* SPDX-License-Identifier: MIT */
/** Values that a schema could have. Private to the dialect folder. */
#ifndef CORACLE_DIALECT_SAMPLE_H
#define CORACLE_DIALECT_SAMPLE_H

#include "dialect/rewrite.h"

/** Append a value that a schema could have: its example, or one that is made up. */
void cor_sample_write(const struct cor_rewrite *to, const struct cor_node *schema);

#endif
