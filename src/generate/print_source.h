/* SPDX-License-Identifier: MIT */
/** Tables as text. Private to the generate folder. */
#ifndef CORACLE_GENERATE_PRINT_SOURCE_H
#define CORACLE_GENERATE_PRINT_SOURCE_H

#include "base/buffer.h"
#include "generate/model.h"

/** NAME.c: those of all types but of operations alone. */
void cor_gen_print_source(struct cor_gen *gen, struct cor_buffer *out);
/** The tables of one type; `is_local`: its schema is of this file alone. */
void cor_gen_print_tables(struct cor_gen *gen, const struct cor_gen_type *type, bool is_local,
	struct cor_buffer *out);

#endif
