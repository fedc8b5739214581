/* SPDX-License-Identifier: MIT */
#include "topic/topics.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "runtime/clock.h"

#define NS_PER_US 1000

/*
 * Ids of a later life are higher than those of an earlier one, as long as a topic has fewer than a
 * million messages a second. JavaScript can tell them apart until the year 2255.
 */
static uint64_t first_id(void)
{
	return (uint64_t)cor_system_clock.realtime_ns(&cor_system_clock) / NS_PER_US;
}

static int add(struct cor_topics *topics, const struct cor_topic *topic)
{
	struct cor_topic_ring *ring = NULL;
	int rc = cor_topic_board_ring(topics->board, topic->name, first_id(), &ring);

	if (rc == 0)
		rc = cor_topic_hub_init(&topics->hubs[topics->len], topic, ring);
	if (rc == 0)
		topics->len++;
	return rc;
}

/* With room for its own rings. Pages that nobody writes cost nothing. */
static int make_board(struct cor_topics *topics, size_t len)
{
	size_t bytes = offsetof(struct cor_topic_board, rings) +
		       len * sizeof(struct cor_topic_ring);

	topics->board = calloc(1, bytes);
	return topics->board ? cor_topic_board_init(topics->board, bytes) : -ENOMEM;
}

static int make(struct cor_topics *topics, const struct cor_topics_options *options, size_t len)
{
	int rc = -pthread_mutex_init(&topics->mutex, NULL);

	topics->board = options->board;
	topics->is_shared = options->board != NULL;
	if (rc == 0 && !topics->is_shared)
		rc = make_board(topics, len);
	for (size_t i = 0; rc == 0 && options->topics[i]; i++)
		rc = add(topics, options->topics[i]);
	if (rc == 0 && topics->is_shared)
		topics->postman.desk = cor_topic_board_desk(topics->board, options->slot);
	return rc;
}

int cor_topics_create(const struct cor_topics_options *options, struct cor_topics **ret)
{
	size_t len = 0;

	while (options->topics[len])
		len++;
	struct cor_topics *topics = calloc(1, sizeof *topics + len * sizeof topics->hubs[0]);
	if (!topics)
		return -ENOMEM;
	int rc = make(topics, options, len);
	if (rc < 0)
		cor_topics_destroy(topics);
	else
		*ret = topics;
	return rc;
}

void cor_topics_close(struct cor_topics *topics)
{
	for (size_t i = 0; topics && i < topics->len; i++)
		cor_topic_hub_close(&topics->hubs[i]);
}

void cor_topics_destroy(struct cor_topics *topics)
{
	if (!topics)
		return;
	if (topics->has_postman)
		cor_topic_postman_stop(&topics->postman);
	for (size_t i = 0; i < topics->len; i++)
		cor_topic_hub_finish(&topics->hubs[i]);
	if (!topics->is_shared)
		free(topics->board);
	pthread_mutex_destroy(&topics->mutex);
	free(topics);
}

struct cor_topic_hub *cor_topics_find(struct cor_topics *topics, const struct cor_topic *topic)
{
	for (size_t i = 0; topics && i < topics->len; i++)
		if (topics->hubs[i].topic == topic)
			return &topics->hubs[i];
	return NULL;
}

int cor_topics_listen(struct cor_topics *topics)
{
	int rc = 0;

	if (!topics->is_shared)
		return 0;
	pthread_mutex_lock(&topics->mutex);
	if (!topics->has_postman) {
		topics->postman.hubs = topics->hubs;
		topics->postman.hubs_len = topics->len;
		rc = cor_topic_postman_start(&topics->postman);
		topics->has_postman = rc == 0;
	}
	pthread_mutex_unlock(&topics->mutex);
	return rc;
}
