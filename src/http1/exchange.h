/* SPDX-License-Identifier: MIT */
/** An exchange over HTTP/1.1, and the turns that its fiber takes with all others of its loop. */
#ifndef CORACLE_HTTP1_EXCHANGE_H
#define CORACLE_HTTP1_EXCHANGE_H

#include "base/buffer.h"
#include "http/chunked.h"
#include "http1/http1.h"
#include "serving/request.h"

/** Of a chunked request body. */
struct cor_http1_chunks {
	struct cor_chunked decoder;
	struct cor_reply_field *trailers; /* once it is read */
};

/** It stands in the room of its fiber; what follows it there is the arena's first chunk. */
struct cor_http1_exchange {
	struct cor_request request; /* first */
	/*
	 * bytes behind the head that are here and not consumed: in the loop's or the connection's
	 * input
	 */
	const char *view;
	size_t view_len;
	struct cor_http1_head http1;

	/* nothing at first, from here to the end */
	uint32_t moved; /* what its fiber has received and sent since others had their turn */
	struct cor_http1_chunks *chunks; /* NULL unless chunked */
	struct cor_buffer pieces;        /* of a streamed reply, not yet sent */
	bool reply_chunked;
};

static inline struct cor_http1_exchange *cor_http1_exchange_of(struct cor_exchange *x)
{
	return (struct cor_http1_exchange *)x; /* its first member's first member */
}

/**
 * Park the fiber until the socket can be read or written, `timeout_ms` at most. Returns as
 * cor_wait(), or -ECONNRESET.
 */
int cor_http1_wait(struct cor_http1_exchange *h, int64_t timeout_ms);

/** The same until `deadline_ns` (monotonic), whatever may come. */
int cor_http1_wait_until(struct cor_http1_exchange *h, int64_t deadline_ns);

/**
 * `bytes` were received or sent in one call. A fast client never makes its fiber wait: it is told
 * to by the next two.
 */
void cor_http1_count_moved(struct cor_http1_exchange *h, size_t bytes);

/** Whether the fiber has had its share: time for cor_http1_pass(). */
bool cor_http1_must_pass(const struct cor_http1_exchange *h);

/**
 * Let the loop go round once, for all others that are ready. Returns 0, or as cor_http1_wait() but
 * for the timeout.
 */
int cor_http1_pass(struct cor_http1_exchange *h);

#endif
