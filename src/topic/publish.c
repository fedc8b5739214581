/* SPDX-License-Identifier: MIT */
#include <coracle/topic.h>

#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "context/context.h"
#include "schema/encode.h"
#include "topic/subscription.h"
#include "topic/topics.h"

static struct cor_topics *topics_of(const struct cor_ctx *ctx)
{
	return ctx->environment ? ctx->environment->topics : NULL;
}

/* --- publishing --- */

static bool is_event_name(struct cor_str event)
{
	if (event.len >= COR_EVENT_NAME_BYTES)
		return false;
	for (size_t i = 0; i < event.len; i++)
		if ((unsigned char)event.data[i] < 0x20 || event.data[i] == 0x7f)
			return false;
	return true;
}

int cor_topic_publish(
	struct cor_ctx *ctx, const struct cor_topic *topic, const char *event, struct cor_str data)
{
	struct cor_topics *topics = topics_of(ctx);
	struct cor_topic_hub *hub = cor_topics_find(topics, topic);
	const struct cor_topic_draft draft = { cor_str(event ? event : ""), data };

	if (!hub || !is_event_name(draft.event))
		return -EINVAL;
	if (data.len > cor_topic_message_bytes(topic))
		return -COR_ETOOLARGE;
	int rc = cor_topic_hub_write(hub, &draft);
	if (rc < 0)
		return rc;
	/* NOLINTNEXTLINE(analyzer-null-dereference): they have the hub */
	if (topics->is_shared) /* first: if we die now, the others know already */
		cor_topic_board_call(topics->board, topics->postman.desk);
	if (cor_topic_hub_read(hub) == -EBUSY && topics->is_shared)
		cor_topic_board_call(topics->board, NULL); /* our postman can wait for the ring */
	return 0;
}

static int encode(struct cor_ctx *ctx, const struct cor_schema *schema, const void *value,
	struct cor_buffer *text)
{
	int rc = cor_encode_append(cor_ctx_codec(ctx), schema, COR_USE_ANSWER, value, text, NULL);

	if (rc < 0 || !ctx->environment->check_message)
		return rc;
	return ctx->environment->check_message(
		ctx, schema, (struct cor_str){ text->data, text->len });
}

int cor_topic_publish_struct(struct cor_ctx *ctx, const struct cor_topic *topic, const char *event,
	const struct cor_schema *schema, const void *value)
{
	struct cor_buffer text = { 0 };
	int rc = cor_ctx_codec(ctx) ? encode(ctx, schema, value, &text) : -EINVAL;

	if (rc == -COR_ETABLE)
		rc = cor_ctx_unlisted(ctx, schema->symbol);
	if (rc == 0)
		rc = cor_topic_publish(ctx, topic, event, (struct cor_str){ text.data, text.len });
	cor_buffer_finish(&text);
	return rc;
}

/* --- subscribing --- */

/* Its ctx ends. */
static void let_go(struct cor_hold *hold)
{
	cor_unsubscribe(cor_container_of(hold, struct cor_subscription, hold));
}

int cor_subscribe(struct cor_ctx *ctx, const struct cor_topic *topic,
	const struct cor_subscription_options *options, struct cor_subscription **ret)
{
	struct cor_topics *topics = topics_of(ctx);
	struct cor_topic_hub *hub = cor_topics_find(topics, topic);

	if (!hub || (options && options->event && !is_event_name(cor_str(options->event))))
		return -EINVAL;
	struct cor_subscription *subscription = cor_alloc(ctx, sizeof *subscription);
	if (!subscription)
		return -ENOMEM;
	if (options && options->event) {
		subscription->event = cor_strdup(ctx, options->event);
		if (!subscription->event)
			return -ENOMEM;
	}
	int rc = cor_topics_listen(topics);
	if (rc == 0)
		rc = cor_topic_hub_enter(hub, subscription, options ? options->after : 0);
	if (rc < 0)
		return rc;
	subscription->hold.await = let_go;
	cor_ctx_hold(ctx, &subscription->hold);
	*ret = subscription;
	return 0;
}
