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

/** No more clients into its queue, which all threads share: a late one is refused, or at the latest once it is closed. */
void cor_listener_close_queue(struct cor_listener *listener);

/** Accept all that is queued. Returns whether nobody is left: it may be that no more can be accepted yet. */
bool cor_listener_empty_queue(struct cor_listener *listener);

/** Listen no longer, in no thread or process that shares it: who is still queued is reset. The descriptor stays open. */
void cor_listener_close(struct cor_listener *listener);

#endif
