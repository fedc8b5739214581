/* SPDX-License-Identifier: MIT */
#include "http1/http1.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

#include "http1/access.h"
#include "http1/body.h"
#include "http1/partial.h"
#include "http1/progress.h"
#include "http1/refusal.h"
#include "http1/reply.h"
#include "http1/switched.h"
#include "observe/access.h"

const char *cor_http1_date(struct cor_http1 *http1)
{
	struct cor_scheduler *scheduler = http1->loop->scheduler;
	int64_t now_ns = cor_clock_now(scheduler);

	if (now_ns >= http1->date_until_ns) {
		int64_t wall_ns = cor_clock_realtime(scheduler);
		cor_date_format(http1->date, wall_ns / COR_NS_PER_S);
		http1->date_until_ns = now_ns + COR_NS_PER_S - wall_ns % COR_NS_PER_S;
	}
	return http1->date;
}

/* --- from a head to an exchange --- */

/*
 * Copy what a handler can see into ctx memory: the header lines, and the head's `len` bytes at
 * `bytes`.
 */
static inline int copy_head(
	struct cor_exchange *x, const struct cor_head_field *from, const char *bytes, size_t len)
{
	size_t count = x->head.fields_len;
	struct cor_head_field *fields = cor_arena_alloc(
		&x->ctx.arena, count * sizeof *fields + len);

	if (!fields)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		fields[i] = from[i];
	x->fields = fields;
	x->bytes = memcpy(fields + count, bytes, len);
	return 0;
}

