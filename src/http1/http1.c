/* SPDX-License-Identifier: MIT */
#include "http1/http1.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

#include "http1/body.h"
#include "http1/partial.h"
#include "http1/refusal.h"
#include "http1/reply.h"
#include "http1/switched.h"
#include "serving/access.h"
#include "serving/staying.h"

/* --- from a head to an exchange --- */

/* What ends with this request ends when its answer is out. */
static void end_connection(struct cor_http1_exchange *h, bool behind_body)
{
	struct cor_connection *c = h->request.connection;

	cor_connection_set(c, COR_CONNECTION_CLOSING);
	/*
	 * While the client does not know that the connection ends, it may send more; and much of a
	 * reply in pieces may be on its way, which a stray byte would reset.
	 */
	if (!behind_body || h->http1.keep_alive || (h->request.oddities & COR_REQUEST_IN_PIECES))
		cor_connection_set(c, COR_CONNECTION_UNREAD);
}

/*
 * The answers before a broken one are whole, and go out: it is the cut behind them that says that
 * the last one is not. A body that only ends with its connection is cut by a reset, which would
 * take those along that wait.
 */
static void cut_behind(struct cor_connection *c)
{
	cor_connection_flush(c);
	if (!c->tail || cor_connection_is(c, COR_CONNECTION_OPEN_ENDED)) {
		cor_connection_lose(c);
		return;
	}
	cor_connection_set(c, COR_CONNECTION_CLOSING);
	cor_connection_set(c, COR_CONNECTION_UNREAD);
}

/* Why an answer is not whole, as far as that is known before it is sent; NULL: it is. */
static const char *failure(const struct cor_http1_exchange *h)
{
	const struct cor_exchange *x = &h->request.exchange;

	if (cor_connection_is(h->request.connection, COR_CONNECTION_LOST))
		return cor_connection_why_lost(h->request.connection);
	if (x->reply_state == COR_REPLY_NONE)
		return "the handler gave no answer";
	return x->broken ? "the answer could not be completed" : x->route->refusal;
}

static void log_access(struct cor_http1_exchange *h)
{
	cor_access_of_request(&h->request, failure(h));
}

/*
 * The request did not go as most do: it ends the connection, or has no whole answer, or left some
 * of its body.
 */
static COR_COLD void conclude_oddly(struct cor_http1_exchange *h)
{
	struct cor_connection *c = h->request.connection;
	struct cor_exchange *x = &h->request.exchange;

	bool behind_body = cor_http1_skip_body(h);
	if ((h->request.oddities & COR_REQUEST_ENDS) || !behind_body)
		end_connection(h, behind_body);
	if (x->reply_state == COR_REPLY_NONE && !x->broken &&
		!cor_connection_is(c, COR_CONNECTION_LOST)) {
		x->body_written = (int64_t)cor_http1_append_last(
			c, (enum cor_method)x->head.method, 500, NULL);
		x->status = 500;
	}
	if (!(h->request.oddities & COR_REQUEST_TOLD))
		log_access(h);
	if (x->broken)
		cut_behind(c);
	if (h->pieces.data)
		cor_buffer_finish(&h->pieces);
}

static COR_COLD void count_unless_told(struct cor_http1_exchange *h, struct cor_http1 *http1)
{
	if (!cor_request_is_counted(&h->request))
		cor_request_count(&h->request, &http1->serving);
}

/*
 * The answer is all that the client waits for, and what it waits for is what counts: a job that
 * still uses the memory of the request may take long, and the client be gone by then.
 */
static COR_COLD void await_holds(struct cor_http1_exchange *h)
{
	struct cor_http1 *http1 = cor_http1_of(h->request.connection);

	if (h->request.exchange.reply_state != COR_REPLY_NONE) {
		cor_clock_settle(http1->serving.loop->scheduler);
		log_access(h);
		count_unless_told(h, http1);
		h->request.oddities |= COR_REQUEST_TOLD;
	}
	cor_ctx_await_holds(&h->request.exchange.ctx);
}

/* On the fiber: the whole life of a request. */
static void serve(void *arg)
{
	struct cor_http1_exchange *h = arg;
	struct cor_exchange *x = &h->request.exchange;

	x->handler->serve(x->handler, x);
	if (x->reply_state == COR_REPLY_STARTED && !x->broken)
		x->broken = cor_http1_end_reply(h) < 0;
	if (x->ctx.holds)
		await_holds(h);
}

COR_COLD void cor_http1_count(struct cor_http1_exchange *h)
{
	cor_request_count(&h->request, &cor_http1_of(h->request.connection)->serving);
}

