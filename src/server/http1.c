/* SPDX-License-Identifier: MIT */
#include "server/http1.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include <coracle/error.h>

#include "exchange/problem_json.h"
#include "http/response.h"
#include "runtime/scheduler.h"
#include "server/access.h"

/* --- refusals of the protocol: there is no exchange yet --- */

/* The answer to `method` (COR_METHOD_OTHER where it is not known) that is the connection's last. */
static __attribute__((noinline, cold)) void append_last(
	struct cor_connection *c, enum cor_method method, int status, const char *reason)
{
	struct cor_server_loop *loop = c->loop;
	struct cor_buffer body = { 0 };
	struct cor_problem_text problem = { .status = (uint16_t)status, .detail = reason };

	cor_problem_write_json(&body, &problem);
	if (cor_buffer_error(&body) < 0)
		cor_buffer_clear(&body, 0); /* the status says it */
	struct cor_response_head head = {
		.status = (uint16_t)status,
		.connection = COR_CONNECTION_CLOSE,
		.date = cor_loop_date(loop),
		.content_type = COR_PROBLEM_MEDIA_TYPE,
		.content_length = (int64_t)body.len,
	};
	if (cor_http1_begin_head(&loop->output, &head, NULL) < 0 ||
		cor_response_end(&loop->output) < 0)
		c->lost = true;
	if (method != COR_METHOD_HEAD)
		cor_buffer_append(&loop->output, body.data, body.len);
	cor_buffer_finish(&body);
	c->closing = true;
	c->unread = true;
}

static __attribute__((noinline, cold)) void refuse(
	struct cor_connection *c, enum cor_method method, int status, const char *reason)
{
	c->loop->counts.refused++;
	c->loop->counts.by_class[status / 100]++;
	append_last(c, method, status, reason);
	cor_server_log_refusal(c, status, reason);
	c->phase = COR_PHASE_IDLE;
	cor_connection_drop_input(c);
}

void cor_http1_head_timed_out(struct cor_connection *c)
{
	refuse(c, COR_METHOD_OTHER, 408, "the head of the request did not arrive in time");
}

static enum cor_method method_of(const struct cor_connection *c)
{
	return (enum cor_method)c->loop->parser.head.method;
}

/* --- from a head to an exchange --- */

/* Copy what a handler can see into ctx memory: the header lines, and the bytes of the head. */
static inline int copy_head(struct cor_exchange *x, size_t len)
{
	size_t count = x->head.fields_len;
	struct cor_head_field *fields = cor_arena_alloc(
		&x->ctx.arena, count * sizeof *fields + len);

	if (!fields)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		fields[i] = x->fields[i];
	x->fields = fields;
	x->bytes = memcpy(fields + count, x->bytes, len);
	return 0;
}

/* The client's own request id is taken over if it is short and harmless. */
static __attribute__((noinline)) void adopt_request_id(struct cor_http1_exchange *h)
{
	struct cor_exchange *x = &h->exchange;
	struct cor_str id = cor_exchange_known(x, COR_KNOWN_X_REQUEST_ID);

	if (id.len == 0 || id.len >= COR_REQUEST_ID_BYTES)
		return;
	for (size_t i = 0; i < id.len; i++) {
		char b = id.data[i];
		bool plain = (b >= '0' && b <= '9') || (b >= 'a' && b <= 'z') ||
			     (b >= 'A' && b <= 'Z') || b == '-' || b == '_' || b == '.';
		if (!plain)
			return;
	}
	memcpy(x->ctx.request_id, id.data, id.len);
	x->ctx.request_id[id.len] = '\0';
	cor_fiber_serves(h->fiber, x->ctx.request_id);
}

/* The request as it was received: its text is still there. */
static inline void describe(
	struct cor_http1_exchange *h, const struct cor_head_parser *parser, const char *bytes)
{
	struct cor_exchange *x = &h->exchange;

	x->head = parser->head;
	h->http1 = parser->http1;
	x->fields = parser->fields;
	x->bytes = bytes;
}

