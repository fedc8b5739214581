/* SPDX-License-Identifier: MIT */
/** A collection of Postman. Private to the dialect folder. */
#ifndef CORACLE_DIALECT_POSTMAN_H
#define CORACLE_DIALECT_POSTMAN_H

#include "dialect/rewrite.h"

/** Append the collection. */
void cor_rewrite_postman(const struct cor_rewrite *to);

#endif
