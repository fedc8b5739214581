/* SPDX-License-Identifier: MIT */
#include "http2/stream.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "exchange/problem_json.h"
#include "http2/body.h"
#include "http2/frames.h"
#include "http2/reply.h"
#include "observe/logger.h"
#include "serving/access.h"

#define KEEP_BYTES 4096 /* of a stream's buffers, for the next one */
#define KEEP       100  /* streams that a loop keeps to use again */

/* --- life --- */

static struct cor_http2_stream *take_spare(struct cor_http2 *http2)
{
	struct cor_http2_stream *stream = http2->spare;

	if (!stream)
		return calloc(1, sizeof *stream);
	http2->spare = stream->next;
	http2->spare_len--;
	return stream;
}

struct cor_http2_stream *cor_http2_stream_open(struct cor_http2_session *session, int32_t id)
{
	struct cor_http2_stream *stream = take_spare(session->http2);

	if (!stream)
		return NULL;
	stream->session = session;
	stream->id = id;
	stream->next = session->streams;
	if (stream->next)
		stream->next->previous = stream;
	session->streams = stream;
	session->streams_len++;
	cor_ignore(nghttp2_session_set_stream_user_data(session->frames, id, stream));
	return stream;
}

struct cor_http2_stream *cor_http2_stream_find(struct cor_http2_session *session, int32_t id)
{
	return nghttp2_session_get_stream_user_data(session->frames, id);
}

static void unlink_from_session(struct cor_http2_stream *stream)
{
	struct cor_http2_session *session = stream->session;

	if (stream->previous)
		stream->previous->next = stream->next;
	else
		session->streams = stream->next;
	if (stream->next)
		stream->next->previous = stream->previous;
	session->streams_len--;
}

static void give_back(struct cor_http2 *http2, struct cor_http2_stream *stream)
{
	struct cor_buffer in = stream->in, out = stream->out;

	if (http2->spare_len == KEEP) {
		cor_buffer_finish(&in);
		cor_buffer_finish(&out);
		free(stream);
		return;
	}
	cor_buffer_clear(&in, KEEP_BYTES);
	cor_buffer_clear(&out, KEEP_BYTES);
	*stream = (struct cor_http2_stream){ .in = in, .out = out, .next = http2->spare };
	http2->spare = stream;
	http2->spare_len++;
}

/* Nobody else tells of it. */
static COR_COLD void tell_unsent(const struct cor_http2_stream *stream, size_t len, const char *why)
{
	const struct cor_connection *c = stream->session->connection;
	struct cor_address address;
	char peer[COR_ADDRESS_TEXT_BYTES];

	cor_peer_address(&c->peer, &address);
	cor_address_print_host(&address, peer);
	cor_logger_log(c->loop->logger, COR_LOG_INFO, NULL,
		"an answer to %s lacks its last %zu bytes: %s", peer, len, why);
}

void cor_http2_stream_drop_extents(struct cor_http2_stream *stream)
{
	if (!stream->extents)
		return;
	cor_extents_destroy(stream->extents);
	stream->extents = NULL;
	stream->session->files--;
}

/* What is left of the answer never goes out. */
static void drop_out(struct cor_http2_stream *stream, const char *why)
{
	size_t len = cor_http2_stream_unsent(stream);
	struct cor_delivery *delivery = stream->delivery;

	stream->session->unsent -= cor_http2_stream_held(stream);
	cor_http2_stream_drop_extents(stream);
	stream->out_at = stream->out.len = 0;
	stream->delivery = NULL;
	stream->slow_ns = 0;
	if (delivery)
		cor_access_give_up(delivery, stream->session->connection, len, why);
	else if (len != 0 && !stream->exchange)
		tell_unsent(stream, len, why);
}

void cor_http2_stream_is_unreadable(struct cor_http2_stream *stream)
{
	cor_http2_stream_set(stream, COR_STREAM_UNREADABLE);
	if (!stream->exchange)
		drop_out(stream, COR_WHY_UNREADABLE);
}

static void release(struct cor_http2_stream *stream)
{
	struct cor_http2 *http2 = stream->session->http2;

	drop_out(stream, cor_connection_why_lost(stream->session->connection));
	unlink_from_session(stream);
	give_back(http2, stream);
}

void cor_http2_stream_destroy(struct cor_http2_stream *stream)
{
	release(stream);
}

