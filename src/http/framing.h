/* SPDX-License-Identifier: MIT */
/**
 * The fields that decide how a request is framed and what becomes of its connection (RFC 9112
 * sections 6 and 9, RFC 9110 sections 7.2, 7.8, 8.6 and 10.1.1). Anything that two parties could
 * read in two ways is refused.
 */
#ifndef CORACLE_HTTP_FRAMING_H
#define CORACLE_HTTP_FRAMING_H

#include "base/words.h"
#include "http/head.h"

/**
 * Take in the last of head->fields, whose name is `known`. Returns 0 or -COR_ESYNTAX with
 * parser->error.
 */
int cor_framing_field(struct cor_head_parser *parser, enum cor_known known, struct cor_str value);

/** Whether the last of head->fields is the first Host, and the one that was found valid last time: nothing is left to do. */
static inline bool cor_framing_knows_host(
	const struct cor_head_parser *parser, struct cor_str value)
{
	struct cor_str last = { parser->host, parser->host_len };

	return parser->head.known[COR_KNOWN_HOST] == parser->head.fields_len && last.len != 0 &&
	       cor_words_same(value, last);
}

/** All fields are in: decide. Returns 0 or -COR_ESYNTAX with parser->error. */
int cor_framing_finish(struct cor_head_parser *parser);

/** Whether a name of 14 or 17 bytes is made to be taken for Content-Length or Transfer-Encoding. */
bool cor_framing_alias(struct cor_str name);

#endif
