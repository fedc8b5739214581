/* SPDX-License-Identifier: MIT */
#include "topic/hub.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

#include "runtime/clock.h"
#include "segment/counter.h"
#include "topic/subscription.h"

#define PATIENCE_NS (20 * COR_NS_PER_MS) /* with a process that was stopped as it had the ring */
#define AWAIT_NS    (200 * COR_NS_PER_MS)
#define ROOM_BYTES  (64 * 1024) /* at least: for many short messages at a time */

int cor_topic_hub_init(
	struct cor_topic_hub *hub, const struct cor_topic *topic, struct cor_topic_ring *ring)
{
	*hub = (struct cor_topic_hub){ .topic = topic, .ring = ring };
	hub->figures = (struct cor_topic_figures){ &hub->own_figures[0], &hub->own_figures[1],
		&hub->own_figures[2] };
	return -pthread_mutex_init(&hub->mutex, NULL);
}

void cor_topic_hub_finish(struct cor_topic_hub *hub)
{
	pthread_mutex_destroy(&hub->mutex);
}

void cor_topic_hub_count_dropped(struct cor_topic_hub *hub, uint64_t n)
{
	if (n != 0)
		cor_count_shared(hub->figures.dropped, n);
}

/* --- the ring --- */

/* A process that was stopped is waited for once, not by everybody again and again. */
static int64_t deadline_of(struct cor_topic_hub *hub)
{
	if (atomic_load_explicit(&hub->has_stuck, memory_order_relaxed))
		return 0;
	return cor_system_clock.realtime_ns(&cor_system_clock) + PATIENCE_NS;
}

static void note(struct cor_topic_hub *hub, ssize_t rc)
{
	uint32_t is_stuck = rc == -EBUSY;

	if (atomic_load_explicit(&hub->has_stuck, memory_order_relaxed) != is_stuck)
		atomic_store_explicit(&hub->has_stuck, is_stuck, memory_order_relaxed);
}

int cor_topic_hub_write(struct cor_topic_hub *hub, const struct cor_topic_draft *draft)
{
	int rc = cor_topic_ring_write(hub->ring, draft, deadline_of(hub));

	note(hub, rc);
	if (rc == 0)
		cor_count_shared(hub->figures.published, 1);
	return rc;
}

/* --- reading, under the mutex --- */

static void keep(struct cor_topic_hub *hub, struct cor_topic_message *message)
{
	struct cor_topic_queue *kept = &hub->kept;

	if (hub->topic->keep == 0)
		return;
	if (cor_topic_queue_add(kept, message) == 0)
		cor_topic_message_share(message);
	while (kept->len > hub->topic->keep || kept->bytes > COR_TOPIC_BYTES)
		cor_topic_queue_drop(kept);
}

/* Without memory it is lost, as the ids of the next one will tell. */
static void pass_on(
	struct cor_topic_hub *hub, const struct cor_topic_record *record, const char *texts)
{
	struct cor_topic_message *message = cor_topic_message_create(record, texts);

	hub->next_id = record->id + 1;
	if (!message)
		return;
	for (struct cor_topic_branch *at = hub->branches; at; at = at->next)
		cor_topic_branch_bring(at, cor_topic_message_share(message));
	keep(hub, message);
	cor_topic_message_drop(message);
}

static void pass_on_all(struct cor_topic_hub *hub, size_t bytes)
{
	struct cor_topic_record record;

	for (size_t at = 0; at < bytes; at += record.bytes) {
		memcpy(&record, hub->room + at, sizeof record);
		pass_on(hub, &record, hub->room + at + sizeof record);
	}
}

static int read_all(struct cor_topic_hub *hub)
{
	ssize_t n = 0;

	while (cor_topic_ring_has_more(hub->ring, hub->position)) {
		n = cor_topic_ring_read(
			hub->ring, &hub->position, hub->room, hub->room_bytes, deadline_of(hub));
		note(hub, n);
		if (n <= 0)
			break;
		pass_on_all(hub, (size_t)n);
	}
	return n < 0 ? (int)n : 0;
}

int cor_topic_hub_read(struct cor_topic_hub *hub)
{
	pthread_mutex_lock(&hub->mutex);
	int rc = hub->subscribers == 0 ? 0 : read_all(hub);
	pthread_mutex_unlock(&hub->mutex);
	return rc;
}

void cor_topic_hub_await(struct cor_topic_hub *hub)
{
	int64_t now_ns = cor_system_clock.realtime_ns(&cor_system_clock);

	cor_topic_ring_await(hub->ring, now_ns + AWAIT_NS);
	atomic_store_explicit(&hub->has_stuck, 0, memory_order_relaxed);
}

bool cor_topic_hub_has_more(struct cor_topic_hub *hub)
{
	pthread_mutex_lock(&hub->mutex);
	bool has_more = hub->subscribers != 0 && cor_topic_ring_has_more(hub->ring, hub->position);
	pthread_mutex_unlock(&hub->mutex);
	return has_more;
}

/* --- who is in it --- */

