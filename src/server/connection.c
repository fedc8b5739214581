/* SPDX-License-Identifier: MIT */
#include "server/connection.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "runtime/fiber.h"
#include "runtime/scheduler.h"
#include "server/http1.h"

#define INPUT_FIRST_BYTES 2048
#define LINGER_MS         2000
#define FIRST_REQUEST_MS  1000 /* in a drain */
#define RECEIVES_AT_ONCE  16   /* from one connection, before others have their turn */
#define REQUESTS_AT_ONCE  64   /* the same */

static struct cor_connection *of_watch(struct cor_watch *watch)
{
	return (struct cor_connection *)((char *)watch - offsetof(struct cor_connection, watch));
}

static struct cor_connection *of_timer(struct cor_timer *timer)
{
	return (struct cor_connection *)((char *)timer - offsetof(struct cor_connection, timer));
}

static inline void arm(struct cor_connection *c, uint32_t ms)
{
	struct cor_scheduler *scheduler = c->loop->scheduler;

	cor_timer_arm(scheduler, &c->timer, cor_clock_after(cor_clock_now(scheduler), ms));
}

/* --- what it holds --- */

void cor_connection_drop_input(struct cor_connection *c)
{
	free(c->input);
	c->input = NULL;
}

char *cor_connection_room(struct cor_connection *c, size_t bytes)
{
	struct cor_input *input = c->input;

	if (input && input->at != 0 && input->capacity - input->at - input->len < bytes) {
		memmove(input->bytes, input->bytes + input->at, input->len);
		input->at = 0;
	}
	size_t len = input ? input->len : 0;
	if (!input || input->capacity - input->at - len < bytes) {
		size_t capacity = len + bytes > INPUT_FIRST_BYTES ? (len + bytes) * 2
								  : INPUT_FIRST_BYTES;
		input = realloc(c->input, sizeof *input + capacity);
		if (!input)
			return NULL;
		if (!c->input)
			input->at = input->len = 0;
		input->capacity = capacity;
		c->input = input;
	}
	return input->bytes + input->at + input->len;
}

int cor_connection_keep(struct cor_connection *c, const char *data, size_t len)
{
	struct cor_input *input = c->input;

	if (len == 0) {
		cor_connection_drop_input(c);
		return 0;
	}
	if (input && data >= input->bytes && data <= input->bytes + input->capacity) {
		input->at = (size_t)(data - input->bytes);
		input->len = len;
		return 0;
	}
	cor_connection_drop_input(c);
	char *room = cor_connection_room(c, len);
	if (!room)
		return -ENOMEM;
	memcpy(room, data, len);
	c->input->len = len;
	return 0;
}

/* --- what it receives and sends --- */

static inline ssize_t receive(struct cor_connection *c, void *buffer, size_t size)
{
	struct cor_server_loop *loop = c->loop;
	const struct cor_transport *transport = loop->scheduler->transport;
	bool more = false;
	ssize_t n = transport->receive(transport, c->watch.fd, buffer, size, &more);

	if (n > 0)
		loop->counts.bytes_received += (uint64_t)n;
	if (!more && !(c->half_closed && n > 0))
		c->readable = false; /* edge-triggered: the next event tells of more */
	return n;
}

ssize_t cor_connection_receive(struct cor_connection *c, void *buffer, size_t size)
{
	return receive(c, buffer, size);
}

/* It has had its share of this turn: be told once more of what is there to receive. */
static __attribute__((noinline)) void look_again(struct cor_connection *c)
{
	uint32_t events = EPOLLIN | EPOLLRDHUP | EPOLLET | (c->watching_out ? EPOLLOUT : 0);

	if (cor_reactor_change(c->loop->scheduler, &c->watch, events) < 0)
		c->lost = true;
}

/* --- the end --- */

static void unlink_from_loop(struct cor_connection *c)
{
	if (c->previous)
		c->previous->next = c->next;
	else
		c->loop->connections = c->next;
	if (c->next)
		c->next->previous = c->previous;
}

static void close_socket(struct cor_connection *c)
{
	const struct cor_transport *transport = c->loop->scheduler->transport;

	/* RFC 9112 section 8: without framing only a reset tells a reply that broke off from a whole one. */
	if (c->lost && c->open_ended && c->phase != COR_PHASE_LINGER)
		transport->abort(transport, c->watch.fd);
	else
		transport->close(transport, c->watch.fd);
}

static void destroy(struct cor_connection *c)
{
	struct cor_server_loop *loop = c->loop;

	cor_timer_disarm(loop->scheduler, &c->timer);
	cor_reactor_remove(loop->scheduler, &c->watch);
	close_socket(c);
	unlink_from_loop(c);
	cor_connection_drop_input(c);
	free(c->tail);
	free(c);
	cor_loop_connection_gone(loop);
}

/* Throw away what has come in. The end of the stream is what we linger for. */
static void discard(struct cor_connection *c)
{
	ssize_t n = -EAGAIN;

	for (int i = 0; i < RECEIVES_AT_ONCE && c->readable; i++)
		n = cor_connection_receive(c, c->loop->input, COR_LOOP_INPUT_BYTES);
	if (n == 0 || (n < 0 && n != -EAGAIN))
		c->lost = true;
	else if (c->readable)
		look_again(c);
}

