/* SPDX-License-Identifier: MIT */
/**
 * The reactor tells those who watch a descriptor that it is ready.
 *
 * A watch is memory of the caller's and must stay until it is removed. Events are those of epoll
 * (EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLET ...); EPOLLERR and EPOLLHUP come unasked. `ready` is
 * called on the loop's own stack: it may take, run and wake fibers, but not wait. Once removed a
 * watch never fires again, not even for events that the loop had already fetched.
 */
#ifndef CORACLE_RUNTIME_REACTOR_H
#define CORACLE_RUNTIME_REACTOR_H

#include <stdint.h>
#include <sys/epoll.h>

#include <coracle/api.h>

struct cor_scheduler;

struct cor_watch {
	int fd;
	void (*ready)(struct cor_watch *watch, uint32_t events);
};

/** How long to wait for an event. */
struct cor_poll_until {
	int timeout_ms; /* by the scheduler's clock; 0: only look, -1: no limit */
	/* when its next timer is due, by the same clock; COR_FOREVER: it has none */
	int64_t due_ns;
};

/**
 * The seam for readiness: who knows it. Each returns 0, a count or a negative errno. The data of an
 * event is the pointer that was added with the descriptor.
 *
 * One that has no event, and may wait, moves a clock that nobody else moves to `due_ns`: then time
 * passes as fast as the work is done, and every timer fires at its own nanosecond.
 */
struct cor_poller {
	/* A number for the calls below, which need not be a descriptor. */
	int (*open)(const struct cor_poller *poller);
	/* EPOLL_CTL_ADD, EPOLL_CTL_MOD or EPOLL_CTL_DEL. */
	int (*control)(const struct cor_poller *poller, int poll, int operation, int fd,
		struct epoll_event *event);
	/*
	 * Wait and fetch `max` events at most; 0 when the time was up, or a signal or a call of
	 * wake() came first.
	 */
	int (*wait)(const struct cor_poller *poller, int poll, struct epoll_event *events, int max,
		const struct cor_poll_until *until);
	/*
	 * End a wait that another thread is in, or about to begin. Any thread. NULL where the
	 * poller watches descriptors of the system: the scheduler then adds an eventfd of its own.
	 */
	void (*wake)(const struct cor_poller *poller, int poll);
	void (*close)(const struct cor_poller *poller, int poll);
};

/** The epoll of the system. */
extern const struct cor_poller cor_system_poller;

#define COR_REACTOR_BATCH 256

struct cor_reactor {
	const struct cor_poller *poller;
	int poll;
	int at;      /* events before this one have been handled */
	int fetched; /* events of the batch that is being handled */
	struct epoll_event events[COR_REACTOR_BATCH];
};

/**
 * Watch watch->fd for `events`. Never yields. Returns 0, -ENOMEM, -ENOSPC, -EEXIST (it is watched
 * already) or -EPERM.
 */
int cor_reactor_add(
	struct cor_scheduler *scheduler, struct cor_watch *watch, uint32_t events) COR_CHECKED;

/**
 * Watch for other events from now on. An edge that has been reported is reported again. Returns 0,
 * -ENOENT or -ENOMEM.
 */
int cor_reactor_change(
	struct cor_scheduler *scheduler, struct cor_watch *watch, uint32_t events) COR_CHECKED;

/** Stop watching. Call it before closing the descriptor. */
void cor_reactor_remove(struct cor_scheduler *scheduler, struct cor_watch *watch);

/** Private to the scheduler. Returns 0, -EMFILE, -ENFILE or -ENOMEM. */
int cor_reactor_init(struct cor_reactor *reactor, const struct cor_poller *poller) COR_CHECKED;
void cor_reactor_finish(struct cor_reactor *reactor);

/**
 * Private to the scheduler: wait, and keep what came. Returns 0 or the negative errno of the
 * poller.
 */
int cor_reactor_fetch(struct cor_reactor *reactor, const struct cor_poll_until *until) COR_CHECKED;

/** Private to the scheduler: tell the watchers of what was fetched. */
void cor_reactor_dispatch(struct cor_reactor *reactor);

#endif
