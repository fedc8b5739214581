/* SPDX-License-Identifier: MIT */
#include "connection/listener.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include <coracle/error.h>

#include "connection/connection.h"
#include "observe/logger.h"

/*
 * In one event: other threads get their share of a burst, and requests of earlier connections their
 * turn.
 */
#define ACCEPTS_AT_ONCE 64

/* An accepted client on its way to another loop. */
struct handover {
	struct cor_task task;
	struct cor_listener *to;
	int fd;
	struct cor_address peer;
};

/* The client is counted, here and in its group. */
static void open_here(struct cor_listener *listener, int fd, const struct cor_address *peer)
{
	struct cor_loop *loop = listener->loop;
	const struct cor_transport *transport = loop->scheduler->transport;
	int rc = loop->cut ? -ECANCELED : cor_connection_open(listener, fd, peer);

	if (rc == 0)
		return;
	transport->close(transport, fd);
	const struct cor_peer whose = cor_peer_of(peer);
	cor_peers_give(&loop->group->peers, &whose);
	cor_loop_connection_gone(loop);
	if (rc != -ECANCELED)
		cor_loop_pause(loop, cor_strerror(rc));
}

static void arrive(struct cor_task *task)
{
	struct handover *handover = cor_container_of(task, struct handover, task);

	open_here(handover->to, handover->fd, &handover->peer);
	free(handover);
}

/* One that has failed looks for the last time when nobody is handing it a client any more. */
static bool try_to_post(struct handover *handover)
{
	struct cor_loop *loop = handover->to->loop;

	atomic_fetch_add(&loop->handing, 1);
	bool works = !atomic_load(&loop->failed);
	if (works) {
		atomic_fetch_add(&loop->connections_len, 1);
		cor_scheduler_post(loop->scheduler, &handover->task);
	}
	atomic_fetch_sub(&loop->handing, 1);
	return works;
}

/* Returns false where there is no memory for it, or nobody who takes it. */
static bool hand_over(struct cor_listener *to, int fd, const struct cor_address *peer)
{
	struct handover *handover = malloc(sizeof *handover);

	if (!handover)
		return false;
	*handover = (struct handover){ .task.run = arrive, .to = to, .fd = fd, .peer = *peer };
	if (try_to_post(handover))
		return true;
	free(handover);
	return false;
}

/*
 * The client has as many connections as it may have. It is told nothing, as nothing is known of
 * what it speaks.
 */
static COR_COLD void refuse(struct cor_loop *loop, int fd, const struct cor_address *peer)
{
	const struct cor_transport *transport = loop->scheduler->transport;
	char text[COR_ADDRESS_TEXT_BYTES];

	transport->close(transport, fd);
	cor_loops_give_slot(loop->group);
	cor_count(&loop->counts->refused[COR_REFUSED_PEER], 1);
	if (!cor_loops_may_complain(loop->group, cor_clock_now(loop->scheduler)))
		return;
	cor_address_print_host(peer, text);
	cor_logger_log(loop->logger, COR_LOG_WARNING, NULL,
		"%s has as many connections as one client may have: others are closed "
		"(--connections-per-peer %" PRIu32 ")",
		text, loop->group->share->connections_per_peer);
}

static bool is_welcome(const struct cor_listener *listener, const struct cor_address *peer)
{
	struct cor_peers *peers = &listener->loop->group->peers;

	if (COR_LIKELY(peers->max == 0) || listener->protocol->is_of_proxies)
		return true;
	const struct cor_peer whose = cor_peer_of(peer);
	return cor_peers_take(peers, &whose);
}

/* A loop that drains keeps whom it accepts: the others may have nothing to do any more. */
static void place(struct cor_listener *listener, int fd, const struct cor_address *peer)
{
	struct cor_loop *loop = listener->loop;
	if (!is_welcome(listener, peer)) {
		refuse(loop, fd, peer);
		return;
	}
	struct cor_loop *best = loop->draining ? loop : cor_loops_least_loaded(loop->group, loop);

	if (best != loop && hand_over(&best->listeners[listener - loop->listeners], fd, peer))
		return;
	atomic_fetch_add(&loop->connections_len, 1);
	open_here(listener, fd, peer);
}

/* To another process. One that drains keeps whom it accepts, as a loop does. */
static bool send_away(
	struct cor_listener *listener, int fd, const struct cor_address *peer, uint32_t others)
{
	struct cor_loop *loop = listener->loop;
	const struct cor_siblings *siblings = loop->group->share->siblings;
	const struct cor_transport *transport = loop->scheduler->transport;

