/* SPDX-License-Identifier: MIT */
#include "world/poller.h"

#include <errno.h>

#include "world/network.h"

static int open_poll(const struct cor_poller *poller)
{
	struct cor_world *world = WORLD_OF(poller, poller);

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
	struct cor_world *world = WORLD_OF(poller, poller);

	if (fd < FIRST_NUMBER)
		return -EPERM; /* one of the system */
	struct cor_world_socket *socket = cor_world_socket_of(world, fd);
	struct cor_world_watch *watch = &socket->watches[index_of(poll)];

	if (watch->on == (operation == EPOLL_CTL_ADD))
		return watch->on ? -EEXIST : -ENOENT;
	watch->on = operation != EPOLL_CTL_DEL;
	if (!watch->on)
		return 0;
	watch->mask = event->events | EPOLLERR | EPOLLHUP;
	watch->data = event->data;
	watch->edge = cor_network_readiness(world, socket);
	return 0;
}

/* Both for those who watch the edge and for those who watch the level. */
static uint32_t take_events(const struct cor_world *world, const struct cor_world_socket *socket,
	struct cor_world_watch *watch)
{
	if (!watch->on)
		return 0;
	if ((watch->mask & EPOLLET) && (watch->edge & watch->mask) == 0)
		return 0;
	watch->edge = 0;
	return cor_network_readiness(world, socket) & watch->mask;
}

#define LOOK_NS (5 * COR_NS_PER_MS) /* work may end without a word to anybody here */

/* Time goes on as it does outside. */
static void wait_for_outside(struct cor_world *world, int64_t due_ns)
{
	const struct cor_clock *real = world->outside.real;
	int64_t began_ns = real->monotonic_ns(real), most_ns = due_ns - world->now_ns;
	int64_t until_ns = began_ns + (most_ns < LOOK_NS ? most_ns : LOOK_NS);
	const struct timespec until = { until_ns / COR_NS_PER_S, until_ns % COR_NS_PER_S };

	pthread_mutex_lock(&world->mutex);
	while (!world->is_woken &&
		pthread_cond_timedwait(&world->moves, &world->mutex, &until) != ETIMEDOUT)
		;
	world->is_woken = false;
	pthread_mutex_unlock(&world->mutex);
	int64_t waited_ns = real->monotonic_ns(real) - began_ns;
	int64_t ended_ns = world->now_ns + waited_ns;
	world->waited_ns += waited_ns;
	world->now_ns = ended_ns < due_ns ? ended_ns : due_ns;
}

static int wait_poll(const struct cor_poller *poller, int poll, struct epoll_event *events, int max,
	const struct cor_poll_until *until)
{
	struct cor_world *world = WORLD_OF(poller, poller);
	int count = 0;

	world->polls++;
	world->due_ns[index_of(poll)] = until->due_ns;
	for (int i = 0; i < SOCKETS && count < max; i++) {
		struct cor_world_socket *socket = world->sockets[i];
		if (!socket)
			continue;
		struct cor_world_watch *watch = &socket->watches[index_of(poll)];
		uint32_t ready = take_events(world, socket, watch);
		if (ready != 0)
			events[count++] = (struct epoll_event){ ready, watch->data };
	}
	if (count != 0 || until->timeout_ms == 0)
		return count;
	if (world->outside.is_busy && world->outside.is_busy(world->outside.arg)) {
		wait_for_outside(world, until->due_ns);
		return 0;
	}
	world->idle = true;
	if (world->holds)
		return 0;
	if (until->due_ns == COR_FOREVER)
		return -EDEADLK;
	world->clock.sleep_until(&world->clock, until->due_ns);
	return 0;
}

/* Loops take turns on one thread; work outside of the world is on others. */
static void wake(const struct cor_poller *poller, int poll)
{
	struct cor_world *world = WORLD_OF(poller, poller);

	(void)poll;
	pthread_mutex_lock(&world->mutex);
	world->is_woken = true;
	pthread_cond_signal(&world->moves);
	pthread_mutex_unlock(&world->mutex);
}

static void close_poll(const struct cor_poller *poller, int poll)
{
	WORLD_OF(poller, poller)->polls_open[index_of(poll)] = false;
}

const struct cor_poller cor_world_poller = { open_poll, control, wait_poll, wake, close_poll };
