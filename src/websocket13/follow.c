/* SPDX-License-Identifier: MIT */
#include "websocket13/follow.h"

#include <errno.h>

#include <coracle/error.h>
#include <coracle/log.h>

#include "base/utf8.h"
#include "topic/subscription.h"
#include "websocket13/output.h"

#define AT_ONCE 64 /* messages of a topic, before the client is listened to */

/* In the memory of ctx: one that is left is used again. */
struct cor_websocket_follower {
	struct cor_websocket_follower *next;
	struct cor_subscription *subscription; /* NULL: it follows nothing */
	const struct cor_topic *topic;
	enum cor_websocket_kind kind;
};

static struct cor_websocket_follower *take_follower(struct cor_websocket *ws)
{
	struct cor_websocket_follower *follower = ws->followers;

	while (follower && follower->subscription)
		follower = follower->next;
	if (follower)
		return follower;
	follower = cor_arena_zalloc(&ws->x->ctx.arena, sizeof *follower);
	if (!follower)
		return NULL;
	follower->next = ws->followers;
	ws->followers = follower;
	return follower;
}

static void nudge(void *arg)
{
	struct cor_websocket *ws = arg;

	if (ws->is_open)
		ws->x->ops->nudge(ws->x);
}

int cor_websocket_subscribe(struct cor_websocket *ws, const struct cor_topic *topic,
	enum cor_websocket_kind kind, const struct cor_subscription_options *options,
	struct cor_subscription **ret)
{
	struct cor_websocket_follower *follower = take_follower(ws);

	if (!follower)
		return -ENOMEM;
	int rc = cor_subscribe(&ws->x->ctx, topic, options, &follower->subscription);
	if (rc < 0) {
		follower->subscription = NULL;
		return rc;
	}
	follower->topic = topic;
	follower->kind = kind;
	cor_subscription_on_due(follower->subscription, nudge, ws);
	if (ret)
		*ret = follower->subscription;
	return 0;
}

static void leave(struct cor_websocket_follower *follower)
{
	if (!follower->subscription)
		return;
	cor_subscription_on_due(follower->subscription, NULL, NULL);
	cor_unsubscribe(follower->subscription);
	follower->subscription = NULL;
}

void cor_websocket_unsubscribe(struct cor_websocket *ws, struct cor_subscription *subscription)
{
	for (struct cor_websocket_follower *f = ws->followers; f && subscription; f = f->next)
		if (f->subscription == subscription)
			leave(f);
}

void cor_websocket_leave_topics(struct cor_websocket *ws)
{
	for (struct cor_websocket_follower *f = ws->followers; f; f = f->next)
		leave(f);
}

/* --- what they bring --- */

static int forward(struct cor_websocket *ws, const struct cor_websocket_follower *follower,
	const struct cor_message *message)
{
	bool is_text = follower->kind == COR_WEBSOCKET_TEXT;

	if (is_text && !follower->topic->messages && !cor_utf8_valid(message->data)) {
		cor_log_warning(&ws->x->ctx,
			"%s: a message of topic %s is not UTF-8 and was left out: publish text, or follow it as COR_WEBSOCKET_BINARY",
			ws->operation->handler, follower->topic->name);
		return 0;
	}
	return cor_websocket_put_message(ws, follower->kind, message->data);
}

/* The topic has no more for it. */
static int stop(struct cor_websocket *ws, struct cor_websocket_follower *follower, int rc)
{
	leave(follower);
	if (rc == -COR_ECLOSED)
		return 0; /* the service ends, which the client is told by a drain */
	if (rc != -ENOBUFS)
		return rc;
	cor_websocket_blame(ws, COR_CLOSE_AGAIN_LATER, "too slow for what is published");
	ws->failure = -ENOBUFS;
	return -ENOBUFS;
}

/* Returns how many messages there were, or the failure. */
static int send_of(struct cor_websocket *ws, struct cor_websocket_follower *follower)
{
	struct cor_message message;
	int sent = 0;

	while (sent < AT_ONCE && follower->subscription &&
		cor_subscription_is_due(follower->subscription)) {
		int rc = cor_subscription_receive(follower->subscription, &message);
		rc = rc < 0 ? stop(ws, follower, rc) : forward(ws, follower, &message);
		if (rc < 0)
			return rc;
		sent++;
	}
	return sent;
}

int cor_websocket_send_followed(struct cor_websocket *ws)
{
	int sent = 0;

	for (struct cor_websocket_follower *f = ws->followers; f; f = f->next) {
		int rc = send_of(ws, f);
		if (rc < 0)
			return rc;
		sent += rc;
	}
	int rc = sent != 0 ? cor_websocket_flush(ws) : 0;
	return rc < 0 ? rc : sent;
}
