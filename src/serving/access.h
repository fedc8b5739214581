/* SPDX-License-Identifier: MIT */
/** The access line of a request, written when it is known what became of its answer. */
#ifndef CORACLE_SERVING_ACCESS_H
#define CORACLE_SERVING_ACCESS_H

#include "serving/request.h"

/**
 * Write the line of an answer that is in the output, once its fate is known. `reason`: why it is
 * not whole, or was refused; NULL: nothing is wrong.
 */
void cor_access_of_request(struct cor_request *request, const char *reason);

/**
 * The line of an answer that is still to be put into the output: cor_connection_await() then, or
 * cor_access_give_up(). NULL: there is no line to write, or no memory.
 */
struct cor_delivery *cor_access_keep(struct cor_request *request, const char *reason);

/** The last `missing` bytes of that answer will never go out. */
void cor_access_give_up(struct cor_delivery *delivery, struct cor_connection *connection,
	size_t missing, const char *reason);

/** What is not a request and never becomes one. */
struct cor_refused_head {
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

/** Write its line; the answer, of `body_bytes`, is in the output. */
void cor_access_of_refusal(struct cor_connection *connection,
	const struct cor_refused_head *refused, size_t body_bytes);

/** The same, of an answer that is still to be put into the output: see cor_access_keep(). */
struct cor_delivery *cor_access_keep_refusal(struct cor_connection *connection,
	const struct cor_refused_head *refused, size_t body_bytes);

#endif
