/* SPDX-License-Identifier: MIT */
/**
 * Answers of the protocol's own, each the connection's last: to what is no request, or to one that
 * got no other answer.
 */
#ifndef CORACLE_HTTP1_REFUSAL_H
#define CORACLE_HTTP1_REFUSAL_H

#include "http1/http1.h"
#include "serving/access.h"

/** What a client gets that speaks HTTP where TLS is spoken, in plain text. */
extern const struct cor_str cor_http1_plain_answer;

/**
 * Append a problem as the answer to `method` (COR_METHOD_OTHER where it is not known). `detail` may
 * be NULL. Returns the length of its body.
 */
size_t cor_http1_append_last(
	struct cor_connection *connection, enum cor_method method, int status, const char *detail);

/** Answer it, log it, and end the connection. */
void cor_http1_refuse(struct cor_connection *connection, const struct cor_refused_head *refusal);

#endif
