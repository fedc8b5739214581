/* SPDX-License-Identifier: MIT */
#include "outbound/connection.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include <coracle/clock.h>
#include <coracle/fiber.h>

#include "base/compiler.h"
#include "runtime/clock.h"
#include "runtime/scheduler.h"
#include "runtime/scope.h"
#include "runtime/seams.h"

#define CALL "cor_http_call" /* in which all of this waits */

#define SHARE_BYTES (256 * 1024)
#define TRY_BYTES   4096          /* what a try costs, in bytes: small pieces are the dear ones */
#define LOOKED_NS   COR_NS_PER_MS /* a loop that has looked since then would have told */

static void ready(struct cor_watch *watch, uint32_t events)
{
	struct cor_outbound_connection *connection = cor_container_of(
		watch, struct cor_outbound_connection, watch);

	if (events & EPOLLIN)
		connection->state |= COR_OUTBOUND_READABLE;
	if (events & EPOLLOUT)
		connection->state |= COR_OUTBOUND_WRITABLE;
	if (events & (EPOLLRDHUP | EPOLLPRI | EPOLLHUP | EPOLLERR))
		connection->state |= COR_OUTBOUND_READABLE | COR_OUTBOUND_ENDING;
	if (events & (EPOLLHUP | EPOLLERR))
		connection->state |= COR_OUTBOUND_WRITABLE;

	struct cor_outbound_alarm *alarm = connection->alarm;
	struct cor_wait *wait = alarm->wait;
	if (wait && (connection->state & alarm->wanted)) {
		alarm->wait = NULL;
		cor_wait_signal(wait);
	} else if (connection->lost && (connection->state & COR_OUTBOUND_READABLE)) {
		connection->lost(connection);
	}
}

/* A unix listener with a full queue says so, but not when that ends. */
static int start_connecting(
	const struct cor_transport *transport, int fd, const struct cor_address *peer)
{
	int rc = transport->connect(transport, fd, peer);

	while (rc == -EAGAIN) {
		rc = cor_sleep_ms(1);
		if (rc == 0)
			rc = transport->connect(transport, fd, peer);
	}
	return rc;
}

int cor_outbound_start(const struct cor_address *peer, struct cor_outbound_connection **ret)
{
	const struct cor_transport *transport = cor_transport_here();
	struct cor_outbound_connection *connection = malloc(sizeof *connection);

	if (!connection)
		return -ENOMEM;
	int fd = transport->open(transport, peer->any.sa_family);
	if (fd < 0) {
		free(connection);
		return fd;
	}
	*connection = (struct cor_outbound_connection){
		.watch = { .fd = fd, .ready = ready },
		.transport = transport,
		.peer = *peer,
	};
	connection->alarm = &connection->own_alarm;
	int rc = start_connecting(transport, fd, peer);
	if (rc < 0 && rc != -EINPROGRESS) {
		cor_outbound_close(connection);
		return rc;
	}
	if (rc == 0)
		connection->state = COR_OUTBOUND_WRITABLE;
	*ret = connection;
	return rc;
}

int cor_outbound_register(struct cor_outbound_connection *connection)
{
	struct cor_scheduler *scheduler = cor_this_thread.scheduler;

	if (connection->scheduler == scheduler)
		return 0;
	int rc = cor_reactor_add(scheduler, &connection->watch,
		EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET);
	if (rc < 0 && rc != -EEXIST) /* it was forgotten, but is there */
		return rc;
	connection->scheduler = scheduler;
	return 0;
}

static int wait_in_fiber(struct cor_outbound_connection *connection, uint8_t wanted)
{
	struct cor_outbound_alarm *alarm = &connection->own_alarm;
	struct cor_wait wait;
	int rc = cor_outbound_register(connection);

	if (rc < 0)
		return rc;
	cor_wait_begin(&wait, CALL);
	*alarm = (struct cor_outbound_alarm){ &wait, wanted };
	connection->moved = 0;
	rc = cor_wait(&wait, COR_FOREVER);
	alarm->wait = NULL;
	return rc;
}

/* Nobody says which of the events it is: both are tried. */
static int wait_in_thread(struct cor_outbound_connection *connection, uint8_t wanted)
{
	const struct cor_transport *transport = connection->transport;
	short events = (short)((wanted & COR_OUTBOUND_READABLE ? POLLIN : 0) |
			       (wanted & COR_OUTBOUND_WRITABLE ? POLLOUT : 0));
	int rc = 0;

	while (rc == 0) {
		rc = cor_scope_error();
		if (rc < 0)
			return cor_wait_fail(CALL, rc);
		rc = transport->wait(
			transport, connection->watch.fd, events, cor_scope_remaining_ms());
	}
	if (rc < 0)
		return rc;
	connection->state |= wanted;
	return 0;
}

