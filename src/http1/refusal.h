/* SPDX-License-Identifier: MIT */
/**
 * Answers of the protocol's own, each the connection's last: to what is no request, or to one that
 * got no other answer.
 */
#ifndef CORACLE_HTTP1_REFUSAL_H
#define CORACLE_HTTP1_REFUSAL_H

#include "http1/http1.h"

/** What a client gets that speaks HTTP where TLS is spoken, in plain text. */
extern const struct cor_str cor_http1_plain_answer;

/**
 * Append a problem as the answer to `method` (COR_METHOD_OTHER where it is not known). `detail` may
 * be NULL. Returns the length of its body.
 */
size_t cor_http1_append_last(
	struct cor_connection *connection, enum cor_method method, int status, const char *detail);

/** What is not a request and never becomes one. */
struct cor_http1_refusal {
	/** The beginning of the head; NULL: there is nothing to say about it. */
	const char *bytes;
	/** Has understood of the head what it has. */
	const struct cor_head_parser *parser;
	/** Monotonic: when the first byte of it was here. */
	int64_t began_ns;
	int status;
	enum cor_refusal why;
	const char *reason; /* static */
};

/** Answer it, log it, and end the connection. */
void cor_http1_refuse(struct cor_connection *connection, const struct cor_http1_refusal *refusal);

#endif
