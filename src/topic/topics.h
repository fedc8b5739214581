/* SPDX-License-Identifier: MIT */
/** The topics of a service in one process. */
#ifndef CORACLE_TOPIC_TOPICS_H
#define CORACLE_TOPIC_TOPICS_H

#include <pthread.h>
#include <stdbool.h>

#include "topic/board.h"
#include "topic/hub.h"
#include "topic/postman.h"

struct cor_topics_options {
	const struct cor_topic *const *topics; /* NULL at the end; checked */
	struct cor_topic_board *board; /* that processes share; NULL: there is no other process */
	uint32_t slot;                 /* of this one, of COR_TOPIC_DESKS */
};

struct cor_topics {
	struct cor_topic_board *board;
	bool is_shared;
	pthread_mutex_t mutex; /* for the start of the postman */
	bool has_postman;
	struct cor_topic_postman postman;
	size_t len;
	struct cor_topic_hub hubs[];
};

/**
 * Make them. Returns 0, -ENOMEM, or as cor_topic_board_ring(). What the options point to outlives
 * them. The caller owns *ret.
 */
int cor_topics_create(
	const struct cor_topics_options *options, struct cor_topics **ret) COR_CHECKED;

/** Nobody receives any more: what is in queues can still be taken. NULL is allowed. Any thread. */
void cor_topics_close(struct cor_topics *topics);

/** Free them. Nobody publishes, and nobody has subscribed any more. NULL is allowed. */
void cor_topics_destroy(struct cor_topics *topics);

/** The hub of a topic; NULL: it is not one of these. Any thread. */
struct cor_topic_hub *cor_topics_find(struct cor_topics *topics, const struct cor_topic *topic);

/** Somebody is about to subscribe: listen for other processes. Returns 0, or -EAGAIN. */
int cor_topics_listen(struct cor_topics *topics) COR_CHECKED;

#endif