/* Nothing more goes out: wait until the client has seen our end before closing, lest a reset destroys the answer. */
static void linger(struct cor_connection *c)
{
	const struct cor_transport *transport = c->loop->scheduler->transport;

	c->phase = COR_PHASE_LINGER;
	cor_connection_drop_input(c);
	if (transport->shutdown(transport, c->watch.fd, SHUT_WR) < 0) {
		c->lost = true;
		return;
	}
	arm(c, LINGER_MS);
	discard(c);
}

/* What it ends with must not be destroyed by bytes that nobody receives, be it that they should not have come. */
static bool must_linger(const struct cor_connection *c)
{
	return c->closing && !c->lost && !c->tail && c->phase != COR_PHASE_LINGER &&
	       (c->unread || c->readable);
}

/* Close it if it has nothing more to do. Returns whether it is gone. */
static __attribute__((noinline)) bool settle(struct cor_connection *c)
{
	if ((!c->closing && !c->lost) || c->working || c->exchange)
		return false;
	if (must_linger(c))
		linger(c);
	bool finished = c->closing && !c->tail && c->phase != COR_PHASE_LINGER;
	if (!c->lost && !finished)
		return false;
	destroy(c);
	return true;
}

void cor_connection_cut(struct cor_connection *c)
{
	c->lost = true;
	if (c->exchange) {
		if (!c->loop->cut)
			cor_ignore(cor_ctx_fail(&c->exchange->exchange.ctx, COR_STATUS_CLIENT_GONE,
				-ECANCELED, "the client went away"));
		cor_fiber_cancel(c->exchange->fiber);
		cor_http1_wake(c->exchange);
	}
	settle(c);
}

/* --- work --- */

/* What a receive that brought nothing comes to. */
static void end_of_input(struct cor_connection *c, ssize_t n)
{
	if (n == 0)
		c->closing = true;
	else if (n != -EAGAIN)
		c->lost = true;
}

/* Receive into the input, where part of a head is waiting, or more than could be worked off. */
static __attribute__((noinline)) bool receive_into_input(struct cor_connection *c)
{
	char *room = cor_connection_room(c, INPUT_FIRST_BYTES);

	if (!room) {
		c->lost = true;
		return false;
	}
	ssize_t n = cor_connection_receive(c, room, INPUT_FIRST_BYTES);
	if (n <= 0) {
		end_of_input(c, n);
		return false;
	}
	c->input->len += (size_t)n;
	cor_http1_consume(c, c->input->bytes + c->input->at, c->input->len);
	return true;
}

/* Receive once, and work off what came. Returns whether to go on. */
static inline bool receive_and_consume(struct cor_connection *c)
{
	if (c->input)
		return receive_into_input(c);
	ssize_t n = receive(c, c->loop->input, COR_LOOP_INPUT_BYTES);
	if (n <= 0) {
		end_of_input(c, n);
		return false;
	}
	cor_http1_consume(c, c->loop->input, (size_t)n);
	return true;
}

/*
 * In a drain an idle client is sent away, but one that was let in and has not asked yet may ask once. The time counts from
 * now, not from the beginning of the turn: the drain often waits for a long one.
 */
static __attribute__((noinline)) void idle_in_drain(struct cor_connection *c)
{
	struct cor_scheduler *scheduler = c->loop->scheduler;

	if (c->requests_left == c->loop->settings->requests_per_connection)
		cor_timer_arm(scheduler, &c->timer,
			cor_clock_after(cor_clock_fresh(scheduler), FIRST_REQUEST_MS));
	else
		c->closing = true;
}

static inline void idle(struct cor_connection *c)
{
	if (c->phase != COR_PHASE_IDLE || !cor_connection_may_begin(c))
		return;
	if (c->loop->draining) {
		idle_in_drain(c);
		return;
	}
	arm(c, c->loop->settings->idle_timeout_ms);
}

static void work(struct cor_connection *c)
{
	int left = RECEIVES_AT_ONCE;

	c->working = true;
	c->rest_at = c->requests_left - REQUESTS_AT_ONCE;
	if (c->input && c->phase == COR_PHASE_IDLE && cor_connection_may_begin(c))
		cor_http1_consume(c, c->input->bytes + c->input->at, c->input->len);
	while (c->readable && cor_connection_may_begin(c) && receive_and_consume(c)) {
		if (--left != 0)
			continue;
		look_again(c);
		break;
	}
	cor_connection_flush(c);
	idle(c);
	c->working = false;
	if (!cor_connection_may_begin(c))
		settle(c);
}

/* A timer that is due at once fires when the loop has looked at its descriptors. */
void cor_connection_rest(struct cor_connection *c)
{
	c->resting = true;
	arm(c, 0);
}

static void end_rest(struct cor_connection *c)
{
	c->resting = false;
	work(c);
}

void cor_connection_resume(struct cor_connection *c)
{
	work(c);
}