	if (!siblings || loop->draining)
		return false;
	const struct cor_parcel parcel = { .listener = (uint32_t)(listener - loop->listeners),
		.peer = *peer };
	if (!cor_siblings_hand_over(siblings, others, &parcel, fd))
		return false;
	transport->close(transport, fd);
	cor_loops_give_slot(loop->group);
	return true;
}

/* What is spoken there is not known, so it is told nothing. */
static COR_COLD void refuse_parcel(struct cor_loop *loop, const struct cor_parcel *parcel, int fd)
{
	const struct cor_transport *transport = loop->scheduler->transport;

	transport->close(transport, fd);
	cor_logger_log(loop->logger, COR_LOG_ERROR, NULL,
		"another worker has handed over a client of listener %" PRIu32
		", of which there are %zu: its connection is closed; please report this",
		parcel->listener, loop->listeners_len);
}

bool cor_listener_take_parcel(struct cor_loop *loop)
{
	struct cor_parcel parcel;
	int fd = cor_siblings_receive(loop->group->share->siblings, &parcel);

	if (!cor_siblings_has_spare(loop->group->share->siblings))
		cor_loop_rest_inbox(loop, cor_strerror(-EMFILE));
	if (fd < 0)
		return false;
	if (parcel.listener >= loop->listeners_len) {
		refuse_parcel(loop, &parcel, fd);
		return true;
	}
	cor_loops_adopt(loop->group);
	place(&loop->listeners[parcel.listener], fd, &parcel.peer);
	return true;
}

static bool take_slot(struct cor_loop *loop)
{
	if (cor_loops_take_slot(loop->group, loop))
		return true;
	cor_loop_wait_for_slot(loop);
	return false;
}

/* This client has gone; the next one may be here. */
static bool is_next_to_be_tried(int rc)
{
	return rc == -ECONNABORTED || rc == -EINTR || rc == -EPROTO;
}

/* Or nobody listens any more. */
static bool is_nobody_there(int rc)
{
	return rc == -EAGAIN || rc == -EINVAL;
}

static bool may_pass_on(const struct cor_loop *loop)
{
	struct cor_siblings *siblings = loop->group->share->siblings;

	return siblings && !loop->draining && cor_siblings_use_spare(siblings);
}

/*
 * A worker that is told of a client has taken the notice from those who could accept it
 * (EPOLLEXCLUSIVE), so the client must go on to one of them. The slot is taken. Returns whether
 * there may be more.
 */
static COR_COLD bool pass_on(struct cor_listener *listener)
{
	struct cor_loop *loop = listener->loop;
	const struct cor_transport *transport = loop->scheduler->transport;
	struct cor_address peer;
	int fd = transport->accept(transport, listener->watch.fd, &peer);

	if (fd < 0)
		cor_loops_give_slot(loop->group);
	else if (!send_away(listener, fd, &peer, UINT32_MAX)) /* whoever has room has fewer */
		place(listener, fd, &peer);
	if (cor_siblings_has_spare(loop->group->share->siblings))
		return fd >= 0;
	cor_loop_pause(loop, cor_strerror(-EMFILE));
	return false;
}

/* Returns whether there may be more. */
static bool accept_one(struct cor_listener *listener)
{
	struct cor_loop *loop = listener->loop;
	const struct cor_transport *transport = loop->scheduler->transport;
	struct cor_address peer;

	if (!take_slot(loop))
		return false;
	int fd = transport->accept(transport, listener->watch.fd, &peer);
	if (fd == -EMFILE && may_pass_on(loop))
		return pass_on(listener);
	if (fd >= 0) {
		if (!send_away(listener, fd, &peer, atomic_load(loop->group->connections) - 1))
			place(listener, fd, &peer);
		return true;
	}
	cor_loops_give_slot(loop->group);
	if (is_next_to_be_tried(fd))
		return true;
	if (!is_nobody_there(fd))
		cor_loop_pause(loop, cor_strerror(fd));
	return false;
}

static void ready(struct cor_watch *watch, uint32_t events)
{
	struct cor_listener *listener = cor_container_of(watch, struct cor_listener, watch);

	(void)events;
	for (int i = 0; i < ACCEPTS_AT_ONCE && listener->watched; i++)
		if (!accept_one(listener))
			break;
}

bool cor_listener_empty_queue(struct cor_listener *listener)
{
	while (!listener->loop->paused && accept_one(listener))
		;
	return !listener->loop->paused;
}

void cor_listener_init(struct cor_listener *listener, struct cor_loop *loop,
	const struct cor_listener_options *options)
{
	*listener = (struct cor_listener){
		.watch = { .fd = options->fd, .ready = ready },
		.loop = loop,
		.protocol = options->protocol,
		.filters = options->filters,
		.choices = options->choices,
		.place = options->place,
		.has_proxy_header = options->has_proxy_header,
	};
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
