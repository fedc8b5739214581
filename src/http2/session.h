/* SPDX-License-Identifier: MIT */
/**
 * One connection that speaks HTTP/2: its frames go in and out here.
 *
 * nghttp2 calls back while it takes in what was received, and a request's fiber runs inside of
 * that. What is to be sent then waits until it has come back.
 */
#ifndef CORACLE_HTTP2_SESSION_H
#define CORACLE_HTTP2_SESSION_H

#include "http2/history.h"
#include "http2/http2.h"
#include "http2/priority.h"
#include "http2/scan.h"
#include "runtime/timer.h"

struct cor_http2_session {
	nghttp2_session *frames;
	struct cor_http2 *http2;
	struct cor_connection *connection;
	struct cor_http2_stream *streams; /* all that are open, or whose handler runs */
	uint32_t streams_len;
	uint32_t handlers;             /* of streams, that have not ended */
	struct cor_head_builder *head; /* of the header block that is arriving; NULL: none is */
	int32_t head_id;               /* its stream */
	struct cor_http2_history history;
	struct cor_http2_scan scan;
	struct cor_http2_priority priority;
	uint32_t error;  /* we have found one; 0: none */
	const char *why; /* the error is one */
	struct cor_timer timer;
	/* Monotonic, COR_FOREVER: nothing is due. */
	int64_t whole_ns; /* the preface, or a header block, must be whole */
	int64_t pace_ns;  /* streams that wait for their client must have moved */
	int64_t leave_ns; /* no stream may begin any more */
	int64_t calm_ns;  /* when the next was reckoned */
	int32_t calm;     /* what its account holds: see flood.h */
	uint64_t unsent;  /* bytes of answers, in `out` of its streams */
	uint32_t files;   /* of its streams that are sent from one */
	uint64_t counted; /* of them, in the group's crowd: those that its client holds back */
	bool has_begun;   /* the client's preface and settings are here */
	bool receiving;   /* nghttp2 is at work, below us on the stack */
	bool leaves;      /* the client was told that the connection ends */
	bool is_given_up; /* nothing is taken in any more: a last GOAWAY is out */
	bool has_failed;  /* nghttp2 gives it up: the same is to be done */
};

/** Make it, with our settings to be sent. NULL without memory. */
struct cor_http2_session *cor_http2_session_create(
	struct cor_http2 *http2, struct cor_connection *connection);

/** The connection goes: its streams, too, none of which has a handler any more. */
void cor_http2_session_destroy(struct cor_http2_session *session);

static inline struct cor_http2_session *cor_http2_session_of(
	const struct cor_connection *connection)
{
	return connection->session;
}

/**
 * A callback of nghttp2's, which returns the same, has found an error: it ends the connection as
 * soon as nghttp2 has come back. `why` is not copied.
 */
static inline int cor_http2_session_fail(
	struct cor_http2_session *session, uint32_t error, const char *why)
{
	session->error = error;
	session->why = why;
	return NGHTTP2_ERR_CALLBACK_FAILURE;
}

/** Take in what was received. */
void cor_http2_session_take(struct cor_http2_session *session, const char *data, size_t len);

/** Take in all that is there to receive, within its share of the turn. */
void cor_http2_session_receive(struct cor_http2_session *session);

/** Put what is to be sent into the output, unless nghttp2 is at work: then it is sent later. */
void cor_http2_session_send(struct cor_http2_session *session);

/** The same, and let it go out. For callers that no event of the connection has called. */
void cor_http2_session_flush(struct cor_http2_session *session);

/**
 * The answer has ended with nothing more in `out`. That must be taken like bytes: its last frame is
 * empty, but nghttp2 holds it back while the client's window is closed.
 */
void cor_http2_session_watch_end(struct cor_http2_stream *stream);

/** A line that it ends, and why: one every ten seconds, whoever the clients are. */
void cor_http2_tell_end(const struct cor_connection *c, struct cor_str why);

/** The connection ends: tell the client so, and that what it has just sent counts. */
void cor_http2_session_leave(struct cor_http2_session *session);

/** Send a last GOAWAY with that error, cut what is in progress, and end the connection. */
void cor_http2_session_give_up(struct cor_http2_session *session, uint32_t error, const char *why);

/** nghttp2 has sent a last GOAWAY with that error of the client, which `why` tells of. */
void cor_http2_session_failed(
	struct cor_http2_session *session, uint32_t error, struct cor_str why);

/** Its streams are lost, for that reason: cancel what is in progress, free the rest. */
void cor_http2_session_break(struct cor_http2_session *session, const char *why);

/** Its connection is BUSY while a stream is open. Returns false if the connection is gone. */
bool cor_http2_session_settle(struct cor_http2_session *session);

/** Something of the session becomes due at that time: arm its timer. */
void cor_http2_session_await(struct cor_http2_session *session, int64_t *due_ns, uint32_t ms);

#endif
