/* SPDX-License-Identifier: MIT */
/**
 * What one thread of a server has: its scheduler, its listeners, its connections, and the buffers
 * they share.
 *
 * An idle connection holds no buffer: bytes are received into the loop's one input buffer and
 * answers are gathered in its one output buffer, which is sent once a readable event has been
 * worked off.
 */
#ifndef CORACLE_CONNECTION_LOOP_H
#define CORACLE_CONNECTION_LOOP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "connection/counts.h"
#include "connection/group.h"
#include "connection/settings.h"
#include "runtime/scheduler.h"

#define COR_WHILE_WAITING_MS 100
#define COR_LAST_REQUEST_MS  1000 /* in a drain, for whoever is about to ask */
#define COR_LOOP_INPUT_BYTES (64 * 1024)
#define COR_LOOP_OUTPUT_KEEP (64 * 1024)

struct cor_connection;
struct cor_delivery;
struct cor_filter;
struct cor_filter_choice;
struct cor_filter_source;
struct cor_listener;
struct cor_logger;
struct cor_protocol;
struct cor_tail;

/** How a drain leaves the listening sockets. */
enum cor_drain_mode {
	COR_DRAIN_LEAVE, /* to the others that have them: clients queued there are theirs */
	COR_DRAIN_CLOSE, /* to nobody: queued clients are served, then they stop listening */
};

struct cor_loop {
	struct cor_scheduler *scheduler;
	const struct cor_connection_settings *settings;
	struct cor_loop_group *group;
	struct cor_counts *counts;
	struct cor_logger *logger; /* NULL: no lines */
	struct cor_listener *listeners;
	size_t listeners_len;

	struct cor_connection *connections; /* all of them */
	_Atomic uint32_t connections_len;   /* read by the others; those on their way here count */

	char *input;   /* COR_LOOP_INPUT_BYTES */
	bool has_more; /* after a receive: there may be more in the socket */
	struct cor_buffer output;
	struct cor_delivery *deliveries; /* who wants to know what becomes of bytes in output */
	struct cor_delivery *deliveries_last;
	/* Those that still shake hands. */
	struct cor_filter *oldest_handshake;
	struct cor_filter *newest_handshake;
	/* Of connections whose client does not take its answers; who took some last is last. */
	struct cor_tail *tails;
	struct cor_tail *tails_last;
	int64_t idle_ns;           /* for a connection's next request */
	uint32_t requests_waiting; /* whose fiber has parked and has not ended */
	/*
	 * Fires a while after one has begun to wait; armed by its owner after that. NULL: nobody
	 * asks.
	 */
	struct cor_timer *while_waiting;
	/* The connection that is worked on: so many requests left, then others have their turn. */
	uint32_t rest_at;

	struct cor_timer drain_timer;
	struct cor_timer pause_timer;
	struct cor_watch
		inbox; /* of the siblings' clients; fd -1: another loop has it, or nobody */
	struct cor_task slot_free;
	struct cor_task crowded;
	struct cor_task room_wanted;
	bool draining;
	bool cut;             /* what was in progress when the drain was over has been cut */
	bool emptied;         /* in a drain: nobody is queued any more */
	bool inbox_rests;     /* it takes no clients of siblings for now */
	bool paused;          /* accepts nothing for now; in a drain: clients may be queued still */
	_Atomic bool waiting; /* to be told when a connection goes, anywhere in the group */
	_Atomic bool slot_free_posted;
	_Atomic bool crowded_posted;
	_Atomic bool room_posted;
	_Atomic bool failed;      /* it turns no more, or never did */
	_Atomic uint32_t handing; /* threads that are handing it a client */
};

/** A socket to listen on, which others may share. */
struct cor_listener_options {
	int fd;
	/* What is spoken there, this loop's: unless a client agrees with the filter on another. */
	struct cor_protocol *protocol;
	const struct cor_filter_source *filters; /* NULL: none */
	const struct cor_filter_choice *choices; /* of its clients; outlives the loop; NULL: none */
	const char
		*place; /* its address in words, by which filters know it; NULL: the same for all */
	bool has_proxy_header; /* each connection begins with one */
};

struct cor_loop_options {
	const struct cor_connection_settings *settings;
	struct cor_loop_group *group;
	uint32_t index; /* of the loop in its group */
	struct cor_logger *logger;
	const struct cor_seams *seams; /* NULL: the system's */
	const struct cor_listener_options *listeners;
	size_t listeners_len;
};

/**
 * Make the loop ready: scheduler, buffers, watches on the listeners. What the options point to
 * outlives the loop. Returns 0, -ENOMEM or the errno of epoll. The loop may be run by another
 * thread than the one that made it.
 */
int cor_loop_init(struct cor_loop *loop, const struct cor_loop_options *options) COR_CHECKED;

/**
 * Serve until cor_loop_end(). Returns 0 or the negative errno of the reactor: its connections are
 * cut then, and the group goes on without it.
 */
int cor_loop_run(struct cor_loop *loop) COR_CHECKED;

/**
 * End each connection with its next answer, within the drain timeout; cut what is left then. With
 * COR_DRAIN_CLOSE those who are queued are accepted first. On the loop's thread.
 */
void cor_loop_drain(struct cor_loop *loop, enum cor_drain_mode mode);

/** Cut everything, while it drains. On the loop's thread. */
void cor_loop_cut(struct cor_loop *loop);

/** The same, and take no clients of siblings either. */
void cor_loop_rest_inbox(struct cor_loop *loop, const char *why);

/** Accept nothing for a moment: accepting has failed, and `why`. */
void cor_loop_pause(struct cor_loop *loop, const char *why);

/** Accept nothing until a connection of the group goes: cor_loops_take_slot() has found none. */
void cor_loop_wait_for_slot(struct cor_loop *loop);

/** A request begins to wait. */
static inline void cor_loop_request_waits(struct cor_loop *loop)
{
	struct cor_timer *timer = loop->while_waiting;

	loop->requests_waiting++;
	if (timer && timer->due_ns == COR_FOREVER)
		cor_timer_arm(loop->scheduler, timer,
			cor_clock_after(cor_clock_now(loop->scheduler), COR_WHILE_WAITING_MS));
}

/** Told by a connection that has gone. */
void cor_loop_connection_gone(struct cor_loop *loop);

/**
 * Let cor_loop_run() return: cancel what still runs next to the requests, and wait for its end. On
 * the loop's thread.
 */
void cor_loop_end(struct cor_loop *loop);

void cor_loop_finish(struct cor_loop *loop);

#endif