static inline bool connection_lasts(const struct cor_server_loop *loop,
	const struct cor_connection *c, const struct cor_http1_head *http1)
{
	return http1->keep_alive && !loop->draining && c->requests_left != 0 &&
	       cor_clock_now(loop->scheduler) < c->retire_ns;
}

/* On the fiber: the whole life of a request. */
static void serve(void *arg)
{
	struct cor_http1_exchange *h = arg;
	struct cor_exchange *x = &h->exchange;

	x->handler->serve(x->handler, x);
	if (x->reply_state == COR_REPLY_STARTED && !x->broken)
		x->broken = cor_http1_end_reply(h) < 0;
}

/* The request did not go as most do: it ends the connection, or has no whole answer, or left some of its body. */
static __attribute__((noinline, cold)) void conclude_oddly(struct cor_http1_exchange *h)
{
	struct cor_connection *c = h->connection;
	struct cor_exchange *x = &h->exchange;

	bool behind_body = cor_http1_skip_body(h);
	if (h->ends || !behind_body) {
		c->closing = true;
		/* while the client does not know that the connection ends, it may send more */
		c->unread = !behind_body || h->http1.keep_alive;
	}
	if (x->reply_state == COR_REPLY_NONE && !x->broken && !c->lost) {
		append_last(c, (enum cor_method)x->head.method, 500, NULL);
		x->status = 500;
	}
	cor_server_log_access(h);
	if (x->broken) {
		cor_connection_flush(c); /* the answers before it are whole */
		c->lost = true;          /* this one cannot be: the cut connection says so */
	}
}

/* On the loop: everything behind the reply. */
static inline void conclude(struct cor_http1_exchange *h, struct cor_server_loop *loop)
{
	struct cor_exchange *x = &h->exchange;

	if (h->oddities || x->reply_state != COR_REPLY_ENDED || x->broken)
		conclude_oddly(h);
	else if (loop->logs_access)
		cor_server_log_access(h);
	loop->counts.requests++;
	loop->counts.by_class[x->status / 100]++; /* a head with a status above 599 is refused */
	if (h->pieces.data)
		cor_buffer_finish(&h->pieces);
	cor_ctx_finish(&x->ctx);
}

/* The fiber of a request that had to wait has ended. */
static void finished(void *arg)
{
	struct cor_http1_exchange *h = arg;
	struct cor_connection *c = h->connection;
	struct cor_fiber *fiber = h->fiber;

	if (c->lost)
		h->ends = true;
	conclude(h, c->loop);
	int rc = c->lost ? 0 : cor_connection_keep(c, h->view, h->view_len);
	c->lost = c->lost || rc < 0;
	c->exchange = NULL;
	c->busy = false;
	c->phase = COR_PHASE_IDLE;
	cor_fiber_give_back(fiber);
	cor_connection_resume(c);
}

/* Out of line: most requests have no body. */
static __attribute__((noinline)) int expect_body(struct cor_http1_exchange *h)
{
	struct cor_exchange *x = &h->exchange;

	x->body_limit_bytes = x->route->body_limit_bytes;
	if (x->body_limit_bytes < 0)
		x->body_limit_bytes = h->connection->loop->settings->body_limit_bytes;
	if (x->head.body != COR_BODY_UNKNOWN)
		return 0;
	h->chunks = cor_arena_alloc(&x->ctx.arena, sizeof *h->chunks);
	if (!h->chunks)
		return -ENOMEM;
	cor_chunked_init(h->chunks, x->body_limit_bytes);
	return 0;
}

_Static_assert(sizeof(struct cor_http1_exchange) % 16 == 0, "an arena begins behind it");

/* The exchange from route to reply: everything but what describe() has set. Returns 0 or -ENOMEM. */
static inline int set_up(struct cor_http1_exchange *h, struct cor_server_loop *loop,
	struct cor_connection *c, size_t head_len)
{
	struct cor_exchange *x = &h->exchange;