/* What ends with this request ends when its answer is out. */
static void end_connection(struct cor_http1_exchange *h, bool behind_body)
{
	struct cor_connection *c = h->connection;

	cor_connection_set(c, COR_CONNECTION_CLOSING);
	/*
	 * While the client does not know that the connection ends, it may send more; and much of a
	 * reply in pieces may be on its way, which a stray byte would reset.
	 */
	if (!behind_body || h->http1.keep_alive || (h->oddities & COR_HTTP1_IN_PIECES))
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

/*
 * The request did not go as most do: it ends the connection, or has no whole answer, or left some
 * of its body.
 */
static COR_COLD void conclude_oddly(struct cor_http1_exchange *h)
{
	struct cor_connection *c = h->connection;
	struct cor_exchange *x = &h->exchange;

	bool behind_body = cor_http1_skip_body(h);
	if ((h->oddities & COR_HTTP1_ENDS) || !behind_body)
		end_connection(h, behind_body);
	if (x->reply_state == COR_REPLY_NONE && !x->broken &&
		!cor_connection_is(c, COR_CONNECTION_LOST)) {
		x->body_written = (int64_t)cor_http1_append_last(
			c, (enum cor_method)x->head.method, 500, NULL);
		x->status = 500;
	}
	if (!(h->oddities & COR_HTTP1_TOLD))
		cor_http1_log_access(h);
	if (x->broken)
		cut_behind(c);
	if (h->pieces.data)
		cor_buffer_finish(&h->pieces);
}

static inline struct cor_request_figures *figures_of(
	const struct cor_http1_exchange *h, const struct cor_http1 *http1)
{
	return cor_request_figures_at(http1->figures, h->exchange.route->figures);
}

/* Not within the few ticks that surely are below the first bound. */
static COR_COLD void count_slow(struct cor_http1_exchange *h, struct cor_http1 *http1)
{
	const struct cor_scheduler *scheduler = http1->loop->scheduler;
	struct cor_request_figures *figures = figures_of(h, http1);
	int64_t ticks = (int64_t)(scheduler->ticks - h->began_ticks);
	int64_t ns = cor_clock_now(scheduler) - h->began_ns;

	if (ticks < 0) /* the counters of two processors differ */
		ticks = 0;
	if (scheduler->ticks_few != 0)
		ns = cor_clock_of_ticks(scheduler, (uint64_t)ticks);
	cor_figures_slow(figures, ns);
	cor_count(&figures->ticks, cor_ticks_in_1ms() != 0 ? (uint64_t)ticks : (uint64_t)ns);
}

static inline void count(struct cor_http1_exchange *h, struct cor_http1 *http1)
{
	const struct cor_scheduler *scheduler = http1->loop->scheduler;
	struct cor_request_figures *figures = figures_of(h, http1);
	uint64_t ticks = scheduler->ticks - h->began_ticks;

	cor_figures_answer(figures, h->exchange.status);
	if (COR_LIKELY(ticks < scheduler->ticks_few))
		cor_count(&figures->ticks, ticks);
	else
		count_slow(h, http1);
}

/*
 * The answer is all that the client waits for, and what it waits for is what counts: a job that
 * still uses the memory of the request may take long, and the client be gone by then.
 */
static COR_COLD void await_holds(struct cor_http1_exchange *h)
{
	struct cor_http1 *http1 = cor_http1_of(h->connection);

	if (h->exchange.reply_state != COR_REPLY_NONE) {
		h->oddities |= COR_HTTP1_TOLD;
		cor_clock_settle(http1->loop->scheduler);
		cor_http1_log_access(h);
		count(h, http1);
	}
	cor_ctx_await_holds(&h->exchange.ctx);
}

/* On the fiber: the whole life of a request. */
static void serve(void *arg)
{
	struct cor_http1_exchange *h = arg;
	struct cor_exchange *x = &h->exchange;

	x->handler->serve(x->handler, x);
	if (x->reply_state == COR_REPLY_STARTED && !x->broken)
		x->broken = cor_http1_end_reply(h) < 0;
	if (x->ctx.holds)
		await_holds(h);
}

COR_COLD void cor_http1_count(struct cor_http1_exchange *h)
{
	count(h, cor_http1_of(h->connection));
}

static COR_COLD void count_unless_told(struct cor_http1_exchange *h, struct cor_http1 *http1)
{
	if (!(h->oddities & (COR_HTTP1_TOLD | COR_HTTP1_SWITCHED)))
		count(h, http1);
}

/* On the loop: everything behind the reply. */
static inline void conclude(struct cor_http1_exchange *h, struct cor_http1 *http1)
{
	struct cor_exchange *x = &h->exchange;

	if (h->oddities != 0 || x->reply_state != COR_REPLY_ENDED) {
		conclude_oddly(h);
		count_unless_told(h, http1);
	} else {
		if (http1->logs_access)
			cor_http1_log_access(h);
		count(h, http1);
	}
	cor_ctx_finish(&x->ctx);
}

void cor_http1_count_long_run(void *arg, const struct cor_fiber *fiber, int64_t ns, bool is_new)
{
	struct cor_http1 *http1 = arg;
	struct cor_request_figures *figures = http1->figures;

	if (fiber && fiber->entry == serve)
		figures = figures_of(fiber->arg, http1);
	cor_count(&figures->holds, is_new);
	cor_count(&figures->held_ns, (uint64_t)ns);
}

/* The fiber of a request that had to wait has ended. */
static void finished(void *arg)
{
	struct cor_http1_exchange *h = arg;
	struct cor_connection *c = h->connection;
	struct cor_fiber *fiber = h->fiber;
	bool lost = cor_connection_is(c, COR_CONNECTION_LOST);

	if (lost)
		h->oddities |= COR_HTTP1_ENDS;
	conclude(h, cor_http1_of(c));
	c->loop->requests_waiting--;
	cor_gauge_move(&figures_of(h, cor_http1_of(c))->waiting, -1);
	if (!lost && cor_connection_keep(c, h->view, h->view_len) < 0)
		cor_connection_lose_to(c, COR_LOSS_MEMORY);
	c->session = NULL;
	cor_fiber_give_back(fiber);
	cor_connection_resume(c);
}

/* Out of line: most requests have no body. */
static COR_OUT_OF_LINE int expect_body(struct cor_http1_exchange *h)
{
	struct cor_exchange *x = &h->exchange;

	x->body_limit_bytes = x->route->body_limit_bytes;
	if (x->body_limit_bytes < 0)
		x->body_limit_bytes = cor_http1_of(h->connection)->settings->body_limit_bytes;
	if (x->head.body != COR_BODY_UNKNOWN)
		return 0;
	h->chunks = cor_http1_chunks_create(h, x->body_limit_bytes);
	return h->chunks ? 0 : -ENOMEM;
}

/* The client's own request id is taken over if it is short and harmless. */
static COR_OUT_OF_LINE void adopt_request_id(struct cor_http1_exchange *h)
{
	struct cor_exchange *x = &h->exchange;

	if (cor_exchange_adopt_id(cor_exchange_known(x, COR_KNOWN_X_REQUEST_ID), x->ctx.request_id))
		cor_fiber_serves(h->fiber, x->ctx.request_id);
}

static inline uint32_t oddities_of(const struct cor_http1_exchange *h)
{
	uint32_t oddities = 0;

	if (!h->http1.keep_alive || cor_connection_retires(h->connection, h->began_ns))
		oddities |= COR_HTTP1_ENDS;
	if (cor_exchange_has_body(&h->exchange))
		oddities |= COR_HTTP1_BODY_LEFT;
	if (h->http1.minor_version == 0)
		oddities |= COR_HTTP1_IS_1_0;
	return oddities;
}

_Static_assert(sizeof(struct cor_http1_exchange) % 16 == 0, "an arena begins behind it");

/* From `moved` to the end, in two: of one memset that long GCC makes a loop of twelve rounds. */
static inline void clear_rest(struct cor_http1_exchange *h)
{
	const size_t from = offsetof(struct cor_http1_exchange, moved);
	const size_t half = offsetof(struct cor_http1_exchange, pieces);

	memset((char *)h + from, 0, half - from);
	memset((char *)h + half, 0, sizeof *h - half);
}

/*
 * The exchange from route to reply: everything but what take_routed() has set. Returns 0 or
 * -ENOMEM.
 */
static inline int set_up(struct cor_http1_exchange *h, struct cor_http1 *http1,
	struct cor_connection *c, const char *bytes, size_t head_len)
{
	struct cor_exchange *x = &h->exchange;

	void *behind = __builtin_assume_aligned(h + 1, 16);
	if (!behind)
		__builtin_unreachable();
	cor_ctx_init(&x->ctx, http1->environment, behind, COR_FIBER_ROOM_BYTES - sizeof *h,
		http1->memory_bytes);
	x->ctx.request = x;
	x->ops = &cor_http1_ops;
	x->handler = http1->handler;
	cor_exchange_begin(x);
	clear_rest(h);
	h->connection = c;
	h->began_ns = cor_clock_now(http1->loop->scheduler);
	h->began_ticks = http1->loop->scheduler->ticks;
	h->oddities = oddities_of(h);
	int rc = copy_head(x, http1->parser.fields, bytes, head_len);
	if (rc == 0 && x->head.known[COR_KNOWN_X_REQUEST_ID])
		adopt_request_id(h);
	return rc == 0 && (h->oddities & COR_HTTP1_BODY_LEFT) ? expect_body(h) : rc;
}

/* A fiber whose room holds the routed request. NULL: none is to be had. */
static inline struct cor_fiber *take_routed(struct cor_http1 *http1, const char *bytes)
{
	const struct cor_route *route = http1->handler->route(
		http1->handler, &http1->parser.head, bytes, &http1->parameters);
	if (!route->name) /* every route has one: see struct cor_route */
		__builtin_unreachable();
	struct cor_fiber *fiber = cor_fiber_take(
		http1->loop->scheduler, route->name, route->stack_bytes, NULL);

	if (!fiber)
		return NULL;
	struct cor_http1_exchange *h = cor_fiber_room(fiber);
	struct cor_exchange *x = &h->exchange;
	x->head = http1->parser.head;
	h->http1 = http1->parser.http1;
	x->route = route;
	x->parameters.len = 0;
	if (http1->parameters.len != 0)
		x->parameters = http1->parameters;
	h->fiber = fiber;
	return fiber;
}

/*
 * The client sends no more, which is what one that has closed its connection looks like; and
 * the operation does not want to work for it then.
 */
static inline bool is_deserted(const struct cor_connection *c, const struct cor_http1_exchange *h)
{
	return h->exchange.route->needs_client &&
	       (c->flags & (COR_CONNECTION_HALF_CLOSED | COR_CONNECTION_LOST)) ==
		       COR_CONNECTION_HALF_CLOSED;
}

/*
 * The fiber waits: what is behind the request is kept, and the handler's view of its body follows
 * it there.
 */
static inline void leave_waiting(struct cor_connection *c, struct cor_http1_exchange *h)
{
	c->session = h;
	cor_loop_request_waits(c->loop);
	cor_gauge_move(&figures_of(h, cor_http1_of(c))->waiting, 1);
	cor_connection_begin_waiting(c);
	if (cor_connection_keep(c, h->view, h->view_len) < 0) {
		h->view_len = 0;
		cor_connection_lose_to(c, COR_LOSS_MEMORY);
		cor_connection_cut(c);
	} else if (c->input) {
		h->view = c->input->bytes + c->input->at;
	}
	if (is_deserted(c, h))
		cor_connection_cut(c);
}

static inline int64_t deadline_of(const struct cor_http1_exchange *h, const struct cor_http1 *http1)
{
	uint32_t timeout_ms = h->exchange.route->timeout_ms;

	if (COR_LIKELY(timeout_ms == 0))
		return h->began_ns + http1->timeout_ns;
	return cor_clock_after(h->began_ns, timeout_ms);
}

/* No request after all, though the head is good. */
static COR_COLD void refuse_whole(struct cor_http1 *http1, struct cor_connection *c,
	const char *bytes, enum cor_refusal why, const char *reason)
{
	cor_http1_refuse(c, &(struct cor_http1_refusal){ .bytes = bytes,
				    .parser = &http1->parser,
				    .began_ns = cor_clock_now(http1->loop->scheduler),
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
	struct cor_fiber *fiber = take_routed(http1, bytes);

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
		cor_ctx_finish(&h->exchange.ctx);
		cor_fiber_give_back(fiber);
		refuse_whole(http1, c, bytes, COR_REFUSED_MEMORY, "no memory for the request");
		return;
	}
	cor_fiber_set_deadline(fiber, deadline_of(h, http1));
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
	if (is_deserted(c, c->session))
		cor_connection_cut(c);
	else
		cor_http1_wake(c->session);
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
		cor_ignore(cor_ctx_fail(&h->exchange.ctx, 503, -ECANCELED,
			"the service stops, and waits no longer"));
	else
		cor_ignore(cor_ctx_fail(&h->exchange.ctx, COR_STATUS_CLIENT_GONE, -ECANCELED,
			"the client went away"));
	cor_fiber_cancel(h->fiber);
	cor_http1_wake(h);
}

/* An answer that has begun has not said that it is the last: its client may ask once more. */
static void drain(struct cor_protocol *self, struct cor_connection *c)
{
	struct cor_http1_exchange *h = c->session;

	((struct cor_http1 *)self)
		->memo.until_ns = 0; /* heads say from now on that the connection ends */
	if (!cor_connection_is(c, COR_CONNECTION_BUSY))
		return;
	if (h->exchange.reply_state == COR_REPLY_NONE)
		h->oddities |= COR_HTTP1_ENDS;
	if (h->oddities & COR_HTTP1_SWITCHED)
		cor_http1_drain_switched(h);
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
	return (h->oddities & COR_HTTP1_BODY_LEFT) != 0;
}

void cor_http1_put_before(struct cor_http1 *http1, const struct cor_handler *handler)
{
	for (; http1; http1 = http1->twin) {
		http1->handler = handler ? handler : http1->own_handler;
		http1->logs_access = handler || cor_access_wanted(http1->environment->logger);
	}
}

void cor_http1_init(struct cor_http1 *http1, struct cor_loop *loop,
	const struct cor_http1_settings *settings, const struct cor_handler *handler)
{
	const struct cor_head_limits limits = {
		.request_line_bytes = settings->request_line_bytes,
		.header_line_bytes = settings->header_line_bytes,
		.header_block_bytes = settings->header_block_bytes,
		.header_count = settings->header_count,
	};

	*http1 = (struct cor_http1){
		.protocol = {
			.consume = consume,
			.wake = wake,
			.timed_out = timed_out,
			.cut = cut,
			.drain = drain,
			.close = close_session,
			.leaves_work = leaves_work,
			.describe = cor_http1_describe,
			.begin_timeout_ms = settings->header_timeout_ms,
		},
		.loop = loop,
		.settings = settings,
		.handler = handler,
		.own_handler = handler,
		.environment = handler->environment,
		.memory_bytes = settings->request_memory_bytes,
		.timeout_ns = settings->request_timeout_ms * (int64_t)COR_NS_PER_MS,
		.logs_access = cor_access_wanted(handler->environment->logger),
		.figures = handler->figures ? handler->figures : &http1->own_figures,
		.figures_len = handler->figures ? handler->figures_len : 1,
	};
	cor_head_parser_init(&http1->parser, &limits);
}