/* On the loop: everything behind the reply. */
static inline void conclude(struct cor_http1_exchange *h, struct cor_http1 *http1)
{
	struct cor_exchange *x = &h->request.exchange;

	if (h->request.oddities != 0 || x->reply_state != COR_REPLY_ENDED) {
		conclude_oddly(h);
		count_unless_told(h, http1);
	} else {
		if (http1->serving.logs_access)
			log_access(h);
		cor_request_count(&h->request, &http1->serving);
	}
	cor_ctx_finish(&x->ctx);
}

void cor_http1_count_long_run(void *arg, const struct cor_fiber *fiber, int64_t ns, bool is_new)
{
	struct cor_http1 *http1 = arg;
	struct cor_request_figures *figures = http1->serving.figures;

	if (fiber && fiber->entry == serve)
		figures = cor_request_figures_of(fiber->arg, &http1->serving);
	cor_count(&figures->holds, is_new);
	cor_count(&figures->held_ns, (uint64_t)ns);
}

/* The fiber of a request that had to wait has ended. */
static void finished(void *arg)
{
	struct cor_http1_exchange *h = arg;
	struct cor_connection *c = h->request.connection;
	struct cor_fiber *fiber = h->request.fiber;
	bool lost = cor_connection_is(c, COR_CONNECTION_LOST);

	if (lost)
		h->request.oddities |= COR_REQUEST_ENDS;
	conclude(h, cor_http1_of(c));
	cor_request_has_waited(&h->request, &cor_http1_of(c)->serving);
	if (!lost && cor_connection_keep(c, h->view, h->view_len) < 0)
		cor_connection_lose_to(c, COR_LOSS_MEMORY);
	c->session = NULL;
	cor_fiber_give_back(fiber);
	cor_connection_resume(c);
}

/* Out of line: most requests have no body. */
static COR_OUT_OF_LINE int expect_body(struct cor_http1_exchange *h)
{
	struct cor_exchange *x = &h->request.exchange;

	x->body_limit_bytes = cor_request_body_limit(
		&h->request, &cor_http1_of(h->request.connection)->serving);
	if (x->head.body != COR_BODY_UNKNOWN)
		return 0;
	h->chunks = cor_http1_chunks_create(h, x->body_limit_bytes);
	return h->chunks ? 0 : -ENOMEM;
}

static inline uint32_t oddities_of(const struct cor_http1_exchange *h)
{
	uint32_t oddities = 0;

	if (!h->http1.keep_alive ||
		cor_connection_retires(h->request.connection, h->request.began_ns))
		oddities |= COR_REQUEST_ENDS;
	if (cor_exchange_has_body(&h->request.exchange))
		oddities |= COR_REQUEST_BODY_LEFT;
	if (h->http1.minor_version == 0)
		oddities |= COR_REQUEST_IS_1_0;
	return oddities;
}

_Static_assert(sizeof(struct cor_http1_exchange) % 16 == 0, "an arena begins behind it");

/* Returns 0 or -ENOMEM. */
static inline int set_up(struct cor_http1_exchange *h, struct cor_http1 *http1,
	struct cor_connection *c, const char *bytes, size_t head_len)
{
	const size_t from = offsetof(struct cor_http1_exchange, moved);
	struct cor_request *request = &h->request;

	cor_request_set_up(request, &http1->serving, c, &cor_http1_ops, sizeof *h);
	memset((char *)h + from, 0, sizeof *h - from);
	h->http1 = http1->parser.http1;
	request->oddities = oddities_of(h);
	int rc = cor_request_keep_head(request, http1->parser.fields, bytes, head_len);
	return rc == 0 && (request->oddities & COR_REQUEST_BODY_LEFT) ? expect_body(h) : rc;
}

/*
 * The fiber waits: what is behind the request is kept, and the handler's view of its body follows
 * it there.
 */
static inline void leave_waiting(struct cor_connection *c, struct cor_http1_exchange *h)
{
	c->session = h;
	cor_request_waits(&h->request, &cor_http1_of(c)->serving);
	cor_connection_begin_waiting(c);
	if (cor_connection_keep(c, h->view, h->view_len) < 0) {
		h->view_len = 0;
		cor_connection_lose_to(c, COR_LOSS_MEMORY);
		cor_connection_cut(c);
	} else if (c->input) {
		h->view = c->input->bytes + c->input->at;
	}
	if (cor_request_is_deserted(&h->request))
		cor_connection_cut(c);
}

/* No request after all, though the head is good. */
static COR_COLD void refuse_whole(struct cor_http1 *http1, struct cor_connection *c,
	const char *bytes, enum cor_refusal why, const char *reason)
{
	cor_http1_refuse(c, &(struct cor_refused_head){ .bytes = bytes,
				    .parser = &http1->parser,
				    .began_ns = cor_clock_now(http1->serving.loop->scheduler),
				    .status = 503,
				    .why = why,
				    .reason = reason });
}

