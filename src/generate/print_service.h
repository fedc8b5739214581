/* SPDX-License-Identifier: MIT */
/** Operations, resources and a main as text. Private to the generate folder. */
#ifndef CORACLE_GENERATE_PRINT_SERVICE_H
#define CORACLE_GENERATE_PRINT_SERVICE_H

#include "base/buffer.h"
#include "generate/service.h"

/** NAME_service.c. */
void cor_gen_print_service(struct cor_gen *gen, struct cor_buffer *out);

#endif
