/* SPDX-License-Identifier: MIT */
/**
 * The reactor: tells who watches a descriptor that it became ready.
 *
 * A watch is memory of the caller's and must stay until it is removed. Events are those of epoll (EPOLLIN, EPOLLOUT,
 * EPOLLRDHUP, EPOLLET ...); EPOLLERR and EPOLLHUP come unasked. `ready` is called on the loop's own stack: it may take,
 * run and wake fibers, but not wait. Once removed a watch never fires again, not even for events that
 * the loop had already fetched.
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

/**
 * The seam for readiness: who knows it. Each returns 0, a count or a negative errno. The data of an event is the pointer
 * that was added with the descriptor.
 */
struct cor_poller {
	int (*open)(const struct cor_poller
			*poller); /* the poll's own descriptor, for the calls below */
	/* EPOLL_CTL_ADD, EPOLL_CTL_MOD or EPOLL_CTL_DEL. */
	int (*control)(const struct cor_poller *poller, int poll, int operation, int fd,
		struct epoll_event *event);
	/* Wait for at most `timeout_ms` (-1: no limit) and fetch `max` events at most; 0 when a signal came first. */
	int (*wait)(const struct cor_poller *poller, int poll, struct epoll_event *events, int max,
		int timeout_ms);
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

/** Watch watch->fd for `events`. Never yields. Returns 0, -ENOMEM, -ENOSPC, -EEXIST (it is watched already) or -EPERM. */
int cor_reactor_add(
	struct cor_scheduler *scheduler, struct cor_watch *watch, uint32_t events) COR_CHECKED;

/** Watch for other events from now on. An edge that is there already is told again. Returns 0, -ENOENT or -ENOMEM. */
int cor_reactor_change(
	struct cor_scheduler *scheduler, struct cor_watch *watch, uint32_t events) COR_CHECKED;

/** Watch no longer. Before the descriptor is closed. */
void cor_reactor_remove(struct cor_scheduler *scheduler, struct cor_watch *watch);

/** Private to the scheduler. Returns 0, -EMFILE, -ENFILE or -ENOMEM. */
int cor_reactor_init(struct cor_reactor *reactor, const struct cor_poller *poller) COR_CHECKED;
void cor_reactor_finish(struct cor_reactor *reactor);

/** Private to the scheduler: wait for at most `timeout_ms` (-1: no limit). Returns 0 or the negative errno of epoll. */
int cor_reactor_fetch(struct cor_reactor *reactor, int timeout_ms) COR_CHECKED;

/** Private to the scheduler: tell the watchers of what was fetched. */
void cor_reactor_dispatch(struct cor_reactor *reactor);

#endif