/*
 * Serve one request whose head is whole and in the parser; *data and *len are what stands behind
 * it. On return they are what stands behind its body; nothing where the request goes on without us
 * (the connection is BUSY then and has kept the rest).
 */
COR_IN_LINE void begin(struct cor_http1 *http1, struct cor_connection *c, const char *bytes,
	size_t head_len, const char **data, size_t *len)
{
	struct cor_fiber *fiber = cor_request_take(&http1->serving, &http1->parser.head, bytes);

	c->requests_left--;
	if (!fiber) {
		refuse_whole(
			http1, c, bytes, COR_REFUSED_FIBERS, "too many requests are in progress");
		return;
	}
	struct cor_http1_exchange *h = cor_fiber_room(fiber);
	h->view = *data;
	h->view_len = *len;
	if (set_up(h, http1, c, bytes, head_len) < 0) {
		cor_ctx_finish(&h->request.exchange.ctx);
		cor_fiber_give_back(fiber);
		refuse_whole(http1, c, bytes, COR_REFUSED_MEMORY, "no memory for the request");
		return;
	}
	cor_fiber_set_deadline(fiber, cor_request_deadline(&h->request, &http1->serving));
	if (!cor_fiber_run(fiber, serve, h, finished)) {
		leave_waiting(c, h);
		*len = 0;
		return;
	}
	conclude(h, http1);
	*data = h->view;
	*len = h->view_len;
	cor_fiber_give_back(fiber);
}

void cor_http1_begin(struct cor_http1 *http1, struct cor_connection *c, const char *bytes,
	size_t head_len, const char **data, size_t *len)
{
	begin(http1, c, bytes, head_len, data, len);
}

/* --- from bytes to heads --- */

/*
 * After many requests of one event, or much output: the answers go out, and others have their turn.
 */
static COR_OUT_OF_LINE void pause_between(struct cor_connection *c, size_t len)
{
	if (len != 0 || c->loop->output.len > COR_LOOP_OUTPUT_KEEP)
		cor_connection_flush(c);
	if (len != 0 && cor_connection_may_begin(c)) /* without a tail: the timer is free */
		cor_connection_rest(c);
}

/* Ready the parser: for a new head, or for more of the one that part of is here. */
static inline void ready_parser(const struct cor_connection *c, struct cor_head_parser *parser)
{
	if (COR_UNLIKELY(c->phase == COR_PHASE_PARTIAL))
		*parser = ((const struct cor_http1_partial *)c->session)->parser;
	else
		cor_head_parser_reset(parser);
}

/*
 * RFC 9112 section 2.2: some clients end a body with an empty line that is not theirs to send. It
 * begins no request.
 */
static bool is_empty_line(const struct cor_connection *c, const char *data, size_t len)
{
	return c->phase == COR_PHASE_IDLE && len <= 2 && data[0] == '\r' &&
	       (len == 1 || data[1] == '\n');
}

/* Lines without end would keep an idle connection for ever: each counts as a request. */
static COR_COLD size_t skip_empty_line(struct cor_connection *c, size_t len)
{
	if (len == 1)
		return len; /* its end is still to come */
	c->requests_left--;
	if (c->requests_left == 0)
		cor_connection_set(c, COR_CONNECTION_CLOSING);
	return 0;
}

/*
 * A client that knows that HTTP/2 is spoken here, too, begins with its preface (RFC 9113 section
 * 3.3): a head of no version of HTTP/1. The rest of it may be still to come.
 */
static COR_COLD bool switch_to_http2(
	struct cor_http1 *http1, struct cor_connection *c, const char *data, size_t len)
{
	bool is_first = c->requests_left == c->loop->settings->requests_per_connection;

	if (!http1->http2 || !is_first || len < sizeof COR_HTTP2_PREFACE_LINE - 1 ||
		memcmp(data, COR_HTTP2_PREFACE_LINE, sizeof COR_HTTP2_PREFACE_LINE - 1) != 0)
		return false;
	if (c->phase == COR_PHASE_PARTIAL)
		cor_http1_forget_partial(c);
	c->protocol = http1->http2;
	c->protocol->consume(c->protocol, c, data, len);
	cor_connection_drop_input(c);
	return true;
}

static void consume(
	struct cor_protocol *self, struct cor_connection *c, const char *data, size_t len)
{
	struct cor_http1 *http1 = (struct cor_http1 *)self;
	struct cor_head_parser *parser = &http1->parser;

