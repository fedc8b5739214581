/* SPDX-License-Identifier: MIT */
/** What an operation takes. Private to the generate folder. */
#ifndef CORACLE_GENERATE_INPUT_H
#define CORACLE_GENERATE_INPUT_H

#include "generate/service.h"

/** The input of an operation: its parameters, and its body. */
void cor_gen_input(struct cor_gen *gen, struct cor_gen_operation *operation,
	const struct cor_node *path_item, const struct cor_node *described,
	enum cor_gen_method method, const char *path);
/** Put a body into the struct of an operation's input or output, which has rows of headers. */
void cor_gen_add_body(struct cor_gen *gen, struct cor_gen_type *type, struct cor_gen_type *body);
/** A row of text: a parameter, or a header of an answer. Member, key and .from are there. */
void cor_gen_resolve_parameter(struct cor_gen *gen, struct cor_gen_row *row,
	const struct cor_node *parameter, const char *hint);

#endif
