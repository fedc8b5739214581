/* SPDX-License-Identifier: MIT */
/**
 * The request line (RFC 9112 section 3): method SP request-target SP HTTP-version.
 */
#ifndef CORACLE_HTTP_REQUEST_LINE_H
#define CORACLE_HTTP_REQUEST_LINE_H

#include "http/head.h"

/**
 * Parse bytes[at] to bytes[end], where a CR stands. Fills method, target, and version of *head.
 * Returns 0 or -COR_ESYNTAX with *error.
 */
int cor_request_line_parse(struct cor_head *head, struct cor_http_error *error, const char *bytes,
	size_t at, size_t end);

#endif
