/* SPDX-License-Identifier: MIT */
/**
 * HTTP/2 as a protocol of connections (RFC 9113), with nghttp2: frames, header compression, flow
 * control and priorities are its affair, requests and limits are ours.
 *
 * A connection's session is a struct cor_http2_session from its first byte on. It is BUSY while a
 * stream is open, however many they are.
 */
#ifndef CORACLE_HTTP2_HTTP2_H
#define CORACLE_HTTP2_HTTP2_H

#include <nghttp2/nghttp2.h>

#include "http/head_builder.h"
#include "http2/memory.h"
#include "serving/serving.h"

struct cor_http2_stream;

/** What a loop has of it. */
struct cor_http2 {
	struct cor_protocol protocol; /* first */
	struct cor_serving *serving;
	nghttp2_session_callbacks *callbacks;
	nghttp2_option *options;
	struct cor_http2_memory memory; /* of all sessions */
	struct cor_head_builder head;   /* for heads that arrive whole */
	struct cor_http2_stream *spare; /* streams to be used again */
	uint32_t spare_len;
	bool head_is_taken; /* by a session whose head is not whole yet */
};

/**
 * Make it ready for the loop of `serving`, which it borrows. Returns 0 or -ENOMEM: nothing is to be
 * finished then.
 */
int cor_http2_init(struct cor_http2 *http2, struct cor_serving *serving) COR_CHECKED;

/** Zeroed will do, too. */
void cor_http2_finish(struct cor_http2 *http2);

/** The HTTP/2 of a connection that speaks it. */
static inline struct cor_http2 *cor_http2_of(const struct cor_connection *connection)
{
	return (struct cor_http2 *)connection->protocol; /* its first member */
}

#endif
