/* SPDX-License-Identifier: MIT */
#include "connection/connection.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "connection/deadlines.h"
#include "connection/handshake.h"
#include "connection/introduction.h"
#include "connection/listener.h"
#include "runtime/filter.h"

#define LINGER_MS        2000
#define RECEIVES_AT_ONCE 16 /* from one connection, before others have their turn */
#define REQUESTS_AT_ONCE 64 /* the same */

/* --- what it receives --- */

static COR_OUT_OF_LINE ssize_t receive_filtered(
	struct cor_connection *c, void *buffer, size_t size, bool *ret_more)
{
	ssize_t n = c->filter->ops->receive(c->filter, buffer, size, ret_more);

	if (n > 0)
		cor_connection_clear(c, COR_CONNECTION_SILENT);
	else if (n == -EAGAIN)
		cor_connection_watch_out(c);
	return n;
}

static inline ssize_t receive(
	struct cor_loop *loop, struct cor_connection *c, void *buffer, size_t size)
{
	const struct cor_transport *transport = loop->scheduler->transport;
	bool *has_more = &loop->has_more; /* a local would cost a stack protector */
	bool more = false;
	ssize_t n;

	if (COR_LIKELY(!c->filter))
		n = transport->receive(transport, c->watch.fd, buffer, size, has_more);
	else
		n = receive_filtered(c, buffer, size, has_more);
	if (COR_LIKELY(n > 0)) {
		cor_count(&loop->counts->bytes_received, (uint64_t)n);
		more = *has_more ||
		       (c->flags & (COR_CONNECTION_HALF_CLOSED | COR_CONNECTION_URGENT));
	}
	if (!more)
		cor_connection_clear(c, COR_CONNECTION_READABLE); /* the next event tells of more */
	return n;
}

ssize_t cor_connection_receive(struct cor_connection *c, void *buffer, size_t size)
{
	return receive(c->loop, c, buffer, size);
}

/*
 * It has had its share of this turn: be told once more of what is there to receive. A filter may
 * hold bytes that the reactor knows nothing of, but there is nearly always room to send, which it
 * reports immediately.
 */
COR_OUT_OF_LINE void cor_connection_look_again(struct cor_connection *c)
{
	if (c->filter)
		cor_connection_set(c, COR_CONNECTION_WATCHING_OUT);
	bool out = cor_connection_is(c, COR_CONNECTION_WATCHING_OUT);
	uint32_t events = COR_CONNECTION_EVENTS | (out ? EPOLLOUT : 0);

	if (cor_reactor_change(c->loop->scheduler, &c->watch, events) < 0)
		cor_connection_lose(c);
}

const char *cor_connection_why_lost(const struct cor_connection *c)
{
	switch (c->loss) {
	case COR_LOSS_PACE:
		return "cut: the client did not take the answer in time";
	case COR_LOSS_CROWD:
		return "cut: more answers than --unsent-limit-bytes wait for slow clients";
	case COR_LOSS_MEMORY:
		return "cut: the server had no memory to send the answer";
	case COR_LOSS_FILE:
		return COR_WHY_UNREADABLE;
	default:
		return c->loop->cut ? "cut: the server stops"
				    : "the client went away before the answer was out";
	}
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
	bool open_ended = cor_connection_is(c, COR_CONNECTION_OPEN_ENDED);

	if (c->filter)
		c->filter->ops->destroy(c->filter);
	/*
	 * RFC 9112 section 8: without framing only a reset tells a reply that broke off from a
	 * whole one.
	 */
	if (cor_connection_is(c, COR_CONNECTION_LOST) && open_ended && c->phase != COR_PHASE_LINGER)
		transport->abort(transport, c->watch.fd);
	else
		transport->close(transport, c->watch.fd);
}

