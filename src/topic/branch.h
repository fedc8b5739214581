/* SPDX-License-Identifier: MIT */
/**
 * The subscribers of a topic on one thread. Messages come to the branch once, and wake its thread
 * once; there each subscriber gets its reference, without a lock.
 *
 * A thread outside a scheduler has a branch for each subscription, and looks into it itself.
 */
#ifndef CORACLE_TOPIC_BRANCH_H
#define CORACLE_TOPIC_BRANCH_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/task.h"
#include "topic/message.h"

struct cor_scheduler;
struct cor_subscription;
struct cor_topic_hub;
struct cor_wait;

struct cor_topic_branch {
	struct cor_task task;          /* on its way to the scheduler while it is_posted */
	struct cor_topic_branch *next; /* of the hub, under its lock */
	struct cor_topic_hub *hub;
	struct cor_scheduler *scheduler; /* NULL: a thread outside one */

	/* what publishers touch, too */
	uint32_t lock; /* a spin lock, held for a few instructions */
	bool is_posted;
	bool is_closed;
	struct cor_topic_queue inbox;
	struct cor_wait *wait; /* of a thread outside a scheduler */

	/* of its own thread */
	struct cor_subscription *subscriptions;
	bool is_closed_here; /* they know */
	bool is_left;        /* by the last one: it is freed when the task has arrived */
};

/** Make one for the calling thread. NULL: no memory. */
struct cor_topic_branch *cor_topic_branch_create(struct cor_topic_hub *hub);

/** Nobody knows it any more, and its last subscriber has gone. On its own thread. */
void cor_topic_branch_leave(struct cor_topic_branch *branch);

/**
 * Bring a message, with a reference of its own. If the thread is so far behind that there is no
 * room, one is dropped; subscribers see that by the ids. Any thread.
 */
void cor_topic_branch_bring(struct cor_topic_branch *branch, struct cor_topic_message *message);

/** No more messages come. Any thread. */
void cor_topic_branch_close(struct cor_topic_branch *branch);

/** Give the subscribers what has come. On its own thread. Never yields. */
void cor_topic_branch_deliver(struct cor_topic_branch *branch);

/** Outside a scheduler: wait until something has come. Returns as cor_wait(). */
int cor_topic_branch_await(struct cor_topic_branch *branch) COR_CHECKED;

#endif
