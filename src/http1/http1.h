/* SPDX-License-Identifier: MIT */
/**
 * HTTP/1.1 as a protocol of connections: from bytes to exchanges and back (RFC 9112).
 *
 * A connection's session is, while part of a head is here, how far it is parsed (struct
 * cor_http1_partial); while the connection is BUSY, the exchange (struct cor_http1_exchange).
 */
#ifndef CORACLE_HTTP1_HTTP1_H
#define CORACLE_HTTP1_HTTP1_H

#include "http/head_parser.h"
#include "serving/serving.h"

#define COR_REPLY_MEMO_BYTES 160

/*
 * The last head of a whole 200, which ends with Content-Length: nearly all heads of one type in one
 * second differ in its digits alone.
 */
struct cor_reply_memo {
	int64_t until_ns;     /* monotonic: its Date is right before that; 0: nothing is here */
	struct cor_str type;  /* types are constants: the same place is the same type */
	size_t before_length; /* where the digits of Content-Length begin */
	size_t length;        /* what they say */
	size_t len;
	char head[COR_REPLY_MEMO_BYTES];
};

/* The first line of what a client of HTTP/2 begins with (RFC 9113 section 3.4). */
#define COR_HTTP2_PREFACE_LINE "PRI * HTTP/2.0\r\n"

/** What a loop has of it. */
struct cor_http1 {
	struct cor_protocol protocol; /* first */
	struct cor_serving serving;
	struct cor_head_parser parser; /* for heads that arrive whole; knows the limits */
	struct cor_reply_memo memo;
	/* What clients may speak instead that begin with its first line; NULL: nothing. */
	struct cor_protocol *http2;
};

/**
 * Make it ready for the loop, which need not be ready itself. Settings and handler are borrowed.
 */
void cor_http1_init(struct cor_http1 *http1, struct cor_loop *loop,
	const struct cor_http_settings *settings, const struct cor_handler *handler);

/**
 * Serve a request whose head of `head_len` bytes at `bytes` is in the parser, wherever it came
 * from; *data and *len are what was received behind it. On return they are what stands behind its
 * body; nothing if the connection is BUSY, which has kept the rest then.
 */
void cor_http1_begin(struct cor_http1 *http1, struct cor_connection *connection, const char *bytes,
	size_t head_len, const char **data, size_t *len);

struct cor_http1_exchange;

/** The answer of a request is known, and so is how long it took: for a request that goes on. */
void cor_http1_count(struct cor_http1_exchange *h);

/** The HTTP/1 of a connection that speaks it. */
static inline struct cor_http1 *cor_http1_of(const struct cor_connection *connection)
{
	return (struct cor_http1 *)connection->protocol; /* its first member */
}

/** The .count of a struct cor_long_run, whose .arg is the HTTP/1 of its loop: by operation. */
void cor_http1_count_long_run(void *arg, const struct cor_fiber *fiber, int64_t ns, bool is_new);

#endif