void cor_connection_retire(struct cor_connection *c)
{
	if (c->phase != COR_PHASE_IDLE || c->tail)
		return;     /* the loop drains: it ends with its answer, or by its timer */
	c->readable = true; /* a request may have arrived that no event has told of yet */
	work(c);
}

/*
 * The client has gone: whether what it had sent is still to be worked off. A reset of TCP takes that with it, but a unix
 * socket that was closed is like the end of a stream, except that nobody waits for an answer: a request that is here
 * whole and waits for something else is cancelled.
 */
static bool leaves_work(const struct cor_connection *c)
{
	if (c->peer.family != 0 || c->phase == COR_PHASE_LINGER)
		return false;
	return !c->exchange || c->exchange->body_left;
}

/* Not just bytes for a connection that waits for some. */
static __attribute__((noinline)) void ready_for_more(struct cor_connection *c, uint32_t events)
{
	if ((events & (EPOLLERR | EPOLLHUP)) && !leaves_work(c)) {
		cor_connection_cut(c);
		return;
	}
	if (events & EPOLLRDHUP)
		c->half_closed = true;
	if (events & (EPOLLIN | EPOLLRDHUP))
		c->readable = true;
	if (c->exchange) {
		if ((events & EPOLLOUT) && c->tail)
			cor_connection_send_tail(c);
		cor_http1_wake(c->exchange);
		return;
	}
	if ((events & EPOLLOUT) && c->tail) {
		cor_connection_send_tail(c);
		if (settle(c))
			return;
		if (!c->tail && c->phase == COR_PHASE_HEAD)
			arm(c, c->loop->settings->header_timeout_ms); /* the tail had the timer */
	}
	if (c->phase == COR_PHASE_LINGER) {
		discard(c);
		settle(c);
	} else {
		cor_connection_resume(c);
	}
}

static void ready(struct cor_watch *watch, uint32_t events)
{
	struct cor_connection *c = of_watch(watch);

	if (events != EPOLLIN || !cor_connection_may_begin(c)) {
		ready_for_more(c, events);
		return;
	}
	c->readable = true;
	work(c);
}

static void timed_out(struct cor_timer *timer)
{
	struct cor_connection *c = of_timer(timer);

	if (c->resting) {
		end_rest(c);
		return;
	}
	if (c->exchange && !c->tail)
		return; /* the request's own deadlines rule */
	if (c->phase == COR_PHASE_HEAD && !c->tail) {
		c->working = true;
		cor_http1_head_timed_out(c);
		cor_connection_flush(c);
		c->working = false;
		settle(c);
		return;
	}
	cor_connection_cut(c);
}

static void remember_peer(struct cor_peer *peer, const struct cor_address *address)
{
	if (address->any.sa_family == AF_INET) {
		peer->family = AF_INET;
		peer->port = address->v4.sin_port;
		memcpy(peer->ip, &address->v4.sin_addr, sizeof address->v4.sin_addr);
	} else if (address->any.sa_family == AF_INET6) {
		peer->family = AF_INET6;
		peer->port = address->v6.sin6_port;
		memcpy(peer->ip, &address->v6.sin6_addr, sizeof address->v6.sin6_addr);
	}
}

void cor_connection_peer(const struct cor_connection *c, struct cor_address *ret)
{
	*ret = (struct cor_address){ 0 };
	if (c->peer.family == AF_INET) {
		ret->bytes = sizeof ret->v4;
		ret->v4.sin_port = c->peer.port;
		memcpy(&ret->v4.sin_addr, c->peer.ip, sizeof ret->v4.sin_addr);
	} else if (c->peer.family == AF_INET6) {
		ret->bytes = sizeof ret->v6;
		ret->v6.sin6_port = c->peer.port;
		memcpy(&ret->v6.sin6_addr, c->peer.ip, sizeof ret->v6.sin6_addr);
	} else {
		ret->bytes = sizeof(sa_family_t);
	}
	ret->any.sa_family = c->peer.family ? c->peer.family : AF_UNIX;
}

int cor_connection_open(struct cor_server_loop *loop, int fd, const struct cor_address *peer)
{
	const struct cor_transport *transport = loop->scheduler->transport;
	struct cor_connection *c = calloc(1, sizeof *c);
	int rc = -ENOMEM;

	if (c) {
		c->loop = loop;
		c->watch.fd = fd;
		c->watch.ready = ready;
		c->timer.fire = timed_out;
		c->requests_left = loop->settings->requests_per_connection;
		c->retire_ns = cor_clock_after_ms(cor_clock_now(loop->scheduler),
			loop->settings->connection_age_s * INT64_C(1000));
		remember_peer(&c->peer, peer);
		rc = cor_reactor_add(loop->scheduler, &c->watch, EPOLLIN | EPOLLRDHUP | EPOLLET);
	}
	if (rc < 0) {
		free(c);
		transport->close(transport, fd);
		return rc;
	}
	c->next = loop->connections;
	if (c->next)
		c->next->previous = c;
	loop->connections = c;
	loop->connections_len++;
	loop->counts.connections++;
	if (loop->draining)
		idle_in_drain(c);
	else
		arm(c, loop->settings->header_timeout_ms);
	return 0;
}
