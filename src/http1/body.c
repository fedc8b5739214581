/* SPDX-License-Identifier: MIT */
#include "http1/body.h"

#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "http/trailer.h"

#define RECEIVE_BYTES (16 * 1024)

/*
 * A client that trickles: after it has been waited for so long, it must have kept up this pace
 * meanwhile.
 */
#define GRACE_S     10
#define BYTES_PER_S 500

/* Record the answer and return the code that says what happened. */
static ssize_t fail(struct cor_http1_exchange *h, int status, int cause, const char *detail)
{
	return cor_ctx_fail(&h->request.exchange.ctx, status, cause, detail);
}

/*
 * The request's own deadline is not the client's: what the service does with a late one is its
 * affair.
 */
static ssize_t wait_failed(struct cor_http1_exchange *h, int rc)
{
	if (rc == -ETIMEDOUT && cor_scope_error() == 0)
		return fail(h, 408, rc, "the body did not arrive in time");
	if (rc == -ECONNRESET && cor_connection_is(h->request.connection, COR_CONNECTION_LOST))
		return fail(h, COR_STATUS_CLIENT_GONE, rc, "the client went away");
	if (rc == -ECONNRESET)
		return fail(h, 400, rc, "the connection ended inside the body");
	return rc;
}

/* RFC 9110 10.1.1: only when the handler wants the body is the client told to send it. */
static void invite(struct cor_http1_exchange *h)
{
	struct cor_connection *c = h->request.connection;

	if (!h->http1.expect_continue)
		return;
	h->http1.expect_continue = false;
	if (h->view_len != 0)
		return; /* it did not wait */
	if (h->request.exchange.reply_state != COR_REPLY_NONE)
		return; /* the final reply has begun: nothing may stand inside it */
	cor_buffer_literal(&c->loop->output, "HTTP/1.1 100 Continue\r\n\r\n");
	cor_connection_flush(c);
}

/* Until there may be more, or the others have had their turn. */
static int wait_readable(struct cor_http1_exchange *h)
{
	struct cor_scheduler *scheduler = h->request.connection->loop->scheduler;

	if (cor_http1_must_pass(h))
		return cor_http1_pass(h);
	if (h->request.oddities & COR_REQUEST_OVERDUE)
		return -ETIMEDOUT;
	int64_t waited_s = h->request.waited_ns / COR_NS_PER_S;

	if (waited_s > GRACE_S && h->request.received / waited_s < BYTES_PER_S)
		return -ETIMEDOUT;
	cor_clock_settle(scheduler);
	int64_t began_ns = cor_clock_now(scheduler);
	int rc = cor_http1_wait(
		h, cor_http1_of(h->request.connection)->serving.settings->body_timeout_ms);
	h->request.waited_ns += cor_clock_now(scheduler) - began_ns;
	if (rc != -ETIMEDOUT || cor_scope_error() < 0)
		return rc;
	/* what arrived in time may be here, though no event has said so yet */
	h->request.oddities |= COR_REQUEST_OVERDUE;
	cor_connection_set(h->request.connection, COR_CONNECTION_READABLE);
	return 0;
}

/*
 * What a receive came to, where it did not bring bytes: wait and try again (0), or a code that is
 * recorded.
 */
static ssize_t nothing_received(struct cor_http1_exchange *h, ssize_t n)
{
	int rc = n == -EAGAIN ? wait_readable(h) : -ECONNRESET;

	return rc < 0 ? wait_failed(h, rc) : 0;
}

/*
 * Receive once if the reactor has announced bytes, and it is our turn. Returns the count, 0 at the
 * end of the stream, -EAGAIN ...
 */
static ssize_t receive(struct cor_http1_exchange *h, void *buffer, size_t size)
{
	struct cor_connection *c = h->request.connection;

	if (cor_connection_is(c, COR_CONNECTION_LOST))
		return -ECONNRESET; /* what was here may be gone: no more of a body with a hole */
	if (!(c->flags & (COR_CONNECTION_READABLE | COR_CONNECTION_HALF_CLOSED)) ||
		cor_http1_must_pass(h))
		return -EAGAIN;
	ssize_t n = cor_connection_receive(c, buffer, size);
	if (n > 0) {
		h->request.oddities &= ~(uint32_t)COR_REQUEST_OVERDUE;
		cor_http1_count_moved(h, (size_t)n);
	}
	return n;
}

