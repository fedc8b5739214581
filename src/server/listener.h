/* SPDX-License-Identifier: MIT */
/** A listening socket in one thread's reactor. The descriptor is shared by the threads and belongs to the server. */
#ifndef CORACLE_SERVER_LISTENER_H
#define CORACLE_SERVER_LISTENER_H

#include <stdbool.h>

#include "runtime/reactor.h"

struct cor_server_loop;

struct cor_listener {
	struct cor_watch watch;
	struct cor_server_loop *loop;
	bool watched;
};

/** Accept from it, or stop to. Returns 0 or the errno of epoll. */
int cor_listener_watch(struct cor_listener *listener, bool on);

/** A listener over `fd`, not watched yet. */
void cor_listener_init(struct cor_listener *listener, struct cor_server_loop *loop, int fd);

/** Accept what is queued, for the last time. */
void cor_listener_drain(struct cor_listener *listener);

#endif