static void destroy(struct cor_connection *c)
{
	struct cor_loop *loop = c->loop;

	cor_handshake_end(c);
	cor_timer_disarm(loop->scheduler, &c->timer);
	cor_reactor_remove(loop->scheduler, &c->watch);
	cor_connection_drop_output(c);
	c->protocol->close(c->protocol, c);
	close_socket(c);
	unlink_from_loop(c);
	cor_connection_drop_input(c);
	if (cor_connection_is_counted(c))
		cor_peers_give(&loop->group->peers, &c->peer);
	cor_introduction_destroy(c->introduction);
	free(c);
	cor_loop_connection_gone(loop);
}

/*
 * Throw away what has come in. The end of the stream is what we linger for, once our own is sent:
 * the client of a filter still waits for that.
 */
void cor_connection_discard(struct cor_connection *c)
{
	ssize_t n = -EAGAIN;

	for (int i = 0; i < RECEIVES_AT_ONCE && cor_connection_is(c, COR_CONNECTION_READABLE); i++)
		n = receive(c->loop, c, c->loop->input, COR_LOOP_INPUT_BYTES);
	if ((n == 0 && !cor_connection_is(c, COR_CONNECTION_ENDING)) || (n < 0 && n != -EAGAIN))
		cor_connection_lose(c);
	else if (n > 0 && cor_connection_is(c, COR_CONNECTION_READABLE))
		cor_connection_look_again(c);
}

/* An end that cannot be sent now is sent when there is room. */
static void end_output(struct cor_connection *c)
{
	const struct cor_transport *transport = c->loop->scheduler->transport;

	if (c->filter && c->filter->ops->end(c->filter) == -EAGAIN &&
		(c->filter->wants & EPOLLOUT)) {
		cor_connection_set(c, COR_CONNECTION_ENDING);
		cor_connection_watch_out(c);
		return;
	}
	cor_connection_clear(c, COR_CONNECTION_ENDING);
	if (transport->shutdown(transport, c->watch.fd, SHUT_WR) < 0)
		cor_connection_lose(c);
}

/*
 * Nothing more goes out: wait until the client has seen our end before closing, or a reset would
 * destroy the answer.
 */
static void linger(struct cor_connection *c)
{
	c->phase = COR_PHASE_LINGER;
	cor_connection_drop_input(c);
	end_output(c);
	if (cor_connection_is(c, COR_CONNECTION_LOST))
		return;
	cor_connection_arm(c, LINGER_MS);
	cor_connection_discard(c);
}

/*
 * What it ends with must not be destroyed by bytes that nobody receives, even if they should not
 * have come.
 */
static bool must_linger(const struct cor_connection *c)
{
	return (c->flags & COR_CONNECTION_CLOSING) && !(c->flags & COR_CONNECTION_LOST) &&
	       !c->tail && c->phase != COR_PHASE_LINGER &&
	       (c->filter || (c->flags & (COR_CONNECTION_UNREAD | COR_CONNECTION_READABLE)));
}

/* Close it if it has nothing more to do. Returns whether it is gone. */
COR_OUT_OF_LINE bool cor_connection_settle(struct cor_connection *c)
{
	if (!(c->flags & (COR_CONNECTION_CLOSING | COR_CONNECTION_LOST)) ||
		(c->flags & (COR_CONNECTION_WORKING | COR_CONNECTION_BUSY)))
		return false;
	if (must_linger(c))
		linger(c);
	bool finished = cor_connection_is(c, COR_CONNECTION_CLOSING) && !c->tail &&
			c->phase != COR_PHASE_LINGER;
	if (!cor_connection_is(c, COR_CONNECTION_LOST) && !finished)
		return false;
	destroy(c);
	return true;
}

void cor_connection_cut(struct cor_connection *c)
{
	cor_connection_lose(c);
	if (cor_connection_is(c, COR_CONNECTION_BUSY))
		c->protocol->cut(c->protocol, c);
	cor_connection_settle(c);
}

/* --- work --- */

/* What a receive that brought nothing comes to. */
static void end_of_input(struct cor_connection *c, ssize_t n)
{
	if (n == 0)
		cor_connection_set(c, COR_CONNECTION_CLOSING);
	else if (n != -EAGAIN)
		cor_connection_lose(c);
}

