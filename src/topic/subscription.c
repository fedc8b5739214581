/* SPDX-License-Identifier: MIT */
#include "topic/subscription.h"

#include <errno.h>

#include <coracle/error.h>
#include <coracle/fiber.h>

#include "runtime/scope.h"
#include "runtime/wait.h"
#include "topic/branch.h"
#include "topic/hub.h"

/* --- what comes --- */

static void tell(struct cor_subscription *subscription)
{
	struct cor_wait *wait = subscription->wait;

	subscription->wait = NULL;
	if (wait)
		cor_wait_signal(wait);
	if (subscription->wake)
		subscription->wake(subscription->wake_arg);
}

static void end(struct cor_subscription *subscription, enum cor_subscription_end how)
{
	if (subscription->end != COR_SUBSCRIPTION_GOES_ON)
		return;
	subscription->end = how;
	tell(subscription);
}

static bool is_full(const struct cor_subscription *subscription, size_t bytes)
{
	const struct cor_topic_queue *queue = &subscription->queue;

	return queue->len >= subscription->limit_messages ||
	       (queue->len != 0 && queue->bytes + bytes > subscription->limit_bytes);
}

/* What it has not taken is lost, too: it has to begin anew. */
static uint64_t cut(struct cor_subscription *subscription)
{
	uint64_t lost = subscription->queue.len;

	cor_topic_queue_clear(&subscription->queue);
	end(subscription, COR_SUBSCRIPTION_CUT);
	return lost;
}

/* Returns how many of the older ones have made room. */
static uint64_t make_room(struct cor_subscription *subscription, size_t bytes)
{
	uint64_t dropped = 0;

	while (is_full(subscription, bytes)) {
		cor_topic_queue_drop(&subscription->queue);
		dropped++;
	}
	return dropped;
}

uint64_t cor_subscription_offer(
	struct cor_subscription *subscription, struct cor_topic_message *message)
{
	enum cor_slow when_slow = subscription->branch->hub->topic->when_slow;

	if (subscription->end != COR_SUBSCRIPTION_GOES_ON || message->id < subscription->from_id)
		return 0;
	uint64_t dropped = message->id - subscription->offered_id; /* on their way to here */
	bool is_wanted = cor_subscription_wants(subscription, message);
	bool is_too_slow = is_wanted && is_full(subscription, message->data_bytes);
	subscription->offered_id = message->id + 1;
	if (when_slow == COR_SLOW_CUT && (is_too_slow || dropped != 0))
		return dropped + is_wanted + cut(subscription);
	if (!is_wanted) {
		cor_topic_queue_pass(&subscription->queue);
		return dropped;
	}
	if (is_too_slow && when_slow == COR_SLOW_DROP_NEWEST)
		return dropped + 1;
	dropped += make_room(subscription, message->data_bytes);
	if (cor_topic_queue_add(&subscription->queue, message) < 0)
		return dropped + 1;
	cor_topic_message_share(message);
	tell(subscription);
	return dropped;
}

void cor_subscription_close(struct cor_subscription *subscription)
{
	end(subscription, COR_SUBSCRIPTION_CLOSED);
}

/* --- who waits --- */

/* A thread outside a scheduler looks itself. */
static void look(struct cor_subscription *subscription)
{
	if (subscription->end != COR_SUBSCRIPTION_LEFT && !subscription->branch->scheduler)
		cor_topic_branch_deliver(subscription->branch);
}

bool cor_subscription_is_due(struct cor_subscription *subscription)
{
	look(subscription);
	return subscription->queue.len != 0 || subscription->end != COR_SUBSCRIPTION_GOES_ON;
}

void cor_subscription_on_due(
	struct cor_subscription *subscription, void (*wake)(void *arg), void *arg)
{
	subscription->wake = wake;
	subscription->wake_arg = arg;
}

static int wait_for_more(struct cor_subscription *subscription)
{
	struct cor_wait wait;

	if (!subscription->branch->scheduler)
		return cor_topic_branch_await(subscription->branch);
	cor_wait_begin(&wait, "cor_subscription_receive");
	subscription->wait = &wait;
	int rc = cor_wait(&wait, COR_FOREVER);
	subscription->wait = NULL; /* it is signalled on this thread, so never in between */
	return rc;
}

static int end_code(const struct cor_subscription *subscription)
{
	return subscription->end == COR_SUBSCRIPTION_CUT ? -ENOBUFS : -COR_ECLOSED;
}

static void receive(struct cor_subscription *subscription, struct cor_message *ret)
{
	struct cor_topic_item item = cor_topic_queue_take(&subscription->queue);
	struct cor_topic_message *message = item.message;
	uint64_t passed = item.passed - subscription->passed;

	cor_topic_message_drop(subscription->current);
	subscription->current = message;
	*ret = (struct cor_message){
		.data = { message->texts + message->event_bytes, message->data_bytes },
		.event = message->texts,
		.id = message->id,
		.lost = message->id - subscription->expected_id - passed +
			subscription->lost_before,
	};
	subscription->passed = item.passed;
	subscription->expected_id = message->id + 1;
	subscription->lost_before = 0;
}

int cor_subscription_receive(struct cor_subscription *subscription, struct cor_message *ret)
{
	int rc = cor_scope_state();

	while (rc == 0 && !cor_subscription_is_due(subscription))
		rc = wait_for_more(subscription);
	if (rc < 0)
		return cor_wait_fail("cor_subscription_receive", rc);
	if (subscription->queue.len == 0)
		return end_code(subscription);
	receive(subscription, ret);
	return 0;
}

void cor_unsubscribe(struct cor_subscription *subscription)
{
	if (!subscription || subscription->end == COR_SUBSCRIPTION_LEFT)
		return;
	cor_topic_hub_exit(subscription->branch->hub, subscription);
	subscription->end = COR_SUBSCRIPTION_LEFT;
	cor_topic_queue_clear(&subscription->queue);
	cor_topic_message_drop(subscription->current);
	subscription->current = NULL;
}
