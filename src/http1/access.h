/* SPDX-License-Identifier: MIT */
/**
 * The access lines of HTTP/1: one for each answer, when its fate is known, and one for each refusal
 * of the protocol.
 */
#ifndef CORACLE_HTTP1_ACCESS_H
#define CORACLE_HTTP1_ACCESS_H

#include "http1/exchange.h"

/**
 * A request was answered, or could not be. The line is written when the client has taken the
 * answer, or it is sure that it never will: it does not keep the exchange. Without the access log,
 * only what went wrong has a line.
 */
void cor_http1_log_access(struct cor_http1_exchange *h);

/**
 * Bytes were refused before they became a request; `bytes` as in cor_http1_refuse(), `sent`: of the
 * answer's body.
 */
void cor_http1_log_refusal(struct cor_connection *connection, const struct cor_head_parser *parser,
	const char *bytes, int status, const char *reason, size_t sent);

#endif
