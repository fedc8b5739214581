/* SPDX-License-Identifier: MIT */
/**
 * The thread that listens for what other processes publish. There is one in each process that has
 * subscribers, from the first of them on.
 */
#ifndef CORACLE_TOPIC_POSTMAN_H
#define CORACLE_TOPIC_POSTMAN_H

#include <pthread.h>
#include <stdbool.h>

#include "topic/board.h"
#include "topic/hub.h"

struct cor_topic_postman {
	struct cor_topic_desk *desk;
	struct cor_topic_hub *hubs;
	size_t hubs_len;
	pthread_t thread;
	_Atomic uint32_t is_ending;
};

/** Start it; the caller has set the first three members. Returns 0 or the errno of pthread_create.
 */
int cor_topic_postman_start(struct cor_topic_postman *postman) COR_CHECKED;

/** End it, and wait until it has ended. */
void cor_topic_postman_stop(struct cor_topic_postman *postman);

#endif
