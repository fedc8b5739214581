/* SPDX-License-Identifier: MIT */
#include "poller.h"

#include <errno.h>

#include "network.h"

static int open_poll(const struct cor_poller *poller)
{
	struct world *world = WORLD_OF(poller, poller);

	for (int i = 0; i < POLLS; i++) {
		if (world->polls_open[i])
			continue;
		world->polls_open[i] = true;
		return FIRST_NUMBER - 1 - i;
	}
	return -EMFILE;
}

static int index_of(int poll)
{
	return FIRST_NUMBER - 1 - poll;
}

static int control(
	const struct cor_poller *poller, int poll, int operation, int fd, struct epoll_event *event)
{
	struct world *world = WORLD_OF(poller, poller);
	struct socket *socket = socket_of(world, fd);
	struct watch *watch = &socket->watches[index_of(poll)];

	if (watch->on == (operation == EPOLL_CTL_ADD))
		return watch->on ? -EEXIST : -ENOENT;
	watch->on = operation != EPOLL_CTL_DEL;
	if (!watch->on)
		return 0;
	watch->mask = event->events | EPOLLERR | EPOLLHUP;
	watch->data = event->data;
	watch->edge = network_readiness(world, socket);
	return 0;
}

/* Both for those who watch the edge and for those who watch the level. */
static uint32_t take_events(
	const struct world *world, const struct socket *socket, struct watch *watch)
{
	if (!watch->on)
		return 0;
	if ((watch->mask & EPOLLET) && (watch->edge & watch->mask) == 0)
		return 0;
	watch->edge = 0;
	return network_readiness(world, socket) & watch->mask;
}

static int wait_poll(const struct cor_poller *poller, int poll, struct epoll_event *events, int max,
	const struct cor_poll_until *until)
{
	struct world *world = WORLD_OF(poller, poller);
	int count = 0;

	world->polls++;
	world->due_ns[index_of(poll)] = until->due_ns;
	for (int i = 0; i < SOCKETS && count < max; i++) {
		struct socket *socket = world->sockets[i];
		if (!socket)
			continue;
		struct watch *watch = &socket->watches[index_of(poll)];
		uint32_t ready = take_events(world, socket, watch);
		if (ready != 0)
			events[count++] = (struct epoll_event){ ready, watch->data };
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

/* There is one thread: nobody waits while another wakes. */
static void wake(const struct cor_poller *poller, int poll)
{
	(void)poller;
	(void)poll;
}

static void close_poll(const struct cor_poller *poller, int poll)
{
	WORLD_OF(poller, poller)->polls_open[index_of(poll)] = false;
}

const struct cor_poller world_poller = { open_poll, control, wait_poll, wake, close_poll };
