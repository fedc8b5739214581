/* SPDX-License-Identifier: MIT */
/**
 * One stream: a request that comes, its handler, and an answer that goes out as the client lets it.
 *
 * It lives from the request's head until both nghttp2 has closed it and its handler has ended.
 */
#ifndef CORACLE_HTTP2_STREAM_H
#define CORACLE_HTTP2_STREAM_H

#include "base/buffer.h"
#include "base/number.h"
#include "http2/session.h"
#include "runtime/extents.h"
#include "serving/request.h"

enum cor_http2_stream_flag {
	COR_STREAM_REQUEST_ENDED = 1 << 0, /* the client has sent all of the request */
	COR_STREAM_CLOSED = 1 << 1,        /* for nghttp2 it is no more */
	COR_STREAM_BROKEN = 1 << 2,        /* reset, by either side, or lost with its connection */
	COR_STREAM_ANSWERED = 1 << 3,      /* the head of the answer was handed to nghttp2 */
	COR_STREAM_OUT_ENDED = 1 << 4,     /* nothing is added to `out` any more */
	COR_STREAM_CONNECTS = 1 << 9,      /* an extended CONNECT: RFC 8441 */
	COR_STREAM_TRAILS = 1 << 10,       /* a trailer follows what is in `out` */
	COR_STREAM_OUT_TAKEN = 1 << 11,    /* ... which nghttp2 has taken all of */
	COR_STREAM_UNREADABLE = 1 << 12,   /* the file that it is sent from */
	COR_STREAM_SENT = 1 << 8,          /* all of the answer is in the output, or has left it */
	COR_STREAM_DEFERRED = 1 << 5,      /* nghttp2 waits to be told of more in `out` */
	COR_STREAM_EXPECTS = 1 << 6,       /* the client waits for 100 Continue */
	COR_STREAM_WIDE = 1 << 7,          /* its window was made wider */
};

/** In the room of the fiber; the arena's first chunk follows it. */
struct cor_http2_exchange {
	struct cor_request request; /* first */
	struct cor_http2_stream *stream;
	struct cor_buffer pieces;             /* of a reply that was started, not yet handed on */
	struct cor_reply_field *trailers;     /* of the request; NULL: none, or not yet */
	const struct cor_http_error *refusal; /* of its trailers; NULL: they are good */
};
_Static_assert(sizeof(struct cor_http2_exchange) % 16 == 0, "an arena begins behind it");

struct cor_http2_stream {
	struct cor_http2_stream *next;
	struct cor_http2_stream *previous;
	struct cor_http2_session *session;
	struct cor_http2_exchange *exchange; /* NULL: no handler has it (yet, or any more) */
	int32_t id;
	uint32_t flags;       /* enum cor_http2_stream_flag */
	struct cor_buffer in; /* of the body: received, not read; from in_at on */
	size_t in_at;
	struct cor_buffer out; /* of the answer's body: not sent yet; from out_at on */
	size_t out_at;
	struct cor_extents *extents; /* what follows `out`, a frame at a time; NULL: nothing */
	char status[3];              /* texts of the answer's head: see reply.c */
	char length[COR_NUMBER_BYTES];
	struct cor_delivery *delivery; /* the line of an answer that is not out yet; NULL: none */
	int64_t slow_ns;               /* the client holds the answer back since; 0: it does not */
	int64_t moved_ns;              /* and has taken some of it last */
	uint64_t taken;                /* so much in all */
};

static inline bool cor_http2_stream_is(
	const struct cor_http2_stream *stream, enum cor_http2_stream_flag flag)
{
	return (stream->flags & flag) != 0;
}

static inline void cor_http2_stream_set(
	struct cor_http2_stream *stream, enum cor_http2_stream_flag flag)
{
	stream->flags |= (uint32_t)flag;
}

/** A stream has begun; nghttp2 knows it by its id. NULL without memory. */
struct cor_http2_stream *cor_http2_stream_open(struct cor_http2_session *session, int32_t id);

/** The stream of that id; NULL: we know none. */
struct cor_http2_stream *cor_http2_stream_find(struct cor_http2_session *session, int32_t id);

/** Serve the request whose head is in the session's builder, or refuse it. */
void cor_http2_stream_begin(struct cor_http2_stream *stream);

/** nghttp2 has closed it, with that error code. */
void cor_http2_stream_closed(struct cor_http2_stream *stream, uint32_t error);

/** Nobody will take any more of it, for that reason: cancel what is in progress. */
void cor_http2_stream_break(struct cor_http2_stream *stream, int status, const char *why);

/** Reset it, and break it. */
void cor_http2_stream_reset(struct cor_http2_stream *stream, uint32_t error, const char *why);

/** Free it if nobody has it any more. */
void cor_http2_stream_settle(struct cor_http2_stream *stream);

/** Its connection goes: free it. It has no handler. */
void cor_http2_stream_destroy(struct cor_http2_stream *stream);

/** `len` bytes of `out` are in the output. */
void cor_http2_stream_sent(struct cor_http2_stream *stream, size_t len);

/** All of its answer is. */
void cor_http2_stream_sent_all(struct cor_http2_stream *stream);

/** The extents of its answer, and their file, are needed no more. It may have none. */
void cor_http2_stream_drop_extents(struct cor_http2_stream *stream);

/** The file cannot be read on: what is missing of the answer never goes out. */
void cor_http2_stream_is_unreadable(struct cor_http2_stream *stream);

/** What is in memory of the answer, and is left to be sent. */
static inline size_t cor_http2_stream_held(const struct cor_http2_stream *stream)
{
	return stream->out.len - stream->out_at;
}

/** What is left of the answer to be sent. */
static inline size_t cor_http2_stream_unsent(const struct cor_http2_stream *stream)
{
	return cor_http2_stream_held(stream) +
	       (stream->extents ? (size_t)stream->extents->left : 0);
}

#endif
