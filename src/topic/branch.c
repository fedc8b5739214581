/* SPDX-License-Identifier: MIT */
#include "topic/branch.h"

#include <stdlib.h>

#include <coracle/fiber.h>

#include "base/compiler.h"
#include "runtime/wait.h"
#include "runtime/wait_list.h"
#include "topic/hub.h"
#include "topic/subscription.h"

#define INBOX_MESSAGES 4096 /* that a thread has not looked at, at least */

static void arrive(struct cor_task *task)
{
	struct cor_topic_branch *branch = cor_container_of(task, struct cor_topic_branch, task);

	if (!branch->is_left) {
		cor_topic_branch_deliver(branch);
		return;
	}
	cor_topic_queue_clear(&branch->inbox);
	free(branch);
}

struct cor_topic_branch *cor_topic_branch_create(struct cor_topic_hub *hub)
{
	struct cor_topic_branch *branch = calloc(1, sizeof *branch);

	if (!branch)
		return NULL;
	branch->task.run = arrive;
	branch->hub = hub;
	branch->scheduler = cor_scheduler_current();
	return branch;
}

void cor_topic_branch_leave(struct cor_topic_branch *branch)
{
	cor_spin_lock(&branch->lock);
	bool is_posted = branch->is_posted;
	branch->is_left = true;
	cor_spin_unlock(&branch->lock);
	if (is_posted)
		return; /* the task frees it */
	cor_topic_queue_clear(&branch->inbox);
	free(branch);
}

/* Unlock, and let its thread know of what has come: once until it has looked. */
static void unlock_and_call(struct cor_topic_branch *branch)
{
	struct cor_wait *wait = branch->wait;
	bool posts = branch->scheduler && !branch->is_posted;

	branch->wait = NULL;
	if (posts)
		branch->is_posted = true;
	cor_spin_unlock(&branch->lock);
	if (posts)
		cor_scheduler_post(branch->scheduler, &branch->task);
	else if (wait)
		cor_wait_signal(wait);
}

/*
 * Each subscriber has a limit of its own. That of all together is wider: most of what is here may
 * be events of names that are not its own.
 */
static bool is_full(const struct cor_topic_branch *branch, size_t bytes)
{
	uint32_t most = cor_topic_queue_messages(branch->hub->topic);

	return branch->inbox.len >= (most > INBOX_MESSAGES ? most : INBOX_MESSAGES) ||
	       (branch->inbox.len != 0 && branch->inbox.bytes + bytes > COR_TOPIC_BYTES);
}

void cor_topic_branch_bring(struct cor_topic_branch *branch, struct cor_topic_message *message)
{
	struct cor_topic_message *dropped = NULL;

	cor_spin_lock(&branch->lock);
	if (is_full(branch, message->data_bytes) &&
		branch->hub->topic->when_slow != COR_SLOW_DROP_NEWEST)
		dropped = cor_topic_queue_take(&branch->inbox).message;
	if (is_full(branch, message->data_bytes) ||
		cor_topic_queue_add(&branch->inbox, message) < 0) {
		cor_spin_unlock(&branch->lock);
		cor_topic_message_drop(message);
	} else {
		unlock_and_call(branch);
	}
	cor_topic_message_drop(dropped);
}

void cor_topic_branch_close(struct cor_topic_branch *branch)
{
	cor_spin_lock(&branch->lock);
	branch->is_closed = true;
	unlock_and_call(branch);
}

/* Returns NULL when there is no more: what comes from then on is a new call. */
static struct cor_topic_message *take(struct cor_topic_branch *branch, bool *ret_is_closed)
{
	cor_spin_lock(&branch->lock);
	struct cor_topic_message *message = cor_topic_queue_take(&branch->inbox).message;
	if (!message)
		branch->is_posted = false;
	*ret_is_closed = branch->is_closed;
	cor_spin_unlock(&branch->lock);
	return message;
}

void cor_topic_branch_deliver(struct cor_topic_branch *branch)
{
	struct cor_topic_message *message;
	uint64_t dropped = 0;
	bool is_closed;

	while ((message = take(branch, &is_closed)) != NULL) {
		for (struct cor_subscription *at = branch->subscriptions; at; at = at->next)
			dropped += cor_subscription_offer(at, message);
		cor_topic_message_drop(message);
	}
	cor_topic_hub_count_dropped(branch->hub, dropped);
	if (!is_closed || branch->is_closed_here)
		return;
	branch->is_closed_here = true;
	for (struct cor_subscription *at = branch->subscriptions; at; at = at->next)
		cor_subscription_close(at);
}

/* Returns whether the wait is taken back; else somebody signals it. */
static bool take_back(struct cor_topic_branch *branch)
{
	cor_spin_lock(&branch->lock);
	bool is_here = branch->wait != NULL;
	branch->wait = NULL;
	cor_spin_unlock(&branch->lock);
	return is_here;
}

int cor_topic_branch_await(struct cor_topic_branch *branch)
{
	struct cor_wait wait;

	cor_wait_begin(&wait, "cor_subscription_receive");
	cor_spin_lock(&branch->lock);
	if (branch->inbox.len != 0 || (branch->is_closed && !branch->is_closed_here)) {
		cor_spin_unlock(&branch->lock);
		return 0;
	}
	/* cppcheck-suppress autoVariables; it is taken back before the return */
	branch->wait = &wait;
	cor_spin_unlock(&branch->lock);
	int rc = cor_wait(&wait, COR_FOREVER);
	if (rc < 0 && !take_back(branch))
		cor_wait_settle(&wait);
	return rc;
}
