/* SPDX-License-Identifier: MIT */
/**
 * A topic in one process: what was read of its ring, and who has subscribed.
 *
 * Life: idle (nobody has subscribed: nothing is read) <-> active. An active hub reads its ring
 * whenever somebody of the process publishes or the postman calls, and brings each message to every
 * branch. It has what the topic keeps, for subscribers that come again.
 */
#ifndef CORACLE_TOPIC_HUB_H
#define CORACLE_TOPIC_HUB_H

#include <pthread.h>
#include <stdbool.h>

#include "topic/branch.h"
#include "topic/message.h"
#include "topic/ring.h"

struct cor_subscription;

/** Where a hub counts: cells that its process alone writes, from any of its threads. */
struct cor_topic_figures {
	_Atomic uint64_t *subscribers;
	_Atomic uint64_t *published;
	_Atomic uint64_t *dropped;
};

struct cor_topic_hub {
	const struct cor_topic *topic;
	struct cor_topic_ring *ring;
	struct cor_topic_figures figures;
	_Atomic uint64_t own_figures[3]; /* where nobody reads them */
	_Atomic uint32_t has_stuck;      /* a process that was stopped has the ring */

	pthread_mutex_t mutex; /* for all that follows; never held over a yield */
	uint32_t subscribers;  /* 0: it is idle */
	uint64_t position;     /* in the ring */
	uint64_t next_id;      /* of the message there */
	char *room;            /* for what is read */
	size_t room_bytes;
	struct cor_topic_queue kept;
	struct cor_topic_branch *branches;
	bool is_closed;
};

static inline uint32_t cor_topic_queue_messages(const struct cor_topic *topic)
{
	return topic->queue_messages ? topic->queue_messages : COR_QUEUE_MESSAGES;
}

static inline size_t cor_topic_queue_bytes(const struct cor_topic *topic)
{
	return topic->queue_bytes ? topic->queue_bytes : COR_QUEUE_BYTES;
}

static inline size_t cor_topic_message_bytes(const struct cor_topic *topic)
{
	return topic->message_bytes ? topic->message_bytes : COR_TOPIC_MESSAGE_BYTES;
}

/** Make one, idle, of a ring that outlives it. Returns 0 or the code of pthread_mutex_init(). */
int cor_topic_hub_init(struct cor_topic_hub *hub, const struct cor_topic *topic,
	struct cor_topic_ring *ring) COR_CHECKED;

/** Nobody has subscribed any more. */
void cor_topic_hub_finish(struct cor_topic_hub *hub);

/** Write into the ring. Returns as cor_topic_publish(). */
int cor_topic_hub_write(struct cor_topic_hub *hub, const struct cor_topic_draft *draft) COR_CHECKED;

/**
 * Bring what is in the ring to the subscribers. Returns 0, or -EBUSY: a process that was stopped
 * has the ring. Any thread.
 */
int cor_topic_hub_read(struct cor_topic_hub *hub);

/** Wait for a process that was stopped as it had the ring, for a fifth of a second at most. */
void cor_topic_hub_await(struct cor_topic_hub *hub);

/** Whether there is something to read, and somebody to read it. Any thread. */
bool cor_topic_hub_has_more(struct cor_topic_hub *hub);

/**
 * Let it in, with the messages that are kept and came after `after` (0: none). It is zeroed.
 * Returns 0, -ENOMEM, -EBUSY or -COR_ECLOSED.
 */
int cor_topic_hub_enter(struct cor_topic_hub *hub, struct cor_subscription *subscription,
	uint64_t after) COR_CHECKED;

/** Let it out. On its own thread. */
void cor_topic_hub_exit(struct cor_topic_hub *hub, struct cor_subscription *subscription);

/** No more messages come: all receives end. Any thread. */
void cor_topic_hub_close(struct cor_topic_hub *hub);

/** Subscribers of a branch have not got `n` messages, all together. Any thread. */
void cor_topic_hub_count_dropped(struct cor_topic_hub *hub, uint64_t n);

#endif
