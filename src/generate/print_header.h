/* SPDX-License-Identifier: MIT */
/** Structs and enums as text. Private to the generate folder. */
#ifndef CORACLE_GENERATE_PRINT_HEADER_H
#define CORACLE_GENERATE_PRINT_HEADER_H

#include "base/buffer.h"
#include "generate/model.h"

/** NAME.h: all of them but those of operations alone. */
void cor_gen_print_header(struct cor_gen *gen, struct cor_buffer *out);
/** The declaration of one type, with what it needs before. */
void cor_gen_print_type(struct cor_gen *gen, struct cor_gen_type *type, struct cor_buffer *out);

#endif