/* Receive into the input, where part of a message is waiting, or more than could be worked off. */
static COR_OUT_OF_LINE bool receive_into_input(struct cor_connection *c)
{
	char *room = cor_connection_room(c, COR_INPUT_FIRST_BYTES);

	if (!room) {
		cor_connection_lose_to(c, COR_LOSS_MEMORY);
		return false;
	}
	ssize_t n = receive(c->loop, c, room, COR_INPUT_FIRST_BYTES);
	if (n <= 0) {
		end_of_input(c, n);
		return false;
	}
	c->input->len += (size_t)n;
	c->protocol->consume(c->protocol, c, c->input->bytes + c->input->at, c->input->len);
	return true;
}

/* Receive once, and work off what came. Returns whether to go on. */
COR_IN_LINE bool receive_and_consume(struct cor_loop *loop, struct cor_connection *c)
{
	if (c->input)
		return receive_into_input(c);
	ssize_t n = receive(loop, c, loop->input, COR_LOOP_INPUT_BYTES);
	if (n <= 0) {
		end_of_input(c, n);
		return false;
	}
	c->protocol->consume(c->protocol, c, loop->input, (size_t)n);
	return true;
}

static inline void idle(struct cor_loop *loop, struct cor_connection *c)
{
	if (c->phase != COR_PHASE_IDLE ||
		(c->flags & (COR_CONNECTION_OBSTACLES | COR_CONNECTION_SILENT)))
		return;
	struct cor_scheduler *scheduler = loop->scheduler;
	cor_timer_arm(scheduler, &c->timer, cor_clock_now(scheduler) + loop->idle_ns);
}

/* Nothing is in the way of beginning something further, and there may be bytes of it. */
static inline bool may_receive(const struct cor_connection *c)
{
	return (c->flags & (COR_CONNECTION_READABLE | COR_CONNECTION_OBSTACLES)) ==
	       COR_CONNECTION_READABLE;
}

/* One receive brings all that most clients have sent. */
static COR_OUT_OF_LINE void receive_further(struct cor_connection *c)
{
	int left = RECEIVES_AT_ONCE - 1;

	while (may_receive(c) && receive_and_consume(c->loop, c)) {
		if (--left != 0)
			continue;
		cor_connection_look_again(c);
		return;
	}
}

/* Returns false if the connection is gone. */
bool cor_connection_work(struct cor_connection *c)
{
	struct cor_loop *loop = c->loop;

	cor_connection_set(c, COR_CONNECTION_WORKING);
	loop->rest_at = c->requests_left - REQUESTS_AT_ONCE;
	if (COR_UNLIKELY(c->input != NULL) && c->phase == COR_PHASE_IDLE &&
		cor_connection_may_begin(c))
		c->protocol->consume(c->protocol, c, c->input->bytes + c->input->at, c->input->len);
	if (may_receive(c) && receive_and_consume(loop, c) && COR_UNLIKELY(may_receive(c)))
		receive_further(c);
	cor_connection_flush(c);
	idle(loop, c);
	cor_connection_clear(c, COR_CONNECTION_WORKING);
	return cor_connection_may_begin(c) || !cor_connection_settle(c);
}

/* A timer that is due immediately fires when the loop has looked at its descriptors. */
void cor_connection_rest(struct cor_connection *c)
{
	cor_connection_set(c, COR_CONNECTION_RESTING);
	cor_connection_arm(c, 0);
}

void cor_connection_begin_waiting(struct cor_connection *c)
{
	cor_connection_set(c, COR_CONNECTION_BUSY);
	c->phase = COR_PHASE_BUSY;
}

void cor_connection_resume(struct cor_connection *c)
{
	cor_connection_clear(c, COR_CONNECTION_BUSY);
	c->phase = COR_PHASE_IDLE;
	cor_connection_work(c);
}

void cor_connection_expect_rest(struct cor_connection *c)
{
	if (c->phase == COR_PHASE_PARTIAL)
		return;
	c->phase = COR_PHASE_PARTIAL;
	cor_connection_arm(c, c->protocol->begin_timeout_ms);
}

