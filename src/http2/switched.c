/* SPDX-License-Identifier: MIT */
#include "http2/switched.h"

#include <errno.h>

#include "http2/body.h"
#include "http2/reply.h"
#include "serving/staying.h"

static struct cor_http2_exchange *exchange_of(struct cor_exchange *x)
{
	return (struct cor_http2_exchange *)x; /* its first member's first member */
}

static bool is_broken(const struct cor_http2_stream *stream)
{
	return cor_http2_stream_is(stream, COR_STREAM_BROKEN) ||
	       cor_connection_is(stream->session->connection, COR_CONNECTION_LOST);
}

enum cor_switching cor_http2_asks_to_switch(const struct cor_exchange *x)
{
	const struct cor_http2_exchange *h = (const struct cor_http2_exchange *)x;

	return cor_http2_stream_is(h->stream, COR_STREAM_CONNECTS) ? COR_SWITCHING_CONNECT
								   : COR_SWITCHING_NOTHING;
}

/* RFC 8441 section 5: 200, and what follows is the protocol's. Its name was in the request. */
int cor_http2_switch_protocols(struct cor_exchange *x, struct cor_str protocol)
{
	struct cor_http2_exchange *h = exchange_of(x);
	struct cor_request *request = &h->request;
	struct cor_http2_session *session = h->stream->session;

	(void)protocol;
	if (is_broken(h->stream))
		return -ECONNRESET;
	int rc = cor_http2_answer(h, 200, COR_STR(""), -1, true);
	if (rc < 0)
		return rc;
	x->fields_out = x->fields_out_last = NULL; /* they are no trailer */
	request->oddities |= COR_REQUEST_IN_PIECES | COR_REQUEST_SWITCHED;
	if (session->leaves)
		request->oddities |= COR_REQUEST_DRAINS;
	x->status = 200;
	x->reply_state = COR_REPLY_STARTED;
	cor_fiber_set_deadline(request->fiber, COR_FOREVER);
	/* What the figures are to say is how long the client has waited to be let in. */
	cor_clock_settle(session->connection->loop->scheduler);
	cor_request_count(request, session->http2->serving);
	cor_http2_session_flush(session);
	return is_broken(h->stream) ? -ECONNRESET : 0;
}

static bool has_bytes(const struct cor_http2_stream *stream)
{
	return stream->in.len != stream->in_at;
}

ssize_t cor_http2_receive(struct cor_exchange *x, void *buffer, size_t size)
{
	struct cor_http2_exchange *h = exchange_of(x);
	struct cor_http2_stream *stream = h->stream;

	if (is_broken(stream))
		return -ECONNRESET;
	if (h->request.oddities & COR_REQUEST_DRAINS) {
		h->request.oddities &= ~(uint32_t)COR_REQUEST_DRAINS;
		return -ESHUTDOWN;
	}
	if (!has_bytes(stream))
		return cor_http2_stream_is(stream, COR_STREAM_REQUEST_ENDED) ? 0 : -EAGAIN;
	size_t n = cor_http2_take(stream, buffer, size);
	x->body_read += (int64_t)n;
	return (ssize_t)n;
}

/* Who waits for long holds no buffer. */
static void drop_buffers(struct cor_http2_exchange *h)
{
	if (h->pieces.len == 0 && cor_buffer_error(&h->pieces) == 0)
		cor_buffer_finish(&h->pieces);
	if (!has_bytes(h->stream))
		cor_buffer_finish(&h->stream->in);
	if (cor_http2_stream_unsent(h->stream) == 0)
		cor_buffer_finish(&h->stream->out);
}

/* Bytes for the handler are here, or somebody wants it to look. */
static bool has_news(struct cor_http2_exchange *h)
{
	const uint32_t news = COR_REQUEST_NUDGED | COR_REQUEST_DRAINS;
	bool is_told = (h->request.oddities & news) != 0;

	h->request.oddities &= ~(uint32_t)COR_REQUEST_NUDGED;
	return is_told || has_bytes(h->stream) ||
	       cor_http2_stream_is(h->stream, COR_STREAM_REQUEST_ENDED);
}

int cor_http2_await(struct cor_exchange *x, int64_t deadline_ns)
{
	struct cor_http2_exchange *h = exchange_of(x);

	cor_http2_session_flush(h->stream->session); /* the client may send as much again */
	drop_buffers(h);
	if (has_news(h))
		return is_broken(h->stream) ? -ECONNRESET : 0;
	int rc = cor_http2_wait_until(h, deadline_ns);
	h->request.oddities &= ~(uint32_t)COR_REQUEST_NUDGED;
	return rc;
}

void cor_http2_nudge(struct cor_exchange *x)
{
	struct cor_request *request = cor_request_of(x);

	request->oddities |= COR_REQUEST_NUDGED;
	cor_request_wake(request);
}

void cor_http2_drain_streams(struct cor_http2_session *session)
{
	for (struct cor_http2_stream *stream = session->streams; stream; stream = stream->next) {
		struct cor_http2_exchange *h = stream->exchange;

		if (h)
			cor_request_drain(&h->request);
		if (!h || !(h->request.oddities & COR_REQUEST_SWITCHED))
			continue;
		h->request.oddities |= COR_REQUEST_DRAINS;
		cor_request_wake(&h->request);
	}
}
