/* SPDX-License-Identifier: MIT */
/**
 * The loops of a server, and what they have in common: one count of connections against one limit,
 * clients spread over all of them, and an end that they reach together.
 */
#ifndef CORACLE_CONNECTION_GROUP_H
#define CORACLE_CONNECTION_GROUP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "connection/counts.h"
#include "connection/crowd.h"
#include "connection/peers.h"
#include "connection/siblings.h"

struct cor_loop;
struct cor_stack_report;
struct cor_trust;

/**
 * What a server may use of its process, or of all processes: handed out by whoever makes the
 * server.
 */
struct cor_share {
	uint32_t connections_max;
	uint32_t connections_per_peer; /* 0: no limit */
	uint32_t fibers_max;           /* over all loops */
	uint64_t unsent_max_bytes;     /* of answers that clients have not taken, over all loops */
	struct cor_counts *counts;     /* a slot for each loop */
	struct cor_stack_report *const *stacks; /* of each loop; NULL or one of them NULL: unread */
	struct cor_siblings *siblings;          /* NULL: no other process has the sockets */
};

struct cor_loop_group {
	const struct cor_share *share;
	const struct cor_trust *trust; /* proxies; NULL: none is trusted */
	struct cor_loop *const *loops;
	uint32_t loops_len;
	/*
	 * A loop that drains has found nobody queued: all have the same queues, so nobody needs the
	 * sockets any more. Once, on its thread.
	 */
	void (*on_emptied)(struct cor_loop_group *group);
	/* All have drained, and no connection is left. Once, on the thread of the last. */
	void (*on_drained)(struct cor_loop_group *group);

	/* private */
	struct cor_crowd crowd;
	struct cor_peers peers;
	/* open, or on their way from one loop to another; siblings, if there are any, see it */
	_Atomic uint32_t *connections;
	_Atomic uint32_t own_connections;
	_Atomic uint32_t waiting;   /* loops that wait for a connection to go */
	_Atomic uint32_t undrained; /* loops that may accept still, and all connections */
	_Atomic bool is_emptied;
	_Atomic uint32_t handshakes; /* in progress */
	_Atomic int64_t quiet_until_ns;
	_Atomic int64_t told_until_ns;
};

/** Ready for loops_len loops. The rest of the members is the caller's to set. */
void cor_loops_init(struct cor_loop_group *group, uint32_t loops_len);

/** When no loop of it is left. */
void cor_loops_finish(struct cor_loop_group *group);

/**
 * Take one of the connections that the limit allows. Returns false if there is none: `loop` waits
 * for one to go then.
 */
bool cor_loops_take_slot(struct cor_loop_group *group, struct cor_loop *loop);

/** A client has come from a sibling: it is here, whatever the limit says. */
void cor_loops_adopt(struct cor_loop_group *group);

/** A connection has gone, or could not be accepted: whoever waits may accept again. */
void cor_loops_give_slot(struct cor_loop_group *group);

/** Who gets the next client of `loop`: itself, unless another has notably fewer connections. */
struct cor_loop *cor_loops_least_loaded(const struct cor_loop_group *group, struct cor_loop *loop);

/** A loop that drains has accepted all that was queued. Once for each loop. */
void cor_loops_emptied(struct cor_loop_group *group);

/** Whether all have drained, and no connection is left. Any thread. */
bool cor_loops_has_drained(const struct cor_loop_group *group);

/** A loop has failed, with `connections` of them open: nobody waits for it or for them. */
void cor_loops_abandon(struct cor_loop_group *group, uint32_t connections, bool is_emptied);

/**
 * Whether a trouble with accepting is worth a line: not while the last one is less than ten seconds
 * ago.
 */
bool cor_loops_may_complain(struct cor_loop_group *group, int64_t now_ns);

/** The same of clients who are no trouble but their own: their silence does not grow. */
bool cor_loops_may_tell(struct cor_loop_group *group, int64_t now_ns);

#endif
