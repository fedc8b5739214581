/* SPDX-License-Identifier: MIT */
/**
 * The access lines of HTTP/1: one for each answer, when its fate is known, and one for each refusal
 * of the protocol.
 */
#ifndef CORACLE_HTTP1_ACCESS_H
#define CORACLE_HTTP1_ACCESS_H

#include "http1/exchange.h"
#include "http1/refusal.h"

/**
 * A request was answered, or could not be. The line is written when the client has taken the
 * answer, or it is sure that it never will: it does not keep the exchange. Without the access log,
 * only what went wrong has a line.
 */
void cor_http1_log_access(struct cor_http1_exchange *h);

/**
 * Bytes were refused before they became a request; `body_bytes`: of the answer. Its line comes when
 * its fate is known, as that of any answer.
 */
void cor_http1_log_refusal(struct cor_connection *connection,
	const struct cor_http1_refusal *refusal, size_t body_bytes);

#endif