/*
 * A client that keeps its connection may be about to ask: it may do so once more, and is told then
 * that it is the last time.
 */
void cor_connection_retire(struct cor_connection *c)
{
	c->protocol->drain(c->protocol, c);
	if (cor_connection_is(c, COR_CONNECTION_SHAKING))
		cor_connection_arm(c, COR_LAST_REQUEST_MS);
	if (c->phase != COR_PHASE_IDLE || !cor_connection_may_begin(c))
		return;
	/* a request may have arrived that no event has announced yet */
	cor_connection_set(c, COR_CONNECTION_READABLE);
	cor_connection_clear(c, COR_CONNECTION_SILENT);
	cor_connection_work(c);
}

/* --- events --- */

/*
 * The client has gone: whether what it had sent is still to be worked off. A reset of TCP takes
 * that with it, but a unix socket that was closed is like the end of a stream, except that nobody
 * waits for an answer. When both ends are shut, what came last is still to be discarded.
 */
static bool leaves_work(const struct cor_connection *c)
{
	if (c->phase == COR_PHASE_LINGER)
		return true;
	if (cor_connection_other_end(c)->family != 0)
		return false;
	return !cor_connection_is(c, COR_CONNECTION_BUSY) ||
	       c->protocol->leaves_work(c->protocol, c);
}

/* Or the end of its handshake. */
static void expect_first_bytes(struct cor_connection *c)
{
	bool is_shaking = cor_connection_is(c, COR_CONNECTION_SHAKING) && c->filter;
	uint32_t ms = is_shaking ? c->loop->settings->handshake_timeout_ms
				 : c->protocol->begin_timeout_ms;

	cor_connection_arm(c, c->loop->draining ? COR_LAST_REQUEST_MS : ms);
}

/* First whom a proxy introduces, then what the filter agrees on with the client. */
static int step(struct cor_connection *c)
{
	bool is_awaited = c->introduction && c->introduction->bytes;
	int rc = is_awaited ? cor_introduction_hear(c) : 0;

	if (rc < 0 || !c->filter)
		return rc;
	if (is_awaited)
		expect_first_bytes(c);
	return c->filter->ops->handshake(c->filter);
}

static void begin_protocol(struct cor_connection *c)
{
	const struct cor_filter_choice *chosen = c->filter ? c->filter->chosen : NULL;

	if (chosen)
		c->protocol = chosen->protocol;
	cor_count(&c->loop->counts->handshakes, c->filter != NULL);
	expect_first_bytes(c);
}

void cor_connection_shake_hands(struct cor_connection *c)
{
	int rc = step(c);

	if (rc == -EAGAIN) {
		cor_connection_watch_out(c);
		return;
	}
	cor_handshake_end(c);
	cor_connection_watch_out(c);
	if (rc < 0 && !c->filter) {
		cor_connection_lose(c);
	} else if (rc < 0) {
		cor_handshake_has_failed(c, rc);
	} else {
		begin_protocol(c);
	}
	cor_connection_set(c, COR_CONNECTION_READABLE);
}

/* In a drain each step has a second: the thread may have been held before it saw the last one. */
static void go_on_shaking(struct cor_connection *c)
{
	cor_connection_shake_hands(c);
	if (cor_connection_is(c, COR_CONNECTION_SHAKING) && c->loop->draining)
		cor_connection_arm(c, COR_LAST_REQUEST_MS);
}

static void note(struct cor_connection *c, uint32_t events)
{
	if (events & EPOLLRDHUP)
		cor_connection_set(c, COR_CONNECTION_HALF_CLOSED);
	if (events & EPOLLPRI)
		cor_connection_set(c, COR_CONNECTION_URGENT);
	if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLPRI | EPOLLERR | EPOLLHUP)) || c->filter)
		cor_connection_set(c, COR_CONNECTION_READABLE);
}

/* There may be room to send more. Returns false if the connection is gone. */
bool cor_connection_make_room(struct cor_connection *c)
{
	cor_connection_send_tail(c);
	if (!cor_connection_is(c, COR_CONNECTION_BUSY) && cor_connection_settle(c))
		return false;
	if (!c->tail && c->phase == COR_PHASE_PARTIAL)
		cor_connection_arm(c, c->protocol->begin_timeout_ms); /* the tail had the timer */
	return true;
}

