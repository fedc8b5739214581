/* SPDX-License-Identifier: MIT */
/**
 * A request of a connection, from its head to its line in the log: what all protocols do with one.
 *
 * It stands in the room of its fiber, first in what its protocol has there; what follows that is
 * the first chunk of the arena.
 */
#ifndef CORACLE_SERVING_REQUEST_H
#define CORACLE_SERVING_REQUEST_H

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "connection/progress.h"
#include "runtime/fiber.h"
#include "runtime/wait.h"
#include "serving/serving.h"

enum cor_request_oddity {
	COR_REQUEST_ENDS = 1 << 0,      /* the connection does, behind the reply */
	COR_REQUEST_BODY_LEFT = 1 << 1, /* something of the body is not read */
	COR_REQUEST_IS_1_0 = 1 << 2,    /* the client understands no chunks */
	COR_REQUEST_OVERDUE = 1 << 3,   /* its time for more of the body is up: one last look */
	COR_REQUEST_UNTAKEN = 1 << 4,   /* some of the reply has waited, or is lost */
	COR_REQUEST_IN_PIECES = 1 << 5, /* the reply was started: it may break, and has pieces */
	COR_REQUEST_TOLD = 1 << 6,      /* the answer was out, and has its line and its figures */
	COR_REQUEST_SWITCHED = 1 << 7,  /* to another protocol: it has its figures */
	COR_REQUEST_NUDGED = 1 << 8,    /* ... and shall not wait: somebody has told it something */
	COR_REQUEST_DRAINS = 1 << 9,    /* ... and is still to be told of the drain */
	COR_REQUEST_STAYS = 1 << 10,    /* the reply goes on until the client leaves: staying.h */
};

struct cor_request {
	_Alignas(16) struct cor_exchange exchange;
	struct cor_connection *connection;
	struct cor_fiber *fiber;
	int64_t began_ns; /* monotonic, at the end of the head */
	uint64_t began_ticks;
	uint32_t oddities; /* enum cor_request_oddity: most requests have none */

	/* nothing at first, from here to the end */
	uint32_t late_us;      /* it has waited so long for its thread, at most; 0: it hardly has */
	struct cor_wait *wait; /* the fiber waits for the client; else NULL */
	int64_t waited_ns;     /* for the client to send more of the body, up to now */
	int64_t received;      /* bytes of the body, with their framing */
};

static inline struct cor_request *cor_request_of(struct cor_exchange *x)
{
	return (struct cor_request *)x; /* its first member */
}

/**
 * Find out how the request of that head, whose text is at `bytes`, will be served, and take a fiber
 * for it. The request in its room has head, route and fiber then. NULL: no fiber is to be had.
 */
COR_IN_LINE struct cor_fiber *cor_request_take(
	struct cor_serving *serving, const struct cor_head *head, const char *bytes)
{
	const struct cor_handler *handler = serving->handler;
	const struct cor_route *route = handler->route(handler, head, bytes, &serving->parameters);

	if (!route->name) /* every route has one: see struct cor_route */
		__builtin_unreachable();
	struct cor_fiber *fiber = cor_fiber_take(
		serving->loop->scheduler, route->name, route->stack_bytes, NULL);
	if (!fiber)
		return NULL;
	struct cor_request *request = cor_fiber_room(fiber);
	struct cor_exchange *x = &request->exchange;
	x->head = *head;
	x->route = route;
	x->parameters.len = 0;
	if (serving->parameters.len != 0)
		x->parameters = serving->parameters;
	request->fiber = fiber;
	return fiber;
}

/**
 * Set up the rest but for oddities: the protocol's part of the room takes `room_bytes` with the
 * request.
 */
COR_IN_LINE void cor_request_set_up(struct cor_request *request, struct cor_serving *serving,
	struct cor_connection *connection, const struct cor_exchange_ops *ops, size_t room_bytes)
{
	const size_t from = offsetof(struct cor_request, late_us);
	struct cor_exchange *x = &request->exchange;

