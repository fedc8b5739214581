/* SPDX-License-Identifier: MIT */
/** The texts of an error answer in the client's language. Nothing here yields. */
#ifndef CORACLE_SERVICE_LANGUAGE_H
#define CORACLE_SERVICE_LANGUAGE_H

#include <coracle/language.h>

#include "exchange/exchange.h"
#include "exchange/problem_json.h"

/**
 * The language of the request: one of the service's; NULL: the library's own English.
 */
const struct cor_language *cor_language_of(struct cor_exchange *x);

/**
 * Say the texts of *problem in the language of the request, in memory of its ctx; where that is
 * out, they stay as they are. Adds Content-Language and Vary. Of a service without languages:
 * nothing.
 */
void cor_language_translate(struct cor_exchange *x, struct cor_problem_text *problem);

/**
 * The same for what follows the head of an answer: nothing is added to that, and the texts are in
 * memory of the arena.
 */
void cor_language_say(
	struct cor_exchange *x, struct cor_arena *arena, struct cor_problem_text *problem);

#endif