	while (len != 0 && cor_connection_may_begin(c)) {
		if (COR_UNLIKELY(len <= 2) && is_empty_line(c, data, len)) {
			len = skip_empty_line(c, len);
			break;
		}
		ready_parser(c, parser);
		ssize_t used = cor_head_parse(parser, data, len);
		if (used == 0) {
			cor_http1_wait_for_head(http1, c, data, len);
			return;
		}
		if (used < 0) {
			if (!switch_to_http2(http1, c, data, len))
				cor_http1_refuse_head(http1, c, data);
			return;
		}
		if (COR_UNLIKELY(c->phase == COR_PHASE_PARTIAL))
			cor_http1_forget_partial(c);
		const char *bytes = data;
		data += used;
		len -= (size_t)used;
		begin(http1, c, bytes, (size_t)used, &data, &len);
		if (c->loop->output.len > COR_LOOP_OUTPUT_KEEP ||
			c->requests_left == c->loop->rest_at)
			pause_between(c, len);
	}
	if (c->flags & (COR_CONNECTION_BUSY | COR_CONNECTION_LOST | COR_CONNECTION_CLOSING)) {
		if (!cor_connection_is(c, COR_CONNECTION_CLOSING) ||
			(c->flags & (COR_CONNECTION_BUSY | COR_CONNECTION_LOST)))
			return;
		len = 0;
	}
	if ((len != 0 || c->input) && cor_connection_keep(c, data, len) < 0)
		cor_connection_lose_to(c, COR_LOSS_MEMORY);
}

/* --- the rest of a protocol --- */

static void wake(struct cor_protocol *self, struct cor_connection *c)
{
	(void)self;
	if (cor_request_is_deserted(c->session))
		cor_connection_cut(c);
	else
		cor_request_wake(c->session);
}

static void timed_out(struct cor_protocol *self, struct cor_connection *c)
{
	(void)self;
	cor_http1_partial_timed_out(c);
}

static void cut(struct cor_protocol *self, struct cor_connection *c)
{
	struct cor_http1_exchange *h = c->session;

	(void)self;
	if (c->loop->cut)
		cor_ignore(cor_ctx_fail(&h->request.exchange.ctx, 503, -ECANCELED,
			"the service stops, and waits no longer"));
	else
		cor_ignore(cor_ctx_fail(&h->request.exchange.ctx, COR_STATUS_CLIENT_GONE,
			-ECANCELED, "the client went away"));
	cor_fiber_cancel(h->request.fiber);
	cor_request_wake(&h->request);
}

/* An answer that has begun has not said that it is the last: its client may ask once more. */
static void drain(struct cor_protocol *self, struct cor_connection *c)
{
	struct cor_http1_exchange *h = c->session;

	((struct cor_http1 *)self)
		->memo.until_ns = 0; /* heads say from now on that the connection ends */
	if (!cor_connection_is(c, COR_CONNECTION_BUSY))
		return;
	if (h->request.exchange.reply_state == COR_REPLY_NONE)
		h->request.oddities |= COR_REQUEST_ENDS;
	if (h->request.oddities & COR_REQUEST_SWITCHED)
		cor_http1_drain_switched(h);
	if (h->request.oddities & COR_REQUEST_STAYS)
		h->request.oddities |= COR_REQUEST_ENDS;
	cor_request_drain(&h->request);
}

static void close_session(struct cor_protocol *self, struct cor_connection *c)
{
	(void)self;
	free(c->session); /* an exchange has ended before */
}

/*
 * A request that is here whole, and waits for something else, is cancelled when its client has
 * gone.
 */
static bool leaves_work(const struct cor_protocol *self, const struct cor_connection *c)
{
	const struct cor_http1_exchange *h = c->session;

	(void)self;
	return (h->request.oddities & COR_REQUEST_BODY_LEFT) != 0;
}

/* A request that is BUSY is all that its connection works on. */
static void describe(const struct cor_protocol *self, const struct cor_connection *c,
	void (*each)(void *arg, const struct cor_progress *progress), void *arg)
{
	(void)self;
	cor_request_describe(c->session, each, arg);
}

void cor_http1_init(struct cor_http1 *http1, struct cor_loop *loop,
	const struct cor_http_settings *settings, const struct cor_handler *handler)
{
	*http1 = (struct cor_http1){
		.protocol = {
			.consume = consume,
			.wake = wake,
			.timed_out = timed_out,
			.cut = cut,
			.drain = drain,
			.close = close_session,
			.leaves_work = leaves_work,
			.describe = describe,
			.begin_timeout_ms = settings->header_timeout_ms,
		},
	};
	cor_serving_init(&http1->serving, loop, settings, handler);
	const struct cor_head_limits limits = cor_serving_head_limits(&http1->serving);
	cor_head_parser_init(&http1->parser, &limits);
}
