/* SPDX-License-Identifier: MIT */
/** Literals, comments, and calls that fill lines. Private to the generate folder. */
#ifndef CORACLE_GENERATE_PRINT_H
#define CORACLE_GENERATE_PRINT_H

#include "base/buffer.h"
#include "generate/model.h"

#define COR_GEN_COLUMNS 100
#define COR_GEN_TAB     8

/**
 * A call of a macro, or what is like one: head(argument, argument)tail. In one line if it fits,
 * else the arguments in one line of their own, else as many as fit in each.
 */
struct cor_gen_call {
	struct cor_gen *gen;
	struct cor_buffer *out;
	const char *head;
	unsigned indent; /* tabs */
	size_t column;
	const char **arguments;
	size_t len, capacity;
};
void cor_gen_call_begin(struct cor_gen_call *call, struct cor_gen *gen, struct cor_buffer *out,
	unsigned indent, const char *head);
void cor_gen_call_argument(struct cor_gen_call *call, const char *text);
void cor_gen_call_end(struct cor_gen_call *call, const char *tail);

/** A literal of C. */
const char *cor_gen_literal(struct cor_gen *gen, const char *text);
/** A comment in lines of 100 columns; `open` is "/" "*" or the same with a second asterisk. */
void cor_gen_print_comment(struct cor_buffer *out, const char *open, const char *text);

#endif
