/* SPDX-License-Identifier: MIT */
/** Swagger 2.0. Private to the dialect folder. */
#ifndef CORACLE_DIALECT_SWAGGER20_H
#define CORACLE_DIALECT_SWAGGER20_H

#include "dialect/rewrite.h"

/** Append the document. */
void cor_rewrite_swagger20(const struct cor_rewrite *to);

#endif
