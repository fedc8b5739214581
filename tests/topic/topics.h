/* SPDX-License-Identifier: MIT */
/* Topics without a service: what tests of them share. */
#ifndef CORACLE_TESTS_TOPIC_TOPICS_H
#define CORACLE_TESTS_TOPIC_TOPICS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>

#include <coracle/error.h>
#include <coracle/fiber.h>
#include <coracle/topic.h>

#include "context/context.h"
#include "topic/topics.h"

/* In a fiber, and in threads: if the claim does not hold, end with its line number. */
#define check(claim)                                                                               \
	do {                                                                                       \
		if (!(claim))                                                                      \
			return __LINE__;                                                           \
	} while (0)

/* The topics of one process, for any number of ctxs. */
struct place {
	struct cor_topics *topics;
	struct cor_environment environment;
};

static inline void open_place(
	struct place *place, const struct cor_topic *const *list, struct cor_topic_board *board)
{
	const struct cor_topics_options options = { .topics = list, .board = board };

	*place = (struct place){ 0 };
	assert_int_equal(cor_topics_create(&options, &place->topics), 0);
	place->environment.topics = place->topics;
}

static inline void close_place(struct place *place)
{
	cor_topics_destroy(place->topics);
}

static inline void begin_ctx(struct place *place, struct cor_ctx *ctx)
{
	cor_ctx_init(ctx, &place->environment, NULL, 0, 0);
}

static inline void end_ctx(struct cor_ctx *ctx)
{
	cor_ctx_await(ctx);
	cor_ctx_finish(ctx);
}

/* Publish that number as text. */
static inline int publish(struct place *place, const struct cor_topic *topic, int number)
{
	struct cor_ctx ctx;
	char text[16];

	begin_ctx(place, &ctx);
	snprintf(text, sizeof text, "%d", number);
	int rc = cor_topic_publish(&ctx, topic, NULL, cor_str(text));
	end_ctx(&ctx);
	return rc;
}

static inline void publish_some(
	struct place *place, const struct cor_topic *topic, int first, int len)
{
	for (int i = first; i < first + len; i++)
		assert_int_equal(publish(place, topic, i), 0);
}

static inline int number_of(const struct cor_message *message)
{
	return (int)strtol(message->data.data, NULL, 10);
}

/* The number that it receives next, or the negative code. */
static inline int receive(struct cor_subscription *subscription, uint64_t *ret_lost)
{
	struct cor_message message;
	int rc = cor_subscription_receive(subscription, &message);

	if (rc < 0)
		return rc;
	if (ret_lost)
		*ret_lost = message.lost;
	return number_of(&message);
}

/* What has come; nothing comes later. */
static inline int look(struct cor_subscription *subscription, uint64_t *ret_lost)
{
	struct cor_scope scope;

	cor_scope_enter(&scope, 20);
	int number = receive(subscription, ret_lost);
	cor_scope_leave(&scope);
	return number;
}

/* Run entry(arg) on a fiber of a scheduler of this thread. */
static inline int run(int (*entry)(void *), void *arg)
{
	struct cor_scheduler *scheduler;
	struct cor_fiber *fiber;
	int result = -1;

	if (cor_scheduler_create(NULL, &scheduler) < 0 ||
		cor_fiber_start(scheduler, entry, arg, NULL, &fiber) < 0)
		return -1;
	cor_scheduler_stop(scheduler);
	if (cor_scheduler_run(scheduler) < 0)
		return -1;
	cor_fiber_join(fiber, &result);
	cor_scheduler_destroy(scheduler);
	return result;
}

#endif
