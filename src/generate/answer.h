/* SPDX-License-Identifier: MIT */
/** What an operation gives. Private to the generate folder. */
#ifndef CORACLE_GENERATE_ANSWER_H
#define CORACLE_GENERATE_ANSWER_H

#include "generate/service.h"

/** What a body or an answer has in it: the value of "content". */
struct cor_gen_body cor_gen_body_of(
	struct cor_gen *gen, const struct cor_node *content, const char *hint);
/** The answers of an operation. */
void cor_gen_answers(
	struct cor_gen *gen, struct cor_gen_operation *operation, const struct cor_node *responses);

#endif
