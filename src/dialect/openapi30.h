/* SPDX-License-Identifier: MIT */
/** OpenAPI 3.0. Private to the dialect folder. */
#ifndef CORACLE_DIALECT_OPENAPI30_H
#define CORACLE_DIALECT_OPENAPI30_H

#include "dialect/rewrite.h"

/** Append the document. */
void cor_rewrite_openapi30(const struct cor_rewrite *to);

#endif