static size_t take_from_view(struct cor_http1_exchange *h, void *buffer, size_t size)
{
	size_t n = h->view_len < size ? h->view_len : size;

	memcpy(buffer, h->view, n);
	h->view += n;
	h->view_len -= n;
	return n;
}

/* The length is known: past what is here, straight into the caller's buffer. */
static ssize_t read_announced(struct cor_http1_exchange *h, void *buffer, size_t size)
{
	struct cor_exchange *x = &h->request.exchange;
	int64_t left = x->head.content_length - x->body_read;

	if ((int64_t)size > left)
		size = (size_t)left;
	ssize_t n = (ssize_t)take_from_view(h, buffer, size);
	while (n <= 0) {
		n = receive(h, buffer, size);
		if (n > 0)
			break;
		ssize_t rc = nothing_received(h, n);
		if (rc < 0)
			return rc;
	}
	h->request.received += n;
	x->body_read += n;
	if (x->body_read == x->head.content_length)
		h->request.oddities &= ~(uint32_t)COR_REQUEST_BODY_LEFT;
	return n;
}

/*
 * The view is used up: receive more into the connection's input, where it may stay over a wait. The
 * room is asked for again after each wait, since an input that holds nothing goes when the fiber
 * parks.
 */
static ssize_t refill(struct cor_http1_exchange *h)
{
	struct cor_connection *c = h->request.connection;

	for (;;) {
		if (c->input)
			c->input->at = c->input->len = 0;
		char *room = cor_connection_room(c, RECEIVE_BYTES);
		if (!room)
			return fail(h, 503, -ENOMEM, "no memory for the body");
		ssize_t n = receive(h, room, RECEIVE_BYTES);
		if (n > 0) {
			h->request.received += n;
			h->view = room;
			h->view_len = (size_t)n;
			return n;
		}
		cor_connection_drop_input(c);
		ssize_t rc = nothing_received(h, n);
		if (rc < 0)
			return rc;
	}
}

static ssize_t framing_failed(struct cor_http1_exchange *h)
{
	const struct cor_http_error *error = &h->chunks->decoder.error;

	h->request.oddities |= COR_REQUEST_ENDS;
	if (error->status == 413)
		return cor_exchange_body_too_large(&h->request.exchange);
	return fail(h, error->status, -COR_ESYNTAX, error->reason);
}

/* --- trailer fields --- */

struct cor_http1_chunks *cor_http1_chunks_create(struct cor_http1_exchange *h, int64_t limit_bytes)
{
	const struct cor_http_settings *settings = cor_http1_of(h->request.connection)
							   ->serving.settings;
	struct cor_http1_chunks *chunks = cor_arena_alloc(
		&h->request.exchange.ctx.arena, sizeof *chunks);

	if (!chunks)
		return NULL;
	chunks->trailers = NULL;
	cor_chunked_init(&chunks->decoder, limit_bytes);
	if (settings->header_block_bytes < COR_TRAILER_BYTES)
		chunks->decoder.trailers_limit = settings->header_block_bytes;
	chunks->decoder.trailer_line_limit = settings->header_line_bytes;
	chunks->decoder.trailer_count_limit = settings->header_count;
	return chunks;
}

static int no_memory(struct cor_http1_exchange *h)
{
	return cor_ctx_fail(
		&h->request.exchange.ctx, 503, -ENOMEM, "no memory for the trailer fields");
}

static int make_room_for_trailers(struct cor_http1_exchange *h)
{
	struct cor_chunked *decoder = &h->chunks->decoder;

	decoder->trailers = cor_arena_alloc(
		&h->request.exchange.ctx.arena, decoder->trailers_limit);
	return decoder->trailers ? 0 : no_memory(h);
}

