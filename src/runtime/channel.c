/* SPDX-License-Identifier: MIT */
#include <coracle/sync.h>

#include <errno.h>
#include <stdlib.h>

#include <coracle/error.h>

#include "runtime/scope.h"
#include "runtime/wait_list.h"

/*
 * One list for both sides: senders wait only while the channel is full, receivers only while it is
 * empty. Its lock guards all members.
 */
struct cor_channel {
	struct cor_wait_list waiters;
	bool closed;
	size_t capacity;
	size_t first; /* the oldest item */
	size_t count;
	void *items[];
};

int cor_channel_create(size_t capacity, struct cor_channel **ret)
{
	size_t bytes;

	if (capacity == 0)
		return -EINVAL;
	if (__builtin_mul_overflow(capacity, sizeof(void *), &bytes) ||
		__builtin_add_overflow(bytes, sizeof(struct cor_channel), &bytes))
		return -ENOMEM;
	struct cor_channel *channel = malloc(bytes);
	if (!channel)
		return -ENOMEM;
	*channel = (struct cor_channel){ .capacity = capacity };
	*ret = channel;
	return 0;
}

void cor_channel_destroy(struct cor_channel *channel)
{
	free(channel);
}

static void put_in(struct cor_channel *channel, void *item)
{
	channel->items[(channel->first + channel->count++) % channel->capacity] = item;
}

static void *take_out(struct cor_channel *channel)
{
	void *item = channel->items[channel->first];

	channel->first = (channel->first + 1) % channel->capacity;
	channel->count--;
	return item;
}

/* Unlock, and tell the one whose wait is over what came of it. */
static void unlock_and_signal(struct cor_channel *channel, struct cor_waiter *waiter)
{
	if (waiter)
		waiter->result = 0;
	cor_wait_list_unlock(&channel->waiters);
	if (waiter)
		cor_wait_signal(&waiter->wait);
}

/* The channel is locked. Returns what the other side made of the wait, or the scope's error. */
static int wait_for_other_side(struct cor_channel *channel, struct cor_waiter *waiter)
{
	cor_wait_list_add(&channel->waiters, waiter);
	cor_wait_list_unlock(&channel->waiters);
	int rc = cor_wait_list_wait(&channel->waiters, waiter);
	return rc < 0 ? rc : waiter->result;
}

int cor_channel_send(struct cor_channel *channel, void *item)
{
	struct cor_waiter self;
	int rc = cor_scope_state();

	if (rc < 0)
		return cor_wait_fail("cor_channel_send", rc);
	cor_wait_begin(&self.wait, "cor_channel_send");
	cor_wait_list_lock(&channel->waiters);
	if (channel->closed) {
		cor_wait_list_unlock(&channel->waiters);
		return -COR_ECLOSED;
	}
	if (channel->count == channel->capacity) {
		self.item = item;
		return wait_for_other_side(channel, &self);
	}
	struct cor_waiter *receiver = cor_wait_list_take(&channel->waiters);
	if (receiver)
		receiver->item = item;
	else
		put_in(channel, item);
	unlock_and_signal(channel, receiver);
	return 0;
}

int cor_channel_receive(struct cor_channel *channel, void **ret_item)
{
	struct cor_waiter self;
	int rc = cor_scope_state();

	if (rc < 0)
		return cor_wait_fail("cor_channel_receive", rc);
	cor_wait_begin(&self.wait, "cor_channel_receive");
	cor_wait_list_lock(&channel->waiters);
	if (channel->count == 0) {
		if (channel->closed) {
			cor_wait_list_unlock(&channel->waiters);
			return -COR_ECLOSED;
		}
		rc = wait_for_other_side(channel, &self);
		if (rc == 0)
			*ret_item = self.item;
		return rc;
	}
	*ret_item = take_out(channel);
	struct cor_waiter *sender = cor_wait_list_take(&channel->waiters);
	if (sender)
		put_in(channel, sender->item);
	unlock_and_signal(channel, sender);
	return 0;
}

void cor_channel_close(struct cor_channel *channel)
{
	cor_wait_list_lock(&channel->waiters);
	channel->closed = true;
	struct cor_waiter *waiters = cor_wait_list_take_all(&channel->waiters);
	for (struct cor_waiter *waiter = waiters; waiter; waiter = waiter->next)
		waiter->result = -COR_ECLOSED;
	cor_wait_list_unlock(&channel->waiters);
	cor_wait_list_signal_all(waiters);
}
