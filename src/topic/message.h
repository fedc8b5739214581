/* SPDX-License-Identifier: MIT */
/**
 * A message in a process: one copy for all queues that it is in. Constant once made; any thread.
 */
#ifndef CORACLE_TOPIC_MESSAGE_H
#define CORACLE_TOPIC_MESSAGE_H

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#include <coracle/str.h>

#include "topic/ring.h"

struct cor_topic_message {
	_Atomic uint32_t references;
	uint32_t event_bytes; /* with its NUL */
	size_t data_bytes;    /* without its NUL */
	uint64_t id;
	char texts[]; /* of the event, and the data */
};

/** Make one of a record, whose texts follow it at `texts`, with one reference. NULL: no memory. */
struct cor_topic_message *cor_topic_message_create(
	const struct cor_topic_record *record, const char *texts);

static inline struct cor_topic_message *cor_topic_message_share(struct cor_topic_message *message)
{
	atomic_fetch_add_explicit(&message->references, 1, memory_order_relaxed);
	return message;
}

/** NULL is allowed. */
static inline void cor_topic_message_drop(struct cor_topic_message *message)
{
	if (message &&
		atomic_fetch_sub_explicit(&message->references, 1, memory_order_acq_rel) == 1)
		free(message);
}

/** A message in a queue. */
struct cor_topic_item {
	struct cor_topic_message *message;
	uint64_t passed; /* how many before it were not for the queue's owner */
};

/** Messages in order of arrival, with one reference each. Zeroed, it is empty. One thread. */
struct cor_topic_queue {
	struct cor_topic_item *items;
	uint64_t passed; /* so far */
	uint32_t room;   /* 0, or a power of two */
	uint32_t first;
	uint32_t len;
	size_t bytes; /* of their data */
};

/** Add one at the end, with the caller's reference. Returns 0 or -ENOMEM. */
int cor_topic_queue_add(
	struct cor_topic_queue *queue, struct cor_topic_message *message) COR_CHECKED;

/** One has come that is not for its owner. */
static inline void cor_topic_queue_pass(struct cor_topic_queue *queue)
{
	queue->passed++;
}

/**
 * Take the oldest, with its reference; its message is NULL if there is none. An empty queue gives
 * its memory back.
 */
struct cor_topic_item cor_topic_queue_take(struct cor_topic_queue *queue);

/** The i-th oldest. */
static inline struct cor_topic_message *cor_topic_queue_at(
	const struct cor_topic_queue *queue, uint32_t i)
{
	return queue->items[(queue->first + i) & (queue->room - 1)].message;
}

/** Drop the oldest. */
static inline void cor_topic_queue_drop(struct cor_topic_queue *queue)
{
	cor_topic_message_drop(cor_topic_queue_take(queue).message);
}

/** Drop all of them. */
void cor_topic_queue_clear(struct cor_topic_queue *queue);

#endif
