/* SPDX-License-Identifier: MIT */
/** Types in the order that C needs. Private to the generate folder. */
#ifndef CORACLE_GENERATE_ORDER_H
#define CORACLE_GENERATE_ORDER_H

#include "generate/model.h"

/**
 * Put each type behind those that it holds by value, and make pointers where that goes in a circle.
 */
void cor_gen_order(struct cor_gen *gen);

#endif