int cor_outbound_wait(struct cor_outbound_connection *connection, uint8_t wanted)
{
	if (connection->state & wanted)
		return 0;
	return cor_fiber_current() ? wait_in_fiber(connection, wanted)
				   : wait_in_thread(connection, wanted);
}

/* A time that has come already: the loop looks at all descriptors first. */
static COR_COLD int pass(struct cor_outbound_connection *connection)
{
	struct cor_wait wait;

	connection->moved = 0;
	if (!cor_fiber_current())
		return 0;
	cor_wait_begin(&wait, CALL);
	int rc = cor_wait(&wait, cor_monotonic_ns());
	return rc == -ETIMEDOUT ? cor_scope_error() : rc;
}

int cor_outbound_take_turns(struct cor_outbound_connection *connection)
{
	return COR_UNLIKELY(connection->moved >= SHARE_BYTES) ? pass(connection) : 0;
}

static void count_moved(struct cor_outbound_connection *connection, ssize_t bytes)
{
	connection->moved += TRY_BYTES;
	if (bytes > 0)
		connection->moved += bytes < SHARE_BYTES ? (uint32_t)bytes : SHARE_BYTES;
}

/*
 * After less than was asked for the loop tells of more, but not again of an end that it has told of
 * already.
 */
ssize_t cor_outbound_try_receive(
	struct cor_outbound_connection *connection, void *buffer, size_t size)
{
	bool more = true;
	ssize_t got = connection->transport->receive(
		connection->transport, connection->watch.fd, buffer, size, &more);

	count_moved(connection, got);
	if (got == -EAGAIN || (got > 0 && !more && !(connection->state & COR_OUTBOUND_ENDING)))
		connection->state &= (uint8_t)~COR_OUTBOUND_READABLE;
	return got;
}

ssize_t cor_outbound_receive(struct cor_outbound_connection *connection, void *buffer, size_t size)
{
	ssize_t got = cor_scope_state(); /* what need not wait ends with the scope all the same */

	if (got < 0)
		return cor_wait_fail(CALL, (int)got);
	do {
		int rc = cor_outbound_take_turns(connection);
		if (rc == 0)
			rc = cor_outbound_wait(connection, COR_OUTBOUND_READABLE);
		if (rc < 0)
			return rc;
		got = cor_outbound_try_receive(connection, buffer, size);
	} while (got == -EAGAIN);
	return got;
}

ssize_t cor_outbound_try_send(
	struct cor_outbound_connection *connection, const struct iovec *parts, int count)
{
	const struct cor_transport *transport = connection->transport;
	int fd = connection->watch.fd;
	ssize_t sent = count == 1 ? transport->send(transport, fd, parts->iov_base, parts->iov_len)
				  : transport->send_vector(transport, fd, parts, count);

	count_moved(connection, sent);
	if (sent == -EAGAIN)
		connection->state &= (uint8_t)~COR_OUTBOUND_WRITABLE;
	return sent;
}

bool cor_outbound_has_more(struct cor_outbound_connection *connection)
{
	char byte;

	if (connection->state & COR_OUTBOUND_ENDING)
		return true;
	/* the last receive was full, so nobody knows */
	return (connection->state & COR_OUTBOUND_READABLE) &&
	       cor_outbound_try_receive(connection, &byte, 1) != -EAGAIN;
}

/* Not if it was busy with a fiber that computes, or with many. */
static bool loop_would_have_told(const struct cor_outbound_connection *connection)
{
	const struct cor_scheduler *scheduler = cor_this_thread.scheduler;

	return cor_fiber_current() && connection->scheduler == scheduler &&
	       cor_clock_fresh(scheduler) - scheduler->looked_ns < LOOKED_NS;
}

bool cor_outbound_is_stale(struct cor_outbound_connection *connection)
{
	const struct cor_transport *transport = connection->transport;

	if (cor_outbound_has_more(connection))
		return true;
	if (loop_would_have_told(connection))
		return false;
	return transport->wait(transport, connection->watch.fd, POLLIN, 0) != 0;
}

int cor_outbound_release(struct cor_outbound_connection *connection)
{
	int fd = connection->watch.fd;

	/* Elsewhere, or after its loop has ended, nobody is told of it. */
	if (connection->scheduler && connection->scheduler == cor_this_thread.scheduler)
		cor_reactor_remove(connection->scheduler, &connection->watch);
	free(connection);
	return fd;
}

void cor_outbound_close(struct cor_outbound_connection *connection)
{
	const struct cor_transport *transport = connection->transport;

	transport->close(transport, cor_outbound_release(connection));
}