static int activate(struct cor_topic_hub *hub)
{
	size_t bytes = COR_TOPIC_RECORD_BYTES(COR_TOPIC_MESSAGE_BYTES_MAX);
	struct cor_topic_place place;
	int rc = cor_topic_ring_find(hub->ring, hub->topic->keep, deadline_of(hub), &place);

	note(hub, rc);
	if (rc < 0)
		return rc;
	if (COR_TOPIC_RECORD_BYTES(cor_topic_message_bytes(hub->topic)) <= ROOM_BYTES)
		bytes = ROOM_BYTES;
	hub->room = malloc(bytes);
	if (!hub->room)
		return -ENOMEM;
	hub->room_bytes = bytes;
	hub->position = place.position;
	hub->next_id = place.next_id;
	return 0;
}

static void deactivate(struct cor_topic_hub *hub)
{
	cor_topic_queue_clear(&hub->kept);
	free(hub->room);
	hub->room = NULL;
}

/* Its thread's branch; a thread outside a scheduler has one for each subscription. */
static struct cor_topic_branch *branch_here(struct cor_topic_hub *hub)
{
	struct cor_scheduler *here = cor_scheduler_current();
	struct cor_topic_branch *branch = here ? hub->branches : NULL;

	while (branch && branch->scheduler != here)
		branch = branch->next;
	if (branch)
		return branch;
	branch = cor_topic_branch_create(hub);
	if (!branch)
		return NULL;
	branch->next = hub->branches;
	hub->branches = branch;
	return branch;
}

static void drop_branch(struct cor_topic_hub *hub, struct cor_topic_branch *branch)
{
	struct cor_topic_branch **at = &hub->branches;

	while (*at != branch)
		at = &(*at)->next;
	*at = branch->next;
	cor_topic_branch_leave(branch);
}

/* An id that the topic cannot have given is that of an earlier life of the service. */
static void replay(struct cor_topic_hub *hub, struct cor_subscription *subscription, uint64_t after)
{
	if (after < hub->ring->first_id - 1 || after >= hub->next_id) {
		after = hub->ring->first_id - 1;
		subscription->lost_before = 1;
	}
	subscription->expected_id = after + 1;
	for (uint32_t i = 0; i < hub->kept.len; i++) {
		struct cor_topic_message *message = cor_topic_queue_at(&hub->kept, i);
		if (message->id <= after)
			continue;
		if (!cor_subscription_wants(subscription, message))
			cor_topic_queue_pass(&subscription->queue);
		else if (cor_topic_queue_add(&subscription->queue, message) == 0)
			cor_topic_message_share(message);
	}
	subscription->limit_messages += subscription->queue.len;
	subscription->limit_bytes += subscription->queue.bytes;
}

static void add(struct cor_topic_branch *branch, struct cor_subscription *subscription)
{
	subscription->branch = branch;
	subscription->next = branch->subscriptions;
	subscription->link = &branch->subscriptions;
	if (subscription->next)
		subscription->next->link = &subscription->next;
	branch->subscriptions = subscription;
}

static int enter(struct cor_topic_hub *hub, struct cor_subscription *subscription, uint64_t after)
{
	int rc = hub->is_closed ? -COR_ECLOSED : 0;

	if (rc == 0 && hub->subscribers == 0)
		rc = activate(hub);
	if (rc == 0)
		rc = read_all(hub);
	struct cor_topic_branch *branch = rc == 0 ? branch_here(hub) : NULL;
	if (!branch) {
		if (hub->subscribers == 0)
			deactivate(hub);
		return rc < 0 ? rc : -ENOMEM;
	}
	subscription->from_id = subscription->expected_id = hub->next_id;
	subscription->offered_id = hub->next_id;
	subscription->limit_messages = cor_topic_queue_messages(hub->topic);
	subscription->limit_bytes = cor_topic_queue_bytes(hub->topic);
	if (after != 0)
		replay(hub, subscription, after);
	add(branch, subscription);
	hub->subscribers++;
	return 0;
}

int cor_topic_hub_enter(
	struct cor_topic_hub *hub, struct cor_subscription *subscription, uint64_t after)
{
	pthread_mutex_lock(&hub->mutex);
	int rc = enter(hub, subscription, after);
	pthread_mutex_unlock(&hub->mutex);
	if (rc == 0)
		cor_count_shared(hub->figures.subscribers, 1);
	return rc;
}

void cor_topic_hub_exit(struct cor_topic_hub *hub, struct cor_subscription *subscription)
{
	struct cor_topic_branch *branch = subscription->branch;

	pthread_mutex_lock(&hub->mutex);
	*subscription->link = subscription->next;
	if (subscription->next)
		subscription->next->link = subscription->link;
	if (!branch->subscriptions)
		drop_branch(hub, branch);
	if (--hub->subscribers == 0)
		deactivate(hub);
	pthread_mutex_unlock(&hub->mutex);
	cor_count_shared(hub->figures.subscribers, UINT64_MAX);
}

void cor_topic_hub_close(struct cor_topic_hub *hub)
{
	pthread_mutex_lock(&hub->mutex);
	hub->is_closed = true;
	for (struct cor_topic_branch *at = hub->branches; at; at = at->next)
		cor_topic_branch_close(at);
	pthread_mutex_unlock(&hub->mutex);
}