void cor_http2_stream_settle(struct cor_http2_stream *stream)
{
	const struct cor_http2_session *session = stream->session;
	bool is_over = cor_http2_stream_is(stream, COR_STREAM_CLOSED) || session->is_given_up ||
		       cor_connection_is(session->connection, COR_CONNECTION_LOST);

	if (stream->exchange || !is_over)
		return;
	if (!cor_http2_stream_is(stream, COR_STREAM_CLOSED))
		cor_ignore(nghttp2_session_set_stream_user_data(
			stream->session->frames, stream->id, NULL));
	release(stream);
}

void cor_http2_stream_sent(struct cor_http2_stream *stream, size_t len)
{
	struct cor_connection *c = stream->session->connection;

	assert(len <= cor_http2_stream_unsent(stream));
	stream->out_at += len;
	stream->session->unsent -= len;
	if (stream->slow_ns != 0) {
		stream->taken += len;
		stream->moved_ns = cor_clock_now(c->loop->scheduler);
	}
	if (stream->out_at != stream->out.len)
		return;
	cor_buffer_clear(&stream->out, KEEP_BYTES);
	stream->out_at = 0;
	if (stream->extents)
		return;
	stream->slow_ns = 0;
	stream->taken = 0;
	if (stream->exchange)
		cor_request_wake(&stream->exchange->request);
}

void cor_http2_stream_sent_all(struct cor_http2_stream *stream)
{
	struct cor_delivery *delivery = stream->delivery;

	cor_http2_stream_set(stream, COR_STREAM_SENT);
	stream->delivery = NULL;
	if (delivery)
		cor_connection_await(stream->session->connection, delivery);
}

/* --- its end --- */

void cor_http2_stream_break(struct cor_http2_stream *stream, int status, const char *why)
{
	struct cor_http2_exchange *h = stream->exchange;

	if (h && cor_http2_stream_is(stream, COR_STREAM_BROKEN))
		return;
	cor_http2_stream_set(stream, COR_STREAM_BROKEN);
	if (h) {
		if (stream->session->connection->loop->cut)
			cor_ignore(cor_ctx_fail(&h->request.exchange.ctx, 503, -ECANCELED,
				"the service stops, and waits no longer"));
		else
			cor_ignore(cor_ctx_fail(&h->request.exchange.ctx, status, -ECANCELED, why));
		cor_fiber_cancel(h->request.fiber);
		cor_request_wake(&h->request);
		return;
	}
	drop_out(stream, why);
	cor_http2_stream_settle(stream);
}

static void submit_reset(struct cor_http2_stream *stream, uint32_t error)
{
	if (!cor_http2_stream_is(stream, COR_STREAM_CLOSED))
		cor_ignore(nghttp2_submit_rst_stream(
			stream->session->frames, NGHTTP2_FLAG_NONE, stream->id, error));
}

void cor_http2_stream_reset(struct cor_http2_stream *stream, uint32_t error, const char *why)
{
	submit_reset(stream, error);
	cor_http2_stream_break(stream, COR_STATUS_CLIENT_GONE, why);
}

void cor_http2_stream_closed(struct cor_http2_stream *stream, uint32_t error)
{
	bool is_whole = cor_http2_stream_is(stream, COR_STREAM_SENT);

	cor_ignore(nghttp2_session_set_stream_user_data(stream->session->frames, stream->id, NULL));
	cor_http2_stream_set(stream, COR_STREAM_CLOSED);
	if (!is_whole && stream->exchange) {
		cor_http2_stream_break(stream, COR_STATUS_CLIENT_GONE,
			error == NGHTTP2_NO_ERROR || error == NGHTTP2_CANCEL
				? "the client took its request back"
				: "the stream was reset");
		return;
	}
	if (!is_whole)
		drop_out(stream, "the client took its request back before the answer was out");
	cor_http2_stream_settle(stream);
}

/* --- from a head to an answer --- */

/* Why an answer is not whole, as far as that is known before it is sent; NULL: it is. */
static const char *failure(const struct cor_http2_stream *stream, const struct cor_exchange *x)
{
	const struct cor_connection *c = stream->session->connection;

	if (cor_connection_is(c, COR_CONNECTION_LOST))
		return cor_connection_why_lost(c);
	if (cor_http2_stream_is(stream, COR_STREAM_UNREADABLE))
		return COR_WHY_UNREADABLE;
	if (cor_http2_stream_is(stream, COR_STREAM_BROKEN) &&
		(x->reply_state != COR_REPLY_ENDED || x->broken))
		return "the client took its request back, or went away";
	if (x->reply_state == COR_REPLY_NONE)
		return "the handler gave no answer";
	return x->broken ? "the answer could not be completed" : x->route->refusal;
}

static void await_all(
	struct cor_http2_stream *stream, struct cor_delivery *delivery, const char *reason)
{
	struct cor_connection *c = stream->session->connection;

