/* SPDX-License-Identifier: MIT */
/**
 * Parsing the head of an HTTP/1.1 answer: status line and header fields (RFC 9112 sections 4 and
 * 5), and what they say of the body and of the connection (sections 6.3 and 9.3).
 *
 * It is used as the parser of requests is (head_parser.h), of which it has the field lines with
 * their limits and rules: any split of the input gives the same result, nothing is allocated.
 * Answers are as hostile as requests: what two parties could read in two ways is refused.
 *
 *     cor_answer_parser_init(&parser, COR_ANSWER_TO_ANY);
 *     while ((n = cor_answer_parse(&parser, bytes, len)) == 0)
 *             ...; // receive more behind bytes + len
 *     if (n < 0)
 *             ...; // parser.lines.error says why; no byte of the connection is of use any more
 *     if (parser.status < 200)
 *             ...; // interim: reset the parser, the next head begins behind these n bytes
 *
 * What is refused beyond syntax errors and the limits of head_parser.h:
 *  - a first byte that does not begin "HTTP/1.": HTTP/0.9, other protocols, an empty line first;
 *  - a status outside 100 to 599, and 101, since nothing asks for another protocol;
 *  - a Transfer-Encoding that is not exactly `chunked`, is given twice, stands in HTTP/1.0 or
 *    beside a Content-Length;
 *  - a second Content-Length, even if equal (as nginx does), and one that is no number.
 * A status line without a reason may end behind the three digits: many servers forget the space.
 */
#ifndef CORACLE_HTTP_ANSWER_PARSER_H
#define CORACLE_HTTP_ANSWER_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <coracle/api.h>

#include "http/head_parser.h"

/** More than any head has: one that is longer is refused before. */
#define COR_ANSWER_HEAD_BYTES 41000

/** What was asked: an answer to HEAD has no body, whatever its fields say. */
enum cor_answer_to {
	COR_ANSWER_TO_ANY,
	COR_ANSWER_TO_HEAD,
};

/** How the body of an answer ends (RFC 9112 section 6.3). */
enum cor_answer_body {
	COR_ANSWER_EMPTY,       /* HEAD, 1xx, 204, 304, or Content-Length: 0 */
	COR_ANSWER_LENGTH,      /* after body_bytes */
	COR_ANSWER_CHUNKED,     /* with the last chunk */
	COR_ANSWER_UNTIL_CLOSE, /* with the connection */
};

struct cor_answer_parser {
	/* Its head.fields_len and fields, and error, are valid as there; the rest is private. */
	struct cor_head_parser lines;
	/* valid once cor_answer_parse() returned more than 0 */
	uint16_t status; /* 100 to 599 */
	uint8_t body;    /* enum cor_answer_body */
	bool keep_alive; /* the connection may be used again, once the body has been read */
	int64_t body_bytes;
	/* private */
	uint8_t to;
};

void cor_answer_parser_init(struct cor_answer_parser *parser, enum cor_answer_to to);

/** Begin the head behind an interim one. */
void cor_answer_parser_reset(struct cor_answer_parser *parser);

/**
 * Go on: `bytes` holds all `len` bytes since the head began. Returns the length of the head, 0
 * (more is needed), or -COR_ESYNTAX with parser->lines.error: its status is 413, 414 or 431 where a
 * limit was exceeded.
 */
ssize_t cor_answer_parse(
	struct cor_answer_parser *parser, const char *bytes, size_t len) COR_CHECKED;

#endif