/* They are listed once: their text stays where it is. */
static int list_trailers(struct cor_http1_exchange *h)
{
	struct cor_chunked *decoder = &h->chunks->decoder;
	struct cor_str section = { decoder->trailers, decoder->trailers_len };
	struct cor_reply_field **at = &h->chunks->trailers;
	struct cor_str name, value;

	while (section.data && cor_trailer_take(&section, &name, &value)) {
		if (!cor_trailer_is_allowed(name))
			continue;
		*at = cor_arena_zalloc(&h->request.exchange.ctx.arena, sizeof **at);
		if (!*at)
			return no_memory(h);
		(*at)->name = name;
		(*at)->value = value;
		at = &(*at)->next;
	}
	return 0;
}

const struct cor_reply_field *cor_http1_trailers(struct cor_exchange *x)
{
	const struct cor_http1_exchange *h = cor_http1_exchange_of(x);

	return h->chunks ? h->chunks->trailers : NULL;
}

static ssize_t read_chunked(struct cor_http1_exchange *h, void *buffer, size_t size)
{
	int rc;

	for (;;) {
		struct cor_str data;
		size_t used;
		/*
		 * No more than the caller has room for: framing takes none of it, so this never
		 * gives more data.
		 */
		size_t len = h->view_len < size ? h->view_len : size;
		enum cor_chunked_event event = cor_chunked_read(
			&h->chunks->decoder, h->view, len, &used, &data);

		if (event == COR_CHUNKED_DATA)
			memcpy(buffer, data.data, data.len);
		h->view += used;
		h->view_len -= used;
		switch (event) {
		case COR_CHUNKED_DATA:
			h->request.exchange.body_read += (int64_t)data.len;
			return (ssize_t)data.len;
		case COR_CHUNKED_TRAILERS:
			rc = make_room_for_trailers(h);
			if (rc < 0)
				return rc;
			break;
		case COR_CHUNKED_END:
			h->request.oddities &= ~(uint32_t)COR_REQUEST_BODY_LEFT;
			return list_trailers(h);
		case COR_CHUNKED_ERROR:
			return framing_failed(h);
		case COR_CHUNKED_MORE:
			break;
		}
		if (h->view_len == 0) {
			ssize_t n = refill(h);
			if (n < 0)
				return n;
		}
	}
}

ssize_t cor_http1_read_body(struct cor_exchange *x, void *buffer, size_t size)
{
	struct cor_http1_exchange *h = cor_http1_exchange_of(x);

	if (!(h->request.oddities & COR_REQUEST_BODY_LEFT) || size == 0)
		return 0;
	if (x->head.content_length > x->body_limit_bytes)
		return cor_exchange_body_too_large(x);
	invite(h);
	return h->chunks ? read_chunked(h, buffer, size) : read_announced(h, buffer, size);
}

/* As far as it is here; what is not the end of the chunks is of no more use. */
static bool skip_chunks(struct cor_http1_exchange *h)
{
	enum cor_chunked_event event;

	do {
		struct cor_str data;
		size_t used;
		event = cor_chunked_read(&h->chunks->decoder, h->view, h->view_len, &used, &data);
		h->view += used;
		h->view_len -= used;
	} while (event == COR_CHUNKED_DATA || event == COR_CHUNKED_TRAILERS);
	if (event != COR_CHUNKED_END)
		return false;
	h->request.oddities &= ~(uint32_t)COR_REQUEST_BODY_LEFT;
	return true;
}

bool cor_http1_skip_body(struct cor_http1_exchange *h)
{
	struct cor_exchange *x = &h->request.exchange;

	if (!(h->request.oddities & COR_REQUEST_BODY_LEFT))
		return true;
	if (h->chunks)
		return skip_chunks(h);
	if (x->head.content_length - x->body_read > (int64_t)h->view_len)
		return false;
	h->view += x->head.content_length - x->body_read;
	h->view_len -= (size_t)(x->head.content_length - x->body_read);
	h->request.oddities &= ~(uint32_t)COR_REQUEST_BODY_LEFT;
	return true;
}
