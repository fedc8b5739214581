/* SPDX-License-Identifier: MIT */
/**
 * The request line (RFC 9112 section 3): method SP request-target SP HTTP-version.
 */
#ifndef CORACLE_HTTP_REQUEST_LINE_H
#define CORACLE_HTTP_REQUEST_LINE_H

#include "http/head_parser.h"

/**
 * Parse from parser->line to parser->scanned, where a CR stands. Fills method, target and version.
 * Returns 0 or -COR_ESYNTAX with parser->error.
 */
int cor_request_line_parse(struct cor_head_parser *parser, const char *bytes);

/**
 * The same for a line from `bytes` on that is of the most common form: method SP /path [ ? query ]
 * SP HTTP/1.1 CRLF. An LF must stand at end[-1].
 * Returns what follows the line; NULL if it is not of that form, and then the head may be half
 * filled.
 */
const char *cor_request_line_common(
	struct cor_head_parser *parser, const char *bytes, const char *end);

/**
 * The target alone, of a request whose method is in the head: a path with an optional query, or the
 * asterisk of OPTIONS. A CR must stand behind it. Returns 0 or -COR_ESYNTAX with parser->error.
 */
int cor_request_target_parse(
	struct cor_head_parser *parser, const char *bytes, struct cor_span target);

#endif
