/* SPDX-License-Identifier: MIT */
#include "http2/body.h"

#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "http/trailer.h"

/* Once a handler reads, a client far away may send so much ahead of it. */
#define WIDE_BYTES (512 * 1024)

/*
 * A client that trickles: after it has been waited for so long, it must have kept up this pace
 * meanwhile.
 */
#define GRACE_S     10
#define BYTES_PER_S 500

static struct cor_http2_exchange *exchange_of(struct cor_exchange *x)
{
	return (struct cor_http2_exchange *)x; /* its first member's first member */
}

static bool is_broken(const struct cor_http2_exchange *h)
{
	return cor_http2_stream_is(h->stream, COR_STREAM_BROKEN) ||
	       cor_connection_is(h->request.connection, COR_CONNECTION_LOST);
}

int cor_http2_wait(struct cor_http2_exchange *h, int64_t timeout_ms)
{
	struct cor_scheduler *scheduler = h->request.connection->loop->scheduler;

	cor_clock_settle(scheduler);
	return cor_http2_wait_until(h, cor_clock_after_ms(cor_clock_now(scheduler), timeout_ms));
}

int cor_http2_wait_until(struct cor_http2_exchange *h, int64_t deadline_ns)
{
	struct cor_request *request = &h->request;
	struct cor_wait wait;

	if (is_broken(h))
		return -ECONNRESET;
	cor_wait_begin(&wait, "cor_body_read() or cor_reply_write");
	request->wait = &wait;
	int rc = cor_wait(&wait, deadline_ns);
	if (!request->wait)
		cor_wait_settle(&wait);
	request->wait = NULL;
	return is_broken(h) ? -ECONNRESET : rc;
}

static ssize_t fail(struct cor_http2_exchange *h, int status, int cause, const char *detail)
{
	return cor_ctx_fail(&h->request.exchange.ctx, status, cause, detail);
}

/*
 * The request's own deadline is not the client's: what the service does with a late one is its
 * affair.
 */
static ssize_t wait_failed(struct cor_http2_exchange *h, int rc)
{
	if (rc == -ETIMEDOUT && cor_scope_error() == 0)
		return fail(h, 408, rc, "the body did not arrive in time");
	if (rc == -ECONNRESET)
		return fail(h, COR_STATUS_CLIENT_GONE, rc, "the client went away");
	return rc;
}

/* RFC 9110 10.1.1: only when the handler wants the body is the client told to send it. */
static void invite(struct cor_http2_exchange *h)
{
	struct cor_http2_stream *stream = h->stream;
	nghttp2_nv status = { .name = (uint8_t *)(uintptr_t) ":status",
		.namelen = 7,
		.value = (uint8_t *)(uintptr_t) "100",
		.valuelen = 3 };

	if (!cor_http2_stream_is(stream, COR_STREAM_EXPECTS))
		return;
	stream->flags &= ~(uint32_t)COR_STREAM_EXPECTS;
	if (stream->in.len == 0 && !cor_http2_stream_is(stream, COR_STREAM_ANSWERED))
		cor_ignore(nghttp2_submit_headers(stream->session->frames, NGHTTP2_FLAG_NONE,
			stream->id, NULL, &status, 1, NULL));
}

/* A body of more than the first window would come in steps of a round trip each. */
static void widen(struct cor_http2_exchange *h)
{
	struct cor_http2_stream *stream = h->stream;
	int64_t length = h->request.exchange.head.content_length;

	if (cor_http2_stream_is(stream, COR_STREAM_WIDE) ||
		(length >= 0 && length <= NGHTTP2_INITIAL_WINDOW_SIZE))
		return;
	cor_http2_stream_set(stream, COR_STREAM_WIDE);
	cor_ignore(nghttp2_session_set_local_window_size(
		stream->session->frames, NGHTTP2_FLAG_NONE, stream->id, WIDE_BYTES));
}

static ssize_t wait_for_more(struct cor_http2_exchange *h)
{
	struct cor_request *request = &h->request;
	struct cor_scheduler *scheduler = request->connection->loop->scheduler;
	int64_t waited_s = request->waited_ns / COR_NS_PER_S;

	if ((request->oddities & COR_REQUEST_OVERDUE) ||
		(waited_s > GRACE_S && request->received / waited_s < BYTES_PER_S))
		return wait_failed(h, -ETIMEDOUT);
	cor_http2_session_flush(h->stream->session);
	cor_clock_settle(scheduler);
	int64_t began_ns = cor_clock_now(scheduler);
	int rc = cor_http2_wait(h, h->stream->session->http2->serving->settings->body_timeout_ms);
	request->waited_ns += cor_clock_now(scheduler) - began_ns;
	if (rc == -ETIMEDOUT && cor_scope_error() == 0) {
		/* what arrived in time may be here, though no event has said so yet */
		request->oddities |= COR_REQUEST_OVERDUE;
		cor_connection_set(request->connection, COR_CONNECTION_READABLE);
		cor_connection_look_again(request->connection);
		rc = cor_http2_wait(h, 0);
		if (rc == -ETIMEDOUT && cor_scope_error() == 0)
			rc = 0;
	}
	return rc < 0 ? wait_failed(h, rc) : 0;
}

