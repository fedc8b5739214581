/* SPDX-License-Identifier: MIT */
#include "connection/deadlines.h"

#include <poll.h>

#include "connection/connection.h"
#include "connection/handshake.h"
#include "connection/introduction.h"
#include "runtime/filter.h"

/*
 * A client is judged by what it has done, not by what the loop has been told of: timers fire before
 * the loop looks at its descriptors, and one look tells of so many at most. So each judgement looks
 * at the socket first.
 */

static uint64_t count_of(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

/* As the loop would be told: a little room is no reason to write. */
static bool has_room(const struct cor_connection *c)
{
	const struct cor_transport *transport = c->loop->scheduler->transport;

	return transport->wait(transport, c->watch.fd, POLLOUT, 0) > 0;
}

/* What the client has done is not known yet: a filter wants to send first, and can. */
static bool is_ours_to_go_on(const struct cor_connection *c)
{
	return c->filter && (c->filter->wants & EPOLLOUT) && has_room(c);
}

/* The others have their turn first. */
static void judge_again(struct cor_connection *c)
{
	cor_connection_arm(c, 0);
}

static void idle_for_too_long(struct cor_connection *c)
{
	const _Atomic uint64_t *received = &c->loop->counts->bytes_received;
	uint64_t before = count_of(received);

	cor_connection_set(c, COR_CONNECTION_READABLE);
	if (!cor_connection_work(c) || count_of(received) != before)
		return;
	if (is_ours_to_go_on(c)) {
		judge_again(c);
		return;
	}
	if (c->protocol->end)
		c->protocol->end(c->protocol, c);
	cor_connection_set(c, COR_CONNECTION_CLOSING);
	cor_connection_settle(c);
}

static void give_up_begun(struct cor_connection *c)
{
	cor_connection_set(c, COR_CONNECTION_WORKING);
	c->protocol->timed_out(c->protocol, c);
	cor_connection_flush(c);
	cor_connection_clear(c, COR_CONNECTION_WORKING);
	cor_connection_settle(c);
}

/* Whether its timer has been armed since it fired: what was due is over. */
static bool goes_on(const struct cor_connection *c)
{
	return c->timer.due_ns != COR_FOREVER;
}

static void begun_for_too_long(struct cor_connection *c)
{
	cor_connection_set(c, COR_CONNECTION_READABLE);
	if (!cor_connection_work(c) || c->phase != COR_PHASE_PARTIAL || goes_on(c))
		return;
	/* it has had its share, and the rest is here still */
	if (cor_connection_is(c, COR_CONNECTION_READABLE) || is_ours_to_go_on(c))
		judge_again(c);
	else
		give_up_begun(c);
}

/* Its client is judged only for the time that it is waited for. */
static bool waits_for_disk(struct cor_connection *c)
{
	if (c->tail->disk_ns == 0)
		return false;
	if (!goes_on(c))
		cor_connection_await_client(c);
	return true;
}

static void untaken_for_too_long(struct cor_connection *c)
{
	const _Atomic uint64_t *sent = &c->loop->counts->bytes_sent;
	uint64_t before = count_of(sent);

	if (has_room(c) && !cor_connection_make_room(c))
		return;
	if (count_of(sent) != before) {
		cor_connection_go_on(c);
		return;
	}
	if (!cor_connection_is(c, COR_CONNECTION_LOST) &&
		(waits_for_disk(c) || cor_connection_waits_on(c)))
		return;
	cor_connection_lose_to(c, COR_LOSS_PACE);
	cor_connection_cut(c);
}

static void give_up_handshake(struct cor_connection *c)
{
	if (c->filter)
		cor_handshake_is_late(c);
	else
		cor_introduction_is_late(c);
	cor_connection_cut(c);
}

static void shaken_for_too_long(struct cor_connection *c)
{
	cor_connection_shake_hands(c);
	if (!cor_connection_is(c, COR_CONNECTION_SHAKING)) {
		cor_connection_work(c);
	} else if (is_ours_to_go_on(c)) {
		judge_again(c);
	} else {
		give_up_handshake(c);
	}
}

/* What has come is discarded, or closing would reset what the client has not read yet. */
static void lingered_for_too_long(struct cor_connection *c)
{
	cor_connection_set(c, COR_CONNECTION_READABLE);
	cor_connection_discard(c);
	cor_connection_cut(c);
}

void cor_connection_timed_out(struct cor_timer *timer)
{
	struct cor_connection *c = cor_container_of(timer, struct cor_connection, timer);

	if (cor_connection_is(c, COR_CONNECTION_LOST)) {
		cor_connection_cut(c);
	} else if (cor_connection_is(c, COR_CONNECTION_SHAKING)) {
		shaken_for_too_long(c);
	} else if (c->phase == COR_PHASE_LINGER) {
		lingered_for_too_long(c);
	} else if (cor_connection_is(c, COR_CONNECTION_RESTING)) {
		cor_connection_clear(c, COR_CONNECTION_RESTING);
		cor_connection_work(c);
	} else if (c->tail) {
		untaken_for_too_long(c);
	} else if (c->phase == COR_PHASE_PARTIAL) {
		begun_for_too_long(c);
	} else if (c->phase == COR_PHASE_IDLE) {
		idle_for_too_long(c);
	}
	/* BUSY: the request's own deadlines rule */
}
