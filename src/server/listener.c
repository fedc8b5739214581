/* SPDX-License-Identifier: MIT */
#include "server/listener.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>

#include <coracle/error.h>

#include "runtime/scheduler.h"
#include "server/connection.h"
#include "server/loop.h"

/* In one event: other threads get their share of a burst, and requests of earlier connections their turn. */
#define ACCEPTS_AT_ONCE 64

/* Returns whether there may be more. */
static bool accept_one(struct cor_listener *listener)
{
	struct cor_server_loop *loop = listener->loop;

	if (loop->connections_len >= loop->connections_max) {
		cor_loop_pause(loop, "the limit of connections is reached");
		return false;
	}
	const struct cor_transport *transport = loop->scheduler->transport;
	struct cor_address peer;
	int fd = transport->accept(transport, listener->watch.fd, &peer);
	if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM || fd == -ENOBUFS) {
		cor_loop_pause(loop, cor_strerror(fd));
		return false;
	}
	if (fd < 0)
		return fd == -ECONNABORTED || fd == -EINTR;
	(void)!cor_connection_open(loop, fd, &peer); /* a failure has closed it */
	return true;
}

static void ready(struct cor_watch *watch, uint32_t events)
{
	struct cor_listener *listener = (struct cor_listener *)((char *)watch -
								offsetof(struct cor_listener,
									watch));

	(void)events;
	for (int i = 0; i < ACCEPTS_AT_ONCE && listener->watched; i++)
		if (!accept_one(listener))
			break;
}

void cor_listener_close_queue(struct cor_listener *listener)
{
	const struct cor_transport *transport = listener->loop->scheduler->transport;

	/* Where it fails, a client that comes between the last accept and the close is reset. */
	(void)transport->stop_queueing(transport, listener->watch.fd);
}

bool cor_listener_empty_queue(struct cor_listener *listener)
{
	while (!listener->loop->paused && accept_one(listener))
		;
	return !listener->loop->paused;
}

void cor_listener_close(struct cor_listener *listener)
{
	const struct cor_transport *transport = listener->loop->scheduler->transport;

	(void)transport->shutdown(
		transport, listener->watch.fd, SHUT_RD); /* another thread may have */
}

void cor_listener_init(struct cor_listener *listener, struct cor_server_loop *loop, int fd)
{
	*listener = (struct cor_listener){ .watch = { .fd = fd, .ready = ready }, .loop = loop };
}

int cor_listener_watch(struct cor_listener *listener, bool on)
{
	struct cor_scheduler *scheduler = listener->loop->scheduler;
	int rc = 0;

	if (listener->watched == on)
		return 0;
	if (on)
		rc = cor_reactor_add(scheduler, &listener->watch, EPOLLIN | EPOLLEXCLUSIVE);
	else
		cor_reactor_remove(scheduler, &listener->watch);
	if (rc == 0)
		listener->watched = on;
	return rc;
}
