/* SPDX-License-Identifier: MIT */
/** An exchange over HTTP/1.1, and the turns that its fiber takes with all others of its loop. */
#ifndef CORACLE_HTTP1_EXCHANGE_H
#define CORACLE_HTTP1_EXCHANGE_H

#include "base/buffer.h"
#include "http/chunked.h"
#include "http1/http1.h"
#include "runtime/fiber.h"
#include "runtime/wait.h"

enum cor_http1_oddity {
	COR_HTTP1_ENDS = 1 << 0,      /* the connection does, behind the reply */
	COR_HTTP1_BODY_LEFT = 1 << 1, /* something of the body is not read */
	COR_HTTP1_IS_1_0 = 1 << 2,    /* the client understands no chunks */
	COR_HTTP1_OVERDUE = 1 << 3,   /* its time for more of the body is up: one last look */
	COR_HTTP1_UNTAKEN = 1 << 4,   /* some of the reply has waited for the client, or is lost */
	COR_HTTP1_IN_PIECES = 1 << 5, /* the reply was started: it may break, and has pieces */
	COR_HTTP1_TOLD = 1 << 6,      /* the answer was out, and has its line and its figures */
	COR_HTTP1_SWITCHED = 1 << 7,  /* to another protocol: it has its figures, see switched.h */
	COR_HTTP1_NUDGED = 1 << 8,    /* ... and shall not wait: somebody has told it something */
	COR_HTTP1_DRAINS = 1 << 9,    /* ... and is still to be told of the drain */
};

/** Of a chunked request body. */
struct cor_http1_chunks {
	struct cor_chunked decoder;
	struct cor_reply_field *trailers; /* once it is read */
};

/** It stands in the room of its fiber; what follows it there is the arena's first chunk. */
struct cor_http1_exchange {
	_Alignas(16) struct cor_exchange exchange; /* so that the arena behind it is aligned, too */
	struct cor_connection *connection;
	struct cor_fiber *fiber;
	/*
	 * bytes behind the head that are here and not consumed: in the loop's or the connection's
	 * input
	 */
	const char *view;
	size_t view_len;
	int64_t began_ns; /* monotonic, at the end of the head */
	uint64_t began_ticks;
	struct cor_http1_head http1;
	uint32_t oddities; /* enum cor_http1_oddity: most requests have none */

	/* nothing at first, from here to the end */
	uint32_t moved; /* what its fiber has received and sent since others had their turn */
	struct cor_wait *wait;      /* the fiber waits for the socket; else NULL */
	int64_t waited_ns;          /* for the client to send more of the body, up to now */
	int64_t received;           /* bytes of the body, before chunk framing is taken off */
	struct cor_http1_chunks *chunks; /* NULL unless chunked */
	struct cor_buffer pieces;   /* of a streamed reply, not yet sent */
	bool reply_chunked;
	uint32_t late_us; /* it has waited so long for its thread, at most; 0: it hardly has */
};

static inline struct cor_http1_exchange *cor_http1_exchange_of(struct cor_exchange *x)
{
	return (struct cor_http1_exchange *)x; /* its first member */
}

/**
 * Park the fiber until the socket can be read or written, `timeout_ms` at most. Returns as
 * cor_wait(), or -ECONNRESET.
 */
int cor_http1_wait(struct cor_http1_exchange *h, int64_t timeout_ms);

/** The same until `deadline_ns` (monotonic), whatever may come. */
int cor_http1_wait_until(struct cor_http1_exchange *h, int64_t deadline_ns);

/** Before its handler runs: it has waited so long for its thread. For the access log. */
void cor_http1_has_waited(struct cor_exchange *x, int64_t ns);

/** The socket is ready, or lost: let the fiber look again. */
void cor_http1_wake(struct cor_http1_exchange *h);

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
