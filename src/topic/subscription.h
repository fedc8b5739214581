/* SPDX-License-Identifier: MIT */
/**
 * Inside a subscriber: its queue, and who waits for it. All of it on its own thread.
 *
 * To wait for a message and for something else at the same time: say with
 * cor_subscription_on_due() whom to wake, look with cor_subscription_is_due(), and park on a wait
 * of your own.
 */
#ifndef CORACLE_TOPIC_SUBSCRIPTION_H
#define CORACLE_TOPIC_SUBSCRIPTION_H

#include <stdbool.h>
#include <string.h>

#include <coracle/topic.h>

#include "context/context.h"
#include "topic/message.h"

struct cor_topic_branch;
struct cor_wait;

enum cor_subscription_end {
	COR_SUBSCRIPTION_GOES_ON = 0,
	COR_SUBSCRIPTION_CUT,    /* it was too slow */
	COR_SUBSCRIPTION_CLOSED, /* by the service */
	COR_SUBSCRIPTION_LEFT,   /* cor_unsubscribe(): it is in no branch any more */
};

struct cor_subscription {
	struct cor_hold hold; /* of its ctx */
	struct cor_topic_branch *branch;
	struct cor_subscription *next;  /* in it */
	struct cor_subscription **link; /* to this one */
	struct cor_topic_queue queue;
	struct cor_topic_message *current; /* that was received last */
	uint64_t from_id;                  /* what is older was there before it */
	uint64_t expected_id;              /* that the next receive returns, unless some are lost */
	uint64_t offered_id;               /* that it was to have next, dropped or not */
	uint64_t lost_before;              /* more than the ids tell */
	uint64_t passed;                   /* of the message that was received last */
	const char *event;                 /* it wants these alone; NULL: all */
	uint32_t limit_messages;
	size_t limit_bytes;
	enum cor_subscription_end end;
	struct cor_wait *wait; /* of a receive on a fiber; NULL: nobody waits */
	void (*wake)(void *arg);
	void *wake_arg;
};

/** Whether cor_subscription_receive() would return at once. Never yields. */
bool cor_subscription_is_due(struct cor_subscription *subscription);

/**
 * Call wake(arg) on the subscriber's thread whenever something has come, a message or the end;
 * before the call the subscription is due. It may signal a wait, but not receive. NULL: nobody any
 * more. For a subscription of a fiber.
 */
void cor_subscription_on_due(
	struct cor_subscription *subscription, void (*wake)(void *arg), void *arg);

/** Whether a message is for it. */
static inline bool cor_subscription_wants(
	const struct cor_subscription *subscription, const struct cor_topic_message *message)
{
	return !subscription->event || strcmp(subscription->event, message->texts) == 0;
}

/** Private to the branch: a message, which stays the caller's. Returns how many were dropped. */
uint64_t cor_subscription_offer(
	struct cor_subscription *subscription, struct cor_topic_message *message);

/** Private to the branch: it gets no more. */
void cor_subscription_close(struct cor_subscription *subscription);

#endif
