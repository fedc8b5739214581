/* SPDX-License-Identifier: MIT */
/**
 * Heads that come in pieces: how far one is parsed is the session of its connection, whose phase is
 * PARTIAL, until the rest is here or it is clear that it never will be.
 */
#ifndef CORACLE_HTTP1_PARTIAL_H
#define CORACLE_HTTP1_PARTIAL_H

#include "http1/http1.h"

struct cor_http1_partial {
	struct cor_head_parser parser;
	int64_t began_ns; /* monotonic: when its first byte was here */
};

/** Keep `data` and how far it is parsed, so that no byte is looked at twice; wait for the rest. */
void cor_http1_wait_for_head(
	struct cor_http1 *http1, struct cor_connection *connection, const char *data, size_t len);

/** The head is whole, or of no use: the state goes. */
void cor_http1_forget_partial(struct cor_connection *connection);

/** The parser has refused the head that begins at `bytes`, whether it came in pieces or not. */
void cor_http1_refuse_head(
	const struct cor_http1 *http1, struct cor_connection *connection, const char *bytes);

/** Refuse a head whose rest has not come: 408. */
void cor_http1_partial_timed_out(struct cor_connection *connection);

#endif
