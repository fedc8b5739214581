/* SPDX-License-Identifier: MIT */
/** Functions that call the operations of a document, as text. Private to the generate folder. */
#ifndef CORACLE_GENERATE_PRINT_CLIENT_H
#define CORACLE_GENERATE_PRINT_CLIENT_H

#include "base/buffer.h"
#include "generate/service.h"

/** NAME_client.h: what goes in, and the functions. */
void cor_gen_print_client_header(struct cor_gen *gen, struct cor_buffer *out);

/** NAME_client.c: the upstream, the tables of what goes in, and the functions. */
void cor_gen_print_client(struct cor_gen *gen, struct cor_buffer *out);

#endif
