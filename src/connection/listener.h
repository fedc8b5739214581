/* SPDX-License-Identifier: MIT */
/**
 * A listening socket in one loop's reactor. The descriptor is shared by the loops, and belongs to
 * somebody else.
 */
#ifndef CORACLE_CONNECTION_LISTENER_H
#define CORACLE_CONNECTION_LISTENER_H

#include <stdbool.h>

#include "connection/loop.h"
#include "runtime/reactor.h"

struct cor_listener {
	struct cor_watch watch;
	struct cor_loop *loop;
	struct cor_protocol *protocol;
	const struct cor_filter_source *filters;
	const struct cor_filter_choice *choices;
	const char *place;
	bool has_proxy_header;
	bool watched;
};

/** A listener that is not watched yet. */
void cor_listener_init(struct cor_listener *listener, struct cor_loop *loop,
	const struct cor_listener_options *options);

/** Accept from it, or stop to. Returns 0 or the errno of epoll. */
int cor_listener_watch(struct cor_listener *listener, bool on) COR_CHECKED;

/**
 * Accept all that is queued. Returns whether nobody is left: it may be that no more can be accepted
 * yet.
 */
bool cor_listener_empty_queue(struct cor_listener *listener);

/** Serve the next client that a sibling has handed over, if there is one. Returns whether. */
bool cor_listener_take_parcel(struct cor_loop *loop);

#endif
