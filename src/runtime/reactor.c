/* SPDX-License-Identifier: MIT */
#include "runtime/reactor.h"

#include <errno.h>
#include <unistd.h>

#include "runtime/scheduler.h"

int cor_reactor_init(struct cor_reactor *reactor)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0)
		return -errno;
	reactor->fd = fd;
	reactor->at = 0;
	reactor->fetched = 0;
	return 0;
}

void cor_reactor_finish(struct cor_reactor *reactor)
{
	close(reactor->fd);
}

static int control(
	struct cor_scheduler *scheduler, int operation, struct cor_watch *watch, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	return epoll_ctl(scheduler->reactor.fd, operation, watch->fd, &event) < 0 ? -errno : 0;
}

int cor_reactor_add(struct cor_scheduler *scheduler, struct cor_watch *watch, uint32_t events)
{
	return control(scheduler, EPOLL_CTL_ADD, watch, events);
}

int cor_reactor_change(struct cor_scheduler *scheduler, struct cor_watch *watch, uint32_t events)
{
	return control(scheduler, EPOLL_CTL_MOD, watch, events);
}

void cor_reactor_remove(struct cor_scheduler *scheduler, struct cor_watch *watch)
{
	(void)control(scheduler, EPOLL_CTL_DEL, watch, 0);
	cor_reactor_forget(scheduler, watch);
}

void cor_reactor_forget(struct cor_scheduler *scheduler, struct cor_watch *watch)
{
	struct cor_reactor *reactor = &scheduler->reactor;

	for (int i = reactor->at; i < reactor->fetched; i++)
		if (reactor->events[i].data.ptr == watch)
			reactor->events[i].data.ptr = NULL;
}

int cor_reactor_fetch(struct cor_reactor *reactor, int timeout_ms)
{
	int count = epoll_wait(reactor->fd, reactor->events, COR_REACTOR_BATCH, timeout_ms);

	if (count < 0)
		return errno == EINTR ? 0 : -errno;
	reactor->fetched = count;
	return 0;
}

void cor_reactor_dispatch(struct cor_reactor *reactor)
{
	while (reactor->at < reactor->fetched) {
		struct epoll_event *event = &reactor->events[reactor->at++];
		struct cor_watch *watch = event->data.ptr;

		if (watch)
			watch->ready(watch, event->events);
	}
	reactor->at = 0;
	reactor->fetched = 0;
}