	if (cor_http2_stream_is(stream, COR_STREAM_SENT))
		cor_connection_await(c, delivery);
	else if (stream->flags & (COR_STREAM_BROKEN | COR_STREAM_UNREADABLE))
		cor_access_give_up(delivery, c, cor_http2_stream_unsent(stream), reason);
	else
		stream->delivery = delivery;
}

/* Its line: at once, or when all of the body is on its way. */
static void log_access(struct cor_http2_stream *stream, struct cor_request *request)
{
	struct cor_exchange *x = &request->exchange;
	const char *reason = failure(stream, x);

	if (reason && x->status == 0)
		x->status = COR_STATUS_CLIENT_GONE;
	struct cor_delivery *delivery = cor_access_keep(request, reason);
	if (delivery)
		await_all(stream, delivery, reason);
}

/* The answer is all that the client waits for: a job may use the memory for long after. */
static COR_COLD void await_holds(struct cor_http2_exchange *h)
{
	struct cor_request *request = &h->request;
	struct cor_http2_session *session = h->stream->session;

	if (request->exchange.reply_state != COR_REPLY_NONE) {
		cor_clock_settle(request->connection->loop->scheduler);
		log_access(h->stream, request);
		if (!cor_request_is_counted(request))
			cor_request_count(request, session->http2->serving);
		request->oddities |= COR_REQUEST_TOLD;
		cor_http2_session_flush(session);
	}
	cor_ctx_await_holds(&request->exchange.ctx);
}

/* On the fiber: the whole life of a request. */
static void serve(void *arg)
{
	struct cor_http2_exchange *h = arg;
	struct cor_exchange *x = &h->request.exchange;

	x->handler->serve(x->handler, x);
	if (x->reply_state == COR_REPLY_STARTED && !x->broken)
		x->broken = cor_http2_end_reply(h) < 0;
	if (x->ctx.holds)
		await_holds(h);
}

static const char *why_broken(const struct cor_http2_stream *stream)
{
	const struct cor_connection *c = stream->session->connection;

	return cor_connection_is(c, COR_CONNECTION_LOST)
		       ? cor_connection_why_lost(c)
		       : "its stream was reset before the answer was out";
}

/* On the loop: everything behind the reply. The stream stays: see cor_http2_stream_settle(). */
static void conclude(struct cor_http2_exchange *h)
{
	struct cor_http2_stream *stream = h->stream;
	struct cor_http2_session *session = stream->session;
	struct cor_request *request = &h->request;
	struct cor_exchange *x = &request->exchange;
	bool is_broken = cor_http2_stream_is(stream, COR_STREAM_BROKEN) ||
			 cor_connection_is(session->connection, COR_CONNECTION_LOST);

	if (x->reply_state == COR_REPLY_NONE && !is_broken) {
		x->status = 500;
		x->body_written = (int64_t)cor_http2_answer_problem(
			stream, (enum cor_method)x->head.method, 500, NULL);
	}
	stream->exchange = NULL;
	session->handlers--;
	if (!(request->oddities & COR_REQUEST_TOLD))
		log_access(stream, request);
	if (!cor_request_is_counted(request))
		cor_request_count(request, session->http2->serving);
	if (x->broken && !is_broken) {
		submit_reset(stream, NGHTTP2_INTERNAL_ERROR);
		cor_http2_stream_set(stream, COR_STREAM_BROKEN);
	}
	if (cor_http2_stream_is(stream, COR_STREAM_BROKEN))
		drop_out(stream, why_broken(stream));
	if (cor_http2_stream_is(stream, COR_STREAM_UNREADABLE))
		drop_out(stream, COR_WHY_UNREADABLE);
	cor_http2_drop_body(stream);
	cor_buffer_finish(&h->pieces);
	cor_ctx_finish(&x->ctx);
}

/* The fiber of a request that had to wait has ended. */
static void finished(void *arg)
{
	struct cor_http2_exchange *h = arg;
	struct cor_http2_stream *stream = h->stream;
	struct cor_http2_session *session = stream->session;
	struct cor_fiber *fiber = h->request.fiber;

	conclude(h);
	cor_request_has_waited(&h->request, session->http2->serving);
	cor_fiber_give_back(fiber);
	cor_http2_stream_settle(stream);
	cor_http2_session_flush(session);
	cor_http2_session_settle(session);
}