	void *behind = __builtin_assume_aligned(h + 1, 16);
	cor_ctx_init(&x->ctx, loop->handler->environment, behind, COR_FIBER_ROOM_BYTES - sizeof *h,
		loop->settings->request_memory_bytes);
	x->ctx.request = x;
	x->ops = &cor_http1_ops;
	x->handler = loop->handler;
	cor_exchange_begin(x);
	memset(&h->wait, 0, sizeof *h - offsetof(struct cor_http1_exchange, wait));
	h->connection = c;
	h->began_ns = cor_clock_now(loop->scheduler);
	h->oddities = 0;
	if (!connection_lasts(loop, c, &h->http1))
		h->ends = true;
	if (cor_exchange_has_body(x))
		h->body_left = true;
	if (h->http1.minor_version == 0)
		h->is_1_0 = true;
	int rc = copy_head(x, head_len);
	if (rc == 0 && x->head.known[COR_KNOWN_X_REQUEST_ID])
		adopt_request_id(h);
	return rc == 0 && h->body_left ? expect_body(h) : rc;
}

/* A fiber whose room holds the routed request. NULL: none is to be had. */
static inline struct cor_fiber *take_routed(struct cor_server_loop *loop, const char *bytes)
{
	struct cor_route_parameters parameters;
	const struct cor_route *route = loop->handler->route(
		loop->handler, &loop->parser.head, bytes, &parameters);
	struct cor_fiber *fiber = cor_fiber_take(
		loop->scheduler, route->name, route->stack_bytes, NULL);

	if (!fiber)
		return NULL;
	struct cor_http1_exchange *h = cor_fiber_room(fiber);
	struct cor_exchange *x = &h->exchange;
	describe(h, &loop->parser, bytes);
	x->route = route;
	x->parameters.len = 0;
	if (parameters.len != 0)
		x->parameters = parameters;
	h->fiber = fiber;
	return fiber;
}

/* The fiber waits: what is behind the request is kept, and the handler's view of its body follows it there. */
static void leave_waiting(struct cor_connection *c, struct cor_http1_exchange *h)
{
	c->exchange = h;
	c->busy = true;
	c->phase = COR_PHASE_BUSY;
	if (cor_connection_keep(c, h->view, h->view_len) < 0) {
		h->view_len = 0;
		cor_connection_cut(c);
	} else if (c->input) {
		h->view = c->input->bytes + c->input->at;
	}
}

static inline int64_t deadline_of(
	const struct cor_http1_exchange *h, const struct cor_server_loop *loop)
{
	uint32_t timeout_ms = h->exchange.route->timeout_ms;

	if (timeout_ms == 0)
		timeout_ms = loop->settings->request_timeout_ms;
	return cor_clock_after(h->began_ns, timeout_ms);
}

/*
 * Serve one request whose head is whole and in the loop's parser. On return *data and *len are what stands behind it;
 * nothing where the request goes on without us (the connection is BUSY then and has kept the rest).
 */
static inline void begin(struct cor_server_loop *loop, struct cor_connection *c, size_t head_len,
	const char **data, size_t *len)
{
	struct cor_fiber *fiber = take_routed(loop, *data);

	*data += head_len;
	*len -= head_len;
	c->requests_left--;
	if (!fiber) {
		refuse(c, method_of(c), 503, "too many requests are in progress");
		return;
	}
	struct cor_http1_exchange *h = cor_fiber_room(fiber);
	h->view = *data;
	h->view_len = *len;
	if (set_up(h, loop, c, head_len) < 0) {
		cor_ctx_finish(&h->exchange.ctx);
		cor_fiber_give_back(fiber);
		refuse(c, method_of(c), 503, "no memory for the request");
		return;
	}
	cor_fiber_set_deadline(fiber, deadline_of(h, loop));
	if (!cor_fiber_run(fiber, serve, h, finished)) {
		leave_waiting(c, h);
		*len = 0;
		return;
	}
	conclude(h, loop);
	*data = h->view;
	*len = h->view_len;
	cor_fiber_give_back(fiber);
}

