/* SPDX-License-Identifier: MIT */
/**
 * The fields that decide how a message is framed and what becomes of its connection (RFC 9112
 * sections 6 and 9, RFC 9110 sections 7.2, 7.8, 8.6 and 10.1.1). Anything that two parties could
 * read in two ways is refused.
 */
#ifndef CORACLE_HTTP_FRAMING_H
#define CORACLE_HTTP_FRAMING_H

#include "http/head_parser.h"

/**
 * Take in the last of head->fields, whose name is `known`. Returns 0 or -COR_ESYNTAX with
 * parser->error.
 */
int cor_framing_field(struct cor_head_parser *parser, enum cor_known known, struct cor_str value);

/** All fields are in: decide. Returns 0 or -COR_ESYNTAX with parser->error. */
int cor_framing_finish(struct cor_head_parser *parser);

/** In parser->seen from the beginning: the fields are those of an answer. */
#define COR_FRAMING_IS_ANSWER 16

/** The same for an answer, apart from what its status says of a body (RFC 9112 section 6.3). */
int cor_framing_finish_answer(struct cor_head_parser *parser);

/** Whether a name of 14 or 17 bytes is made to be taken for Content-Length or Transfer-Encoding. */
bool cor_framing_alias(struct cor_str name);

#endif