/* No request after all: answered without a handler. */
static COR_COLD void refuse(
	struct cor_http2_stream *stream, int status, enum cor_refusal why, const char *reason)
{
	struct cor_http2_session *session = stream->session;
	struct cor_connection *c = session->connection;
	const struct cor_head_parser *parser = &session->head->parser;
	struct cor_refused_head refused = {
		.bytes = session->head->text.data,
		.parser = parser,
		.began_ns = cor_clock_now(c->loop->scheduler),
		.status = status,
		.why = why,
		.reason = reason,
	};

	cor_count(&c->loop->counts->refused[why], 1);
	cor_figures_answer(session->http2->serving->figures, (uint16_t)status);
	size_t bytes = cor_http2_answer_problem(
		stream, (enum cor_method)parser->head.method, status, reason);
	struct cor_delivery *delivery = cor_access_keep_refusal(c, &refused, bytes);
	if (delivery && cor_connection_is(c, COR_CONNECTION_LOST)) /* with its streams */
		cor_access_give_up(delivery, c, bytes, reason);
	else if (delivery)
		await_all(stream, delivery, reason);
}

static enum cor_refusal reason_of(int status)
{
	return status == 413 || status == 414 || status == 431 ? COR_REFUSED_LARGE
							       : COR_REFUSED_MALFORMED;
}

/* As many handlers as streams: those of streams that were reset count until they end. */
static bool has_too_many(const struct cor_http2_session *session)
{
	return session->handlers >= session->http2->serving->settings->http2_streams;
}

static void run(struct cor_http2_stream *stream, struct cor_fiber *fiber)
{
	struct cor_http2_session *session = stream->session;
	struct cor_serving *serving = session->http2->serving;
	struct cor_http2_exchange *h = cor_fiber_room(fiber);

	cor_fiber_set_deadline(fiber, cor_request_deadline(&h->request, serving));
	session->handlers++;
	stream->exchange = h;
	if (!cor_fiber_run(fiber, serve, h, finished)) {
		cor_request_waits(&h->request, serving);
		return;
	}
	conclude(h);
	cor_fiber_give_back(fiber);
	cor_http2_stream_settle(stream);
}

static void count_request(struct cor_http2_session *session)
{
	struct cor_connection *c = session->connection;

	if (c->requests_left != 0)
		c->requests_left--;
	if (cor_connection_retires(c, cor_clock_now(c->loop->scheduler)))
		cor_http2_session_leave(session);
}

void cor_http2_stream_begin(struct cor_http2_stream *stream)
{
	struct cor_http2_session *session = stream->session;
	struct cor_serving *serving = session->http2->serving;
	struct cor_head_builder *builder = session->head;
	struct cor_head_parser *parser = &builder->parser;
	bool has_body = !cor_http2_stream_is(stream, COR_STREAM_REQUEST_ENDED);

	if (has_too_many(session)) {
		cor_http2_stream_reset(
			stream, NGHTTP2_REFUSED_STREAM, "its client has too many in progress");
		return;
	}
	int rc = cor_head_builder_finish(builder, has_body);
	count_request(session);
	if (rc == -ENOMEM) {
		refuse(stream, 503, COR_REFUSED_MEMORY, "no memory for the request");
		return;
	}
	if (rc < 0) {
		refuse(stream, parser->error.status, reason_of(parser->error.status),
			parser->error.reason);
		return;
	}
	struct cor_fiber *fiber = cor_request_take(serving, &parser->head, builder->text.data);
	if (!fiber) {
		refuse(stream, 503, COR_REFUSED_FIBERS, "too many requests are in progress");
		return;
	}
	struct cor_http2_exchange *h = cor_fiber_room(fiber);
	h->stream = stream;
	h->pieces = (struct cor_buffer){ 0 };
	h->trailers = NULL;
	h->refusal = NULL;
	struct cor_request *request = &h->request;
	cor_request_set_up(request, serving, session->connection, &cor_http2_ops, sizeof *h);
	request->exchange.body_limit_bytes = cor_request_body_limit(request, serving);
	request->oddities = cor_exchange_has_body(&request->exchange) ? COR_REQUEST_BODY_LEFT : 0;
	if (cor_request_keep_head(request, parser->fields, builder->text.data, builder->text.len) <
		0) {
		cor_ctx_finish(&h->request.exchange.ctx);
		cor_fiber_give_back(fiber);
		refuse(stream, 503, COR_REFUSED_MEMORY, "no memory for the request");
		return;
	}
	if (builder->protocol.len != 0)
		cor_http2_stream_set(stream, COR_STREAM_CONNECTS);
	if (parser->http1.expect_continue)
		cor_http2_stream_set(stream, COR_STREAM_EXPECTS);
	cor_http2_drop_head(session);
	run(stream, fiber);
}
