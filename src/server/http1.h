/* SPDX-License-Identifier: MIT */
/** HTTP/1.1 over a connection: from bytes to exchanges and back (RFC 9112). */
#ifndef CORACLE_SERVER_HTTP1_H
#define CORACLE_SERVER_HTTP1_H

#include "base/buffer.h"
#include "exchange/exchange.h"
#include "http/response.h"
#include "http/chunked.h"
#include "runtime/fiber.h"
#include "runtime/wait.h"
#include "server/connection.h"

/** An exchange over HTTP/1.1. It stands in the room of its fiber; what follows it there is the arena's first chunk. */
struct cor_http1_exchange {
	struct cor_exchange exchange;
	struct cor_connection *connection;
	struct cor_fiber *fiber;
	/* bytes behind the head that are here and not consumed: in the loop's or the connection's input */
	const char *view;
	size_t view_len;
	int64_t began_ns; /* monotonic, at the end of the head */
	struct cor_http1_head http1;
	/* What most requests have none of: they are tested all at once. */
	union {
		struct {
			bool ends;      /* the connection does, behind the reply */
			bool body_left; /* something of the body is not read */
			bool is_1_0;    /* the client understands no chunks */
		};
		uint32_t oddities;
	};

	/* nothing at first, from here to the end */
	struct cor_wait *wait;      /* the fiber waits for the socket; else NULL */
	int64_t waited_ns;          /* for the client to send more of the body, up to now */
	int64_t received;           /* bytes of the body, before chunk framing is taken off */
	struct cor_chunked *chunks; /* NULL unless chunked */
	struct cor_buffer pieces;   /* of a streamed reply, not yet sent */
	bool reply_chunked;
	bool drops_body; /* a started reply without a body: HEAD, 204, 304 */
	uint32_t
		share; /* what its fiber has moved since others had their turn; see cor_http1_took() */
};

static inline struct cor_http1_exchange *cor_http1_of(struct cor_exchange *x)
{
	return (struct cor_http1_exchange *)x; /* its first member */
}

/**
 * Work off received bytes: as many requests as are whole. What is left is kept in the connection's input.
 * Afterwards the caller flushes.
 */
void cor_http1_consume(struct cor_connection *connection, const char *data, size_t len);

/** Answer 408 to a head that did not become whole in time. */
void cor_http1_head_timed_out(struct cor_connection *connection);

/** body.c: as ops->read_body. */
ssize_t cor_http1_read_body(struct cor_exchange *x, void *buffer, size_t size);

/** body.c: whether what is left of the body is already here, so that the connection can go on behind it. Skips it. */
bool cor_http1_skip_body(struct cor_http1_exchange *h);

/** reply.c: the ops of an exchange over HTTP/1.1. */
extern const struct cor_exchange_ops cor_http1_ops;

/**
 * reply.c: cor_response_begin(), and `fields`; overload (503) tells when to come again, in seconds (RFC 9110 section 10.2.3),
 * unless one of them does.
 */
int cor_http1_begin_head(struct cor_buffer *output, const struct cor_response_head *head,
	const struct cor_reply_field *fields) COR_CHECKED;

/** reply.c: end a started reply; called on the fiber. */
int cor_http1_end_reply(struct cor_http1_exchange *h);

/** Park the fiber until the socket can be read or written, `timeout_ms` at most. */
int cor_http1_wait(struct cor_http1_exchange *h, int64_t timeout_ms);

/** `bytes` were received or sent in one call. A fast client never makes its fiber wait: it is told to by the next two. */
void cor_http1_took(struct cor_http1_exchange *h, size_t bytes);

/** Whether the fiber has had its share: time for cor_http1_pass(). */
bool cor_http1_has_share(const struct cor_http1_exchange *h);

/** Let the loop go round once, for all others that are ready. Returns 0, or as cor_http1_wait() but for the timeout. */
int cor_http1_pass(struct cor_http1_exchange *h);

/** The socket is ready, or lost: let the fiber look again. */
void cor_http1_wake(struct cor_http1_exchange *h);

#endif
