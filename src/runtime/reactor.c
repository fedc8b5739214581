/* SPDX-License-Identifier: MIT */
#include "runtime/reactor.h"

#include <errno.h>
#include <unistd.h>

#include "runtime/scheduler.h"

static int open_epoll(const struct cor_poller *poller)
{
	(void)poller;
	int fd = epoll_create1(EPOLL_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int control_epoll(
	const struct cor_poller *poller, int poll, int operation, int fd, struct epoll_event *event)
{
	(void)poller;
	return epoll_ctl(poll, operation, fd, event) < 0 ? -errno : 0;
}

static int wait_epoll(const struct cor_poller *poller, int poll, struct epoll_event *events,
	int max, const struct cor_poll_until *until)
{
	(void)poller;
	int count = epoll_wait(poll, events, max, until->timeout_ms);
	if (count < 0)
		return errno == EINTR ? 0 : -errno;
	return count;
}

static void close_epoll(const struct cor_poller *poller, int poll)
{
	(void)poller;
	close(poll);
}

const struct cor_poller cor_system_poller = {
	.open = open_epoll,
	.control = control_epoll,
	.wait = wait_epoll,
	.close = close_epoll,
};

int cor_reactor_init(struct cor_reactor *reactor, const struct cor_poller *poller)
{
	int poll = poller->open(poller);

	if (poll < 0)
		return poll;
	reactor->poller = poller;
	reactor->poll = poll;
	reactor->at = 0;
	reactor->fetched = 0;
	return 0;
}

void cor_reactor_finish(struct cor_reactor *reactor)
{
	reactor->poller->close(reactor->poller, reactor->poll);
}

static int control(
	struct cor_scheduler *scheduler, int operation, struct cor_watch *watch, uint32_t events)
{
	const struct cor_reactor *reactor = &scheduler->reactor;
	struct epoll_event event = { .events = events, .data.ptr = watch };

	return reactor->poller->control(
		reactor->poller, reactor->poll, operation, watch->fd, &event);
}

int cor_reactor_add(struct cor_scheduler *scheduler, struct cor_watch *watch, uint32_t events)
{
	return control(scheduler, EPOLL_CTL_ADD, watch, events);
}

int cor_reactor_change(struct cor_scheduler *scheduler, struct cor_watch *watch, uint32_t events)
{
	return control(scheduler, EPOLL_CTL_MOD, watch, events);
}

/*
 * To close the descriptor is not enough: epoll goes on while a child has a copy of it, as between
 * fork() and exec().
 */
void cor_reactor_remove(struct cor_scheduler *scheduler, struct cor_watch *watch)
{
	struct cor_reactor *reactor = &scheduler->reactor;

	(void)control(scheduler, EPOLL_CTL_DEL, watch, 0);
	for (int i = reactor->at; i < reactor->fetched; i++)
		if (reactor->events[i].data.ptr == watch)
			reactor->events[i].data.ptr = NULL;
}

int cor_reactor_fetch(struct cor_reactor *reactor, const struct cor_poll_until *until)
{
	int count = reactor->poller->wait(
		reactor->poller, reactor->poll, reactor->events, COR_REACTOR_BATCH, until);

	if (count < 0)
		return count;
	reactor->fetched = count;
	return 0;
}

void cor_reactor_dispatch(struct cor_reactor *reactor)
{
	const struct epoll_event *end = reactor->events + reactor->fetched;

	for (const struct epoll_event *event = reactor->events; event != end; event++) {
		struct cor_watch *watch = event->data.ptr;

		reactor->at++;
		if (watch)
			watch->ready(watch, event->events);
	}
	reactor->at = 0;
	reactor->fetched = 0;
}
