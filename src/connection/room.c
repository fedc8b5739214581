/* SPDX-License-Identifier: MIT */
#include "connection/room.h"

#include <poll.h>

#include "base/compiler.h"
#include "connection/connection.h"
#include "connection/listener.h"

#define BUSY_FLAGS (COR_CONNECTION_OBSTACLES | COR_CONNECTION_SILENT)

/* When it became idle: behind its last request, or when it was opened. */
static int64_t idle_since(const struct cor_connection *c)
{
	bool is_new = c->requests_left == c->loop->settings->requests_per_connection;

	return c->timer.due_ns -
	       (is_new ? c->protocol->begin_timeout_ms * (int64_t)COR_NS_PER_MS : c->loop->idle_ns);
}

static struct cor_connection *idle_longest(const struct cor_loop *loop)
{
	int64_t latest = cor_clock_now(loop->scheduler) - COR_ROOM_IDLE_MS * COR_NS_PER_MS;
	struct cor_connection *longest = NULL;

	for (struct cor_connection *c = loop->connections; c; c = c->next) {
		if (c->phase != COR_PHASE_IDLE || (c->flags & BUSY_FLAGS) || idle_since(c) > latest)
			continue;
		latest = idle_since(c);
		longest = c;
	}
	return longest;
}

static bool make_here(struct cor_loop *loop)
{
	struct cor_connection *c = idle_longest(loop);

	if (c)
		cor_timer_arm(loop->scheduler, &c->timer, cor_clock_now(loop->scheduler));
	return c != NULL;
}

/* A slot is looked for before it is known whether there is a client for it. */
static bool is_somebody_waiting(const struct cor_loop *loop)
{
	const struct cor_transport *transport = loop->scheduler->transport;

	for (size_t i = 0; i < loop->listeners_len; i++)
		if (transport->wait(transport, loop->listeners[i].watch.fd, POLLIN, 0) > 0)
			return true;
	return false;
}

void cor_room_make(struct cor_loop *loop)
{
	const struct cor_loop_group *group = loop->group;

	if (loop->draining || !is_somebody_waiting(loop) || make_here(loop))
		return;
	for (uint32_t i = 0; i < group->loops_len; i++) {
		struct cor_loop *other = group->loops[i];
		if (other != loop && !atomic_load(&other->failed) &&
			!atomic_exchange(&other->room_posted, true))
			cor_scheduler_post(other->scheduler, &other->room_wanted);
	}
}

void cor_room_asked(struct cor_task *task)
{
	struct cor_loop *loop = cor_container_of(task, struct cor_loop, room_wanted);

	atomic_store(&loop->room_posted, false);
	(void)make_here(loop);
}
