/* SPDX-License-Identifier: MIT */
#include "http2/http2.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "connection/progress.h"
#include "http2/frames.h"
#include "http2/session.h"
#include "http2/stream.h"
#include "http2/switched.h"

#define PLAIN_BODY                                                                                 \
	"{\"type\":\"about:blank\",\"title\":\"HTTP Version Not Supported\",\"status\":505,"       \
	"\"detail\":\"this port speaks HTTP/2 alone, from the first byte on: curl has "            \
	"--http2-prior-knowledge\"}"
_Static_assert(sizeof PLAIN_BODY - 1 == 171, "Content-Length says otherwise");

/* To a client that does not speak HTTP/2, but something else that we know. */
static COR_COLD void answer_plainly(struct cor_connection *c)
{
	cor_buffer_literal(&c->loop->output, "HTTP/1.1 505 HTTP Version Not Supported\r\n"
					     "Content-Type: application/problem+json\r\n"
					     "Content-Length: 171\r\n"
					     "Connection: close\r\n\r\n" PLAIN_BODY);
	cor_count(&c->loop->counts->refused[COR_REFUSED_MALFORMED], 1);
	cor_http2_tell_end(c, COR_STR("its client speaks HTTP/1.1, and was answered 505"));
	cor_connection_set(c, COR_CONNECTION_CLOSING);
	cor_connection_set(c, COR_CONNECTION_UNREAD);
}

/* The preface begins with a method that HTTP/1 does not have. */
static bool begins_otherwise(const char *data, size_t len)
{
	return len >= 3 && memcmp(data, "PRI", 3) != 0;
}

static void consume(
	struct cor_protocol *self, struct cor_connection *c, const char *data, size_t len)
{
	struct cor_http2 *http2 = (struct cor_http2 *)self;

	if (!c->session && begins_otherwise(data, len)) {
		answer_plainly(c);
		return;
	}
	if (!c->session)
		c->session = cor_http2_session_create(http2, c);
	struct cor_http2_session *session = c->session;
	if (!session) {
		cor_connection_lose_to(c, COR_LOSS_MEMORY);
		return;
	}
	cor_http2_session_take(session, data, len);
	if (session->streams_len == 0)
		return;
	cor_connection_begin_waiting(c);
	cor_http2_session_receive(session);
	if (cor_connection_is(c, COR_CONNECTION_LOST))
		cor_http2_session_break(session, cor_connection_why_lost(c));
	/* what could be done without waiting is done: it is as if it had never been BUSY */
	if (session->streams_len == 0) {
		cor_connection_clear(c, COR_CONNECTION_BUSY);
		c->phase = COR_PHASE_IDLE;
	}
}

static void wake(struct cor_protocol *self, struct cor_connection *c)
{
	struct cor_http2_session *session = cor_http2_session_of(c);

	(void)self;
	cor_connection_set(c, COR_CONNECTION_WORKING);
	cor_http2_session_receive(session);
	cor_http2_session_flush(session);
	cor_connection_clear(c, COR_CONNECTION_WORKING);
	cor_http2_session_settle(session);
}

/* Never: see struct cor_protocol. What has begun is the session's affair, and its timer's. */
static void timed_out(struct cor_protocol *self, struct cor_connection *c)
{
	(void)self;
	cor_connection_lose(c);
}

static void cut(struct cor_protocol *self, struct cor_connection *c)
{
	struct cor_http2_session *session = cor_http2_session_of(c);

	(void)self;
	cor_http2_session_break(session, "the client went away");
	if (session->streams_len != 0)
		return;
	cor_connection_clear(c, COR_CONNECTION_BUSY);
	c->phase = COR_PHASE_IDLE;
}

static void drain(struct cor_protocol *self, struct cor_connection *c)
{
	struct cor_http2_session *session = cor_http2_session_of(c);

	(void)self;
	if (!session)
		return;
	cor_http2_session_leave(session);
	cor_http2_drain_streams(session);
	cor_http2_session_flush(session);
}

static void end(struct cor_protocol *self, struct cor_connection *c)
{
	struct cor_http2_session *session = cor_http2_session_of(c);

	(void)self;
	if (!session)
		return;
	cor_ignore(nghttp2_session_terminate_session(session->frames, NGHTTP2_NO_ERROR));
	cor_http2_session_flush(session);
}

static void close_session(struct cor_protocol *self, struct cor_connection *c)
{
	(void)self;
	cor_http2_session_destroy(cor_http2_session_of(c));
	c->session = NULL;
}

static bool leaves_work(const struct cor_protocol *self, const struct cor_connection *c)
{
	(void)self, (void)c;
	return false;
}

/* --- for people who look --- */

static void describe(const struct cor_protocol *self, const struct cor_connection *c,
	void (*each)(void *arg, const struct cor_progress *progress), void *arg)
{
	const struct cor_http2_session *session = cor_http2_session_of(c);

	(void)self;
	for (struct cor_http2_stream *stream = session->streams; stream; stream = stream->next)
		if (stream->exchange)
			cor_request_describe(&stream->exchange->request, each, arg);
}

/* --- life --- */

int cor_http2_init(struct cor_http2 *http2, struct cor_serving *serving)
{
	const struct cor_head_limits limits = cor_serving_head_limits(serving);

	*http2 = (struct cor_http2){
		.protocol = {
			.consume = consume,
			.wake = wake,
			.timed_out = timed_out,
			.cut = cut,
			.drain = drain,
			.end = end,
			.close = close_session,
			.leaves_work = leaves_work,
			.describe = describe,
			.begin_timeout_ms = serving->settings->header_timeout_ms,
		},
		.serving = serving,
	};
	cor_http2_memory_init(&http2->memory);
	cor_head_builder_init(&http2->head, &limits);
	int rc = cor_http2_frames_init(http2);
	if (rc < 0)
		cor_http2_finish(http2);
	return rc;
}

void cor_http2_finish(struct cor_http2 *http2)
{
	struct cor_http2_stream *next;

	for (struct cor_http2_stream *stream = http2->spare; stream; stream = next) {
		next = stream->next;
		cor_buffer_finish(&stream->in);
		cor_buffer_finish(&stream->out);
		free(stream);
	}
	http2->spare = NULL;
	cor_http2_memory_finish(&http2->memory);
	cor_head_builder_destroy(&http2->head);
	nghttp2_session_callbacks_del(http2->callbacks);
	nghttp2_option_del(http2->options);
	http2->callbacks = NULL;
	http2->options = NULL;
}