/* With whatever its phase is about. */
void cor_connection_go_on(struct cor_connection *c)
{
	if (cor_connection_is(c, COR_CONNECTION_BUSY)) {
		c->protocol->wake(c->protocol, c);
	} else if (c->phase == COR_PHASE_LINGER) {
		if (cor_connection_is(c, COR_CONNECTION_ENDING))
			end_output(c);
		cor_connection_discard(c);
		cor_connection_settle(c);
	} else {
		cor_connection_work(c);
	}
}

/* Not just bytes for a connection that waits for some. */
static COR_OUT_OF_LINE void ready_for_more(struct cor_connection *c, uint32_t events)
{
	if ((events & (EPOLLERR | EPOLLHUP)) && !leaves_work(c)) {
		cor_connection_cut(c);
		return;
	}
	note(c, events);
	if (cor_connection_is(c, COR_CONNECTION_SHAKING))
		go_on_shaking(c);
	if (c->tail && ((events & EPOLLOUT) || c->filter) && !cor_connection_make_room(c))
		return;
	cor_connection_go_on(c);
}

static void ready(struct cor_watch *watch, uint32_t events)
{
	struct cor_connection *c = cor_container_of(watch, struct cor_connection, watch);

	if (events != EPOLLIN || !cor_connection_may_begin(c)) {
		ready_for_more(c, events);
		return;
	}
	cor_connection_set(c, COR_CONNECTION_READABLE);
	cor_connection_work(c);
}

/* --- the beginning --- */

static struct cor_connection *make(
	struct cor_listener *listener, int fd, const struct cor_address *peer)
{
	struct cor_loop *loop = listener->loop;
	struct cor_connection *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	int64_t age_ms = loop->settings->connection_age_s * INT64_C(1000);
	int64_t retire_ns = cor_clock_after_ms(cor_clock_now(loop->scheduler), age_ms);
	c->loop = loop;
	c->protocol = listener->protocol;
	c->watch = (struct cor_watch){ .fd = fd, .ready = ready };
	c->timer.fire = cor_connection_timed_out;
	c->requests_left = loop->settings->requests_per_connection;
	c->retire_s = retire_ns / COR_NS_PER_S < UINT32_MAX - 1
			      ? (uint32_t)(retire_ns / COR_NS_PER_S + 1)
			      : UINT32_MAX;
	c->peer = cor_peer_of(peer);
	return c;
}

static void link_into_loop(struct cor_connection *c)
{
	struct cor_loop *loop = c->loop;

	c->next = loop->connections;
	if (c->next)
		c->next->previous = c;
	loop->connections = c;
	cor_count(&loop->counts->connections, 1);
}

int cor_connection_open(struct cor_listener *listener, int fd, const struct cor_address *peer)
{
	struct cor_loop *loop = listener->loop;

	if (listener->filters && !cor_handshake_may_begin(loop))
		return -ECANCELED;
	struct cor_connection *c = make(listener, fd, peer);
	int rc = c ? 0 : -ENOMEM;

	if (rc == 0 && listener->has_proxy_header)
		rc = cor_introduction_await(c, listener);
	else if (rc == 0 && listener->filters)
		rc = cor_handshake_begin(c, listener);
	if (rc == 0)
		rc = cor_reactor_add(loop->scheduler, &c->watch, COR_CONNECTION_EVENTS);
	if (rc < 0) {
		if (c && c->filter) {
			cor_handshake_end(c);
			c->filter->ops->destroy(c->filter);
		}
		if (c)
			cor_introduction_destroy(c->introduction);
		free(c);
		return rc;
	}
	link_into_loop(c);
	expect_first_bytes(c);
	if (cor_connection_is(c, COR_CONNECTION_SHAKING)) {
		cor_connection_shake_hands(c);
		cor_connection_work(c);
	}
	return 0;
}