	void *behind = __builtin_assume_aligned((char *)request + room_bytes, 16);
	if (!behind)
		__builtin_unreachable();
	cor_ctx_init(&x->ctx, serving->environment, behind, COR_FIBER_ROOM_BYTES - room_bytes,
		serving->memory_bytes);
	x->ctx.request = x;
	x->ops = ops;
	x->handler = serving->handler;
	cor_exchange_begin(x);
	memset((char *)request + from, 0, sizeof *request - from);
	request->connection = connection;
	request->began_ns = cor_clock_now(serving->loop->scheduler);
	request->began_ticks = serving->loop->scheduler->ticks;
}

/** Private to cor_request_keep_head(): the client's own id is taken over if it is harmless. */
void cor_request_adopt_id(struct cor_request *request);

/**
 * Copy what a handler can see into ctx memory: the header lines `fields`, and the head's `len`
 * bytes at `bytes`. Returns 0 or -ENOMEM.
 */
COR_IN_LINE int cor_request_keep_head(struct cor_request *request,
	const struct cor_head_field *fields, const char *bytes, size_t len)
{
	struct cor_exchange *x = &request->exchange;
	size_t count = x->head.fields_len;
	struct cor_head_field *copies = cor_arena_alloc(
		&x->ctx.arena, count * sizeof *copies + len);

	if (!copies)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		copies[i] = fields[i];
	x->fields = copies;
	x->bytes = memcpy(copies + count, bytes, len);
	if (x->head.known[COR_KNOWN_X_REQUEST_ID])
		cor_request_adopt_id(request);
	return 0;
}

/** How much of a body its handler gets. */
static inline int64_t cor_request_body_limit(
	const struct cor_request *request, const struct cor_serving *serving)
{
	int64_t limit = request->exchange.route->body_limit_bytes;

	return limit < 0 ? serving->settings->body_limit_bytes : limit;
}

/** When the request must have ended. */
static inline int64_t cor_request_deadline(
	const struct cor_request *request, const struct cor_serving *serving)
{
	uint32_t timeout_ms = request->exchange.route->timeout_ms;

	if (COR_LIKELY(timeout_ms == 0))
		return request->began_ns + serving->timeout_ns;
	return cor_clock_after(request->began_ns, timeout_ms);
}

/** Its figures. */
static inline struct cor_request_figures *cor_request_figures_of(
	const struct cor_request *request, const struct cor_serving *serving)
{
	return cor_request_figures_at(serving->figures, request->exchange.route->figures);
}

/** Private to cor_request_count(): not surely below the first bound. */
void cor_request_count_slow(struct cor_request *request, const struct cor_serving *serving);

/** Count its answer. */
static inline void cor_request_count(struct cor_request *request, const struct cor_serving *serving)
{
	const struct cor_scheduler *scheduler = serving->loop->scheduler;
	struct cor_request_figures *figures = cor_request_figures_of(request, serving);
	uint64_t ticks = scheduler->ticks - request->began_ticks;

	cor_figures_answer(figures, request->exchange.status);
	if (COR_LIKELY(ticks < scheduler->ticks_few))
		cor_count(&figures->ticks, ticks);
	else
		cor_request_count_slow(request, serving);
}

/** Whether that was done before its end. */
static inline bool cor_request_is_counted(const struct cor_request *request)
{
	return (request->oddities &
		       (COR_REQUEST_TOLD | COR_REQUEST_SWITCHED | COR_REQUEST_STAYS)) != 0;
}

/** Its fiber waits: for gauges, and for whoever watches. */
void cor_request_waits(struct cor_request *request, struct cor_serving *serving);

/** It has waited, and has ended. */
void cor_request_has_waited(struct cor_request *request, struct cor_serving *serving);

/** For people who look: call `each` with where it stands. */
void cor_request_describe(const struct cor_request *request,
	void (*each)(void *arg, const struct cor_progress *progress), void *arg);

/** Before its handler runs: it has waited so long for its thread. For the access log. */
void cor_request_was_late(struct cor_exchange *x, int64_t ns);

/** The wait of its fiber is over. */
void cor_request_wake(struct cor_request *request);

/** The client sends no more, and the operation, or its reply, is of no use without it. */
static inline bool cor_request_is_deserted(const struct cor_request *request)
{
	return (request->exchange.route->needs_client || (request->oddities & COR_REQUEST_STAYS)) &&
	       (request->connection->flags & (COR_CONNECTION_HALF_CLOSED | COR_CONNECTION_LOST)) ==
		       COR_CONNECTION_HALF_CLOSED;
}

#endif