/* After many requests of one event, or much output: the answers go out, and others have their turn. */
static __attribute__((noinline)) void pause_between(struct cor_connection *c, size_t len)
{
	if (len != 0 || c->loop->output.len > COR_LOOP_OUTPUT_KEEP)
		cor_connection_flush(c);
	if (len != 0 && cor_connection_may_begin(c)) /* without a tail: the timer is free */
		cor_connection_rest(c);
}

/* Part of a head is here: keep it, and give the rest of it a time. */
static __attribute__((noinline)) void wait_for_head(
	struct cor_connection *c, const char *data, size_t len)
{
	struct cor_server_loop *loop = c->loop;
	bool first = c->phase != COR_PHASE_HEAD;

	if (cor_connection_keep(c, data, len) < 0) {
		c->lost = true;
		return;
	}
	c->input->parser = loop->parser;
	c->phase = COR_PHASE_HEAD;
	if (first)
		cor_timer_arm(loop->scheduler, &c->timer,
			cor_clock_after_ms(
				cor_clock_now(loop->scheduler), loop->settings->header_timeout_ms));
}

/* Ready the loop's parser: for a new head, or for more of the one that part of is here. */
static inline void ready_parser(const struct cor_connection *c, struct cor_head_parser *parser)
{
	if (__builtin_expect(c->phase == COR_PHASE_HEAD, 0))
		*parser = c->input->parser;
	else
		cor_head_parser_reset(parser);
}

void cor_http1_consume(struct cor_connection *c, const char *data, size_t len)
{
	struct cor_server_loop *loop = c->loop;

	while (len != 0 && cor_connection_may_begin(c)) {
		struct cor_head_parser *parser = &loop->parser;

		ready_parser(c, parser);
		ssize_t used = cor_head_parse(parser, data, len);
		if (used == 0) {
			wait_for_head(c, data, len);
			return;
		}
		if (used < 0) {
			refuse(c, COR_METHOD_OTHER, parser->error.status, parser->error.reason);
			return;
		}
		c->phase = COR_PHASE_IDLE;
		begin(loop, c, (size_t)used, &data, &len);
		if (loop->output.len > COR_LOOP_OUTPUT_KEEP || c->requests_left == c->rest_at)
			pause_between(c, len);
	}
	if (c->busy || c->lost)
		return;
	if (c->closing)
		len = 0;
	if ((len != 0 || c->input) && cor_connection_keep(c, data, len) < 0)
		c->lost = true;
}

/* --- waiting --- */

int cor_http1_wait(struct cor_http1_exchange *h, int64_t timeout_ms)
{
	struct cor_scheduler *scheduler = h->connection->loop->scheduler;
	struct cor_wait wait;

	if (h->connection->lost)
		return -ECONNRESET;
	h->share = 0;
	cor_wait_begin(&wait, "cor_body_read() or cor_reply_write");
	h->wait = &wait;
	int rc = cor_wait(&wait, cor_clock_after_ms(cor_clock_now(scheduler), timeout_ms));
	if (!h->wait)
		cor_wait_settle(&wait);
	h->wait = NULL;
	return h->connection->lost ? -ECONNRESET : rc;
}

void cor_http1_wake(struct cor_http1_exchange *h)
{
	struct cor_wait *wait = h->wait;

	h->wait = NULL;
	if (wait)
		cor_wait_signal(wait);
}

/* --- taking turns --- */

#define SHARE_BYTES (256 * 1024)
#define CALL_BYTES  4096 /* what a call costs, in bytes: small pieces are the dear ones */

void cor_http1_took(struct cor_http1_exchange *h, size_t bytes)
{
	h->share += CALL_BYTES + (uint32_t)(bytes < SHARE_BYTES ? bytes : SHARE_BYTES);
}

bool cor_http1_has_share(const struct cor_http1_exchange *h)
{
	return h->share >= SHARE_BYTES;
}

/* A timer that is due at once fires when the loop has looked at its descriptors; cor_yield() would not wait for that. */
int cor_http1_pass(struct cor_http1_exchange *h)
{
	int rc = cor_http1_wait(h, 0);

	return rc == -ETIMEDOUT ? cor_scope_error() : rc;
}
