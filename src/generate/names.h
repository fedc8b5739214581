/* SPDX-License-Identifier: MIT */
/**
 * Names of a document as names of C: orderId is order_id, "class" is class_, "2nd" is n2nd. Each is
 * unique where it stands. Never NULL. Private to the generate folder.
 */
#ifndef CORACLE_GENERATE_NAMES_H
#define CORACLE_GENERATE_NAMES_H

#include "generate/model.h"

/** A tag of a struct or enum, from any text: no other type has it, nor a header of the library. */
const char *cor_gen_tag(struct cor_gen *gen, const char *text);
/** A function, from a text in snake_case: no other has it, nor a variable. */
const char *cor_gen_handler(struct cor_gen *gen, const char *text);
/** A member; no other of the type has it. */
const char *cor_gen_member(struct cor_gen *gen, struct cor_gen_type *type, const char *text);
/** A constant of an enum: ORDER_STATUS_NEW. No other enum has it. */
const char *cor_gen_constant(struct cor_gen *gen, const char *tag, const char *text);
/** In snake_case, neither unique nor free of keywords: a part of a name. May be "". */
const char *cor_gen_snake(struct cor_gen *gen, const char *text);
/** The same in capitals. */
const char *cor_gen_capitals(struct cor_gen *gen, const char *text);
/** One of several: "lines" is "line", "boxes" is "box", "series" stays. */
const char *cor_gen_singular(struct cor_gen *gen, const char *text);

/** Whether C (or C++, which may include the header) takes it for an identifier. */
bool cor_gen_is_identifier(const char *text);

#endif