size_t cor_http2_take(struct cor_http2_stream *stream, void *buffer, size_t size)
{
	size_t here = stream->in.len - stream->in_at;
	size_t n = here < size ? here : size;

	memcpy(buffer, stream->in.data + stream->in_at, n);
	stream->in_at += n;
	if (stream->in_at == stream->in.len)
		stream->in.len = stream->in_at = 0;
	cor_ignore(nghttp2_session_consume(stream->session->frames, stream->id, n));
	return n;
}

ssize_t cor_http2_read_body(struct cor_exchange *x, void *buffer, size_t size)
{
	struct cor_http2_exchange *h = exchange_of(x);
	struct cor_http2_stream *stream = h->stream;

	if (!(h->request.oddities & COR_REQUEST_BODY_LEFT) || size == 0)
		return 0;
	if (x->head.content_length > x->body_limit_bytes)
		return cor_exchange_body_too_large(x);
	invite(h);
	widen(h);
	while (stream->in.len == stream->in_at) {
		if (is_broken(h))
			return wait_failed(h, -ECONNRESET);
		if (cor_http2_stream_is(stream, COR_STREAM_REQUEST_ENDED)) {
			h->request.oddities &= ~(uint32_t)COR_REQUEST_BODY_LEFT;
			return h->refusal ? fail(h, h->refusal->status, -COR_ESYNTAX,
						    h->refusal->reason)
					  : 0;
		}
		ssize_t rc = wait_for_more(h);
		if (rc < 0)
			return rc;
	}
	h->request.oddities &= ~(uint32_t)COR_REQUEST_OVERDUE;
	size_t n = cor_http2_take(stream, buffer, size);
	x->body_read += (int64_t)n;
	if (x->body_read > x->body_limit_bytes)
		return cor_exchange_body_too_large(x);
	/* half a window was read: the client learns it before it has used up the other half */
	if (nghttp2_session_want_write(stream->session->frames))
		cor_http2_session_flush(stream->session);
	return (ssize_t)n;
}

void cor_http2_drop_body(struct cor_http2_stream *stream)
{
	size_t left = stream->in.len - stream->in_at;

	if (left != 0)
		cor_ignore(nghttp2_session_consume_connection(stream->session->frames, left));
	stream->in.len = stream->in_at = 0;
}

/* --- trailers --- */

static struct cor_reply_field *copy_of(
	struct cor_ctx *ctx, const struct cor_head_field *field, const char *bytes)
{
	struct cor_str name = cor_span_text(bytes, field->name);
	struct cor_str value = cor_span_text(bytes, field->value);
	struct cor_reply_field *copy = cor_arena_zalloc(
		&ctx->arena, sizeof *copy + name.len + value.len);

	if (!copy)
		return NULL;
	char *text = (char *)(copy + 1);
	memcpy(text, name.data, name.len);
	memcpy(text + name.len, value.data, value.len);
	copy->name = (struct cor_str){ text, name.len };
	copy->value = (struct cor_str){ text + name.len, value.len };
	return copy;
}

static const struct cor_http_error no_memory = { 503, "no memory for the trailer" };

static const struct cor_http_error *keep(struct cor_ctx *ctx, const struct cor_http_error *error)
{
	struct cor_http_error *kept = cor_arena_alloc(&ctx->arena, sizeof *kept);

	if (!kept)
		return &no_memory;
	*kept = *error;
	return kept;
}

void cor_http2_take_trailers(struct cor_http2_exchange *h, const struct cor_head_builder *builder)
{
	const struct cor_head_parser *parser = &builder->parser;
	struct cor_ctx *ctx = &h->request.exchange.ctx;
	struct cor_reply_field **at = &h->trailers;

	if (builder->is_refused)
		h->refusal = keep(ctx, &parser->error);
	for (size_t i = 0; i < parser->head.fields_len && !h->refusal; i++) {
		const struct cor_head_field *field = &parser->fields[i];
		if (!cor_trailer_is_allowed(cor_span_text(builder->text.data, field->name)))
			continue;
		*at = copy_of(ctx, field, builder->text.data);
		if (*at)
			at = &(*at)->next;
		else
			h->refusal = &no_memory;
	}
}

const struct cor_reply_field *cor_http2_trailers(struct cor_exchange *x)
{
	const struct cor_http2_exchange *h = exchange_of(x);

	return h->request.oddities & COR_REQUEST_BODY_LEFT ? NULL : h->trailers;
}
