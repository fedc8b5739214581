/* SPDX-License-Identifier: MIT */
#include "poller.h"

#include <errno.h>

#include "network.h"

static int open_poll(const struct cor_poller *poller)
{
	(void)poller;
	return FIRST_NUMBER - 1;
}

static int control(
	const struct cor_poller *poller, int poll, int operation, int fd, struct epoll_event *event)
{
	struct world *world = WORLD_OF(poller, poller);
	struct socket *socket = socket_of(world, fd);

	(void)poll;
	if (socket->watched == (operation == EPOLL_CTL_ADD))
		return socket->watched ? -EEXIST : -ENOENT;
	socket->watched = operation != EPOLL_CTL_DEL;
	if (!socket->watched)
		return 0;
	socket->mask = event->events | EPOLLERR | EPOLLHUP;
	socket->told = event->data;
	socket->edge = network_readiness(world, socket);
	return 0;
}

/* Both for those who watch the edge and for those who watch the level. */
static uint32_t take_events(const struct world *world, struct socket *socket)
{
	uint32_t events = network_readiness(world, socket) & socket->mask;

	if (!socket->watched)
		return 0;
	if ((socket->mask & EPOLLET) && (socket->edge & socket->mask) == 0)
		return 0;
	socket->edge = 0;
	return events;
}

static int wait_poll(const struct cor_poller *poller, int poll, struct epoll_event *events, int max,
	const struct cor_poll_until *until)
{
	struct world *world = WORLD_OF(poller, poller);
	int count = 0;

	(void)poll;
	world->polls++;
	world->due_ns = until->due_ns;
	for (int i = 0; i < SOCKETS && count < max; i++) {
		struct socket *socket = world->sockets[i];
		uint32_t ready = socket ? take_events(world, socket) : 0;
		if (ready != 0)
			events[count++] = (struct epoll_event){ ready, socket->told };
	}
	if (count != 0 || until->timeout_ms == 0)
		return count;
	world->idle = true;
	if (world->holds)
		return 0;
	if (until->due_ns == COR_FOREVER)
		return -EDEADLK;
	world->clock.sleep_until(&world->clock, until->due_ns);
	return 0;
}

/* There is one thread: whoever wakes is not the one who waits. */
static void wake(const struct cor_poller *poller, int poll)
{
	(void)poller;
	(void)poll;
}

static void close_poll(const struct cor_poller *poller, int poll)
{
	(void)poller;
	(void)poll;
}

const struct cor_poller world_poller = { open_poll, control, wait_poll, wake, close_poll };
