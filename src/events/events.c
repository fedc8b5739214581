/* SPDX-License-Identifier: MIT */
#include <coracle/events.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include <coracle/error.h>
#include <coracle/fiber.h>
#include <coracle/random.h>
#include <coracle/request.h>

#include "base/number.h"
#include "events/encode.h"
#include "exchange/exchange.h"
#include "service/answer_check.h"
#include "topic/subscription.h"

#define RETRY_LEAST_MS 1000
#define RETRY_DRAWN_MS 2000
#define UNKNOWN_ID     1  /* of a message that no topic has */
#define ID_BYTES       21 /* the digits of any uint64_t, and a NUL */

struct cor_events {
	struct cor_ctx *ctx;
	struct cor_reply *reply;
};

/* --- the reply --- */

static struct cor_exchange *exchange_of(const struct cor_events *events)
{
	return events->reply->exchange;
}

static bool has_started(const struct cor_events *events)
{
	return exchange_of(events)->reply_state != COR_REPLY_NONE;
}

static int write_all(struct cor_events *events, struct cor_buffer *text)
{
	int rc = cor_buffer_error(text);

	if (rc == 0)
		rc = cor_reply_write(events->reply, text->data, text->len);
	cor_buffer_finish(text);
	return rc;
}

static uint32_t draw_retry_ms(void)
{
	uint16_t drawn;

	cor_random_fill(&drawn, sizeof drawn);
	return RETRY_LEAST_MS + drawn % RETRY_DRAWN_MS;
}

/* nginx would keep events for itself until its buffer is full. */
static int add_headers(struct cor_ctx *ctx)
{
	int rc = cor_reply_header(ctx, "Cache-Control", "no-store");

	return rc < 0 ? rc : cor_reply_header(ctx, "X-Accel-Buffering", "no");
}

int cor_events_start(struct cor_events *events, uint32_t retry_ms)
{
	struct cor_exchange *x = exchange_of(events);
	struct cor_buffer text = { 0 };
	int rc = add_headers(events->ctx);

	if (rc < 0)
		return rc == -COR_ECLOSED ? -EALREADY : rc;
	if (x->ops->stay)
		x->ops->stay(x);
	rc = cor_reply_start(events->reply, 0, "text/event-stream");
	if (rc < 0)
		return rc;
	cor_event_append_retry(&text, retry_ms ? retry_ms : draw_retry_ms());
	rc = write_all(events, &text);
	return rc < 0 ? rc : cor_reply_flush(events->reply);
}

static int start_unless_begun(struct cor_events *events)
{
	return has_started(events) ? 0 : cor_events_start(events, 0);
}

int cor_events_over(struct cor_events *events)
{
	return cor_reply_start(events->reply, 204, NULL);
}

/* --- events --- */

/* Without sending it. */
static int put(struct cor_events *events, const struct cor_event *event)
{
	struct cor_buffer text = { 0 };
	const char *why = cor_event_fault(event);

	if (why)
		return cor_ctx_fail(events->ctx, 500, -EINVAL, why);
	int rc = start_unless_begun(events);
	if (rc < 0)
		return rc;
	cor_event_append(&text, event);
	return write_all(events, &text);
}

int cor_events_send(struct cor_events *events, const struct cor_event *event)
{
	int rc = put(events, event);

	return rc < 0 ? rc : cor_reply_flush(events->reply);
}

int cor_events_send_struct(struct cor_events *events, const struct cor_event *event,
	const struct cor_schema *schema, const void *value)
{
	struct cor_buffer text = { 0 };
	struct cor_event whole = *event;
	int rc = cor_message_encode(events->ctx, schema, value, &text);

	whole.data = (struct cor_str){ text.data, text.len };
	if (rc == 0)
		rc = cor_events_send(events, &whole);
	cor_buffer_finish(&text);
	return rc;
}

static int put_numbered(struct cor_events *events, uint64_t number, struct cor_event event)
{
	char id[ID_BYTES];

	snprintf(id, sizeof id, "%" PRIu64, number);
	event.id = id;
	return put(events, &event);
}

static int put_message(struct cor_events *events, const struct cor_message *message)
{
	return put_numbered(events, message->id,
		(struct cor_event){ .name = message->event, .data = message->data });
}

/*
 * For one that is cut before its first message: it comes again with this id, and gets what came
 * meanwhile. Without data it is no event to clients, but they keep the id (WHATWG HTML, section
 * 9.2.6).
 */
static int put_position(struct cor_events *events, const struct cor_subscription *subscription)
{
	return put_numbered(events, subscription->expected_id - 1, (struct cor_event){ 0 });
}

int cor_events_forward(struct cor_events *events, const struct cor_message *message)
{
	int rc = put_message(events, message);

	return rc < 0 ? rc : cor_reply_flush(events->reply);
}

/* --- waiting --- */

static int keep_alive(struct cor_events *events)
{
	int rc = cor_reply_write(events->reply, COR_EVENT_COMMENT, sizeof COR_EVENT_COMMENT - 1);

	return rc < 0 ? rc : cor_reply_flush(events->reply);
}

/* Once: -ETIMEDOUT is also said when it is time for a comment, and the caller's scope goes on. */
static int receive_for_a_while(struct cor_subscription *subscription, struct cor_message *ret)
{
	struct cor_scope scope;

	cor_scope_enter(&scope, COR_EVENTS_KEEP_ALIVE_MS);
	int rc = cor_subscription_receive(subscription, ret);
	cor_scope_leave(&scope);
	return rc;
}

int cor_events_receive(
	struct cor_events *events, struct cor_subscription *subscription, struct cor_message *ret)
{
	int rc = start_unless_begun(events);

	if (rc == 0 && !cor_subscription_is_due(subscription))
		rc = cor_reply_flush(events->reply); /* what was put, before it waits */
	while (rc == 0) {
		rc = receive_for_a_while(subscription, ret);
		if (rc != -ETIMEDOUT || cor_scope_error() < 0)
			return rc;
		rc = keep_alive(events);
	}
	return rc;
}

int cor_events_follow(struct cor_events *events, const struct cor_topic *topic)
{
	return cor_events_follow_named(events, topic, NULL);
}

int cor_events_follow_named(
	struct cor_events *events, const struct cor_topic *topic, const char *event)
{
	const struct cor_subscription_options options = {
		.after = cor_events_last_message(events),
		.event = event,
	};
	struct cor_subscription *subscription;
	struct cor_message message;
	int rc = cor_subscribe(events->ctx, topic, &options, &subscription);

	if (rc < 0)
		return rc;
	if (options.after == 0 && topic->keep != 0)
		rc = put_position(events, subscription);
	while (rc == 0 && (rc = cor_events_receive(events, subscription, &message)) == 0)
		rc = put_message(events, &message);
	cor_unsubscribe(subscription);
	return rc;
}

int cor_events_sleep_ms(struct cor_events *events, int64_t ms)
{
	int rc = start_unless_begun(events);

	while (rc == 0 && ms > COR_EVENTS_KEEP_ALIVE_MS) {
		rc = cor_sleep_ms(COR_EVENTS_KEEP_ALIVE_MS);
		if (rc == 0)
			rc = keep_alive(events);
		ms -= COR_EVENTS_KEEP_ALIVE_MS;
	}
	return rc < 0 ? rc : cor_sleep_ms(ms);
}

/* --- who comes again --- */

struct cor_str cor_events_last_id(const struct cor_events *events)
{
	return cor_request_header(events->ctx, "Last-Event-ID");
}

uint64_t cor_events_last_message(const struct cor_events *events)
{
	struct cor_str id = cor_events_last_id(events);
	uint64_t number;

	if (id.len == 0)
		return 0;
	if (cor_number_parse_uint64(id, &number) < 0 || number == 0)
		return UNKNOWN_ID;
	return number;
}

/* --- the operation --- */

/*
 * Whether the stream has come to an end that is none of anybody's faults: the reply is whole, and
 * the client comes again.
 */
static bool is_over(const struct cor_exchange *x, int rc)
{
	if (rc == -EPIPE)
		return x->reply_state == COR_REPLY_ENDED;
	if (x->reply_state != COR_REPLY_STARTED)
		return false;
	if (rc == -ECANCELED)
		return x->ops->was_drained && x->ops->was_drained(x);
	if (rc == -ETIMEDOUT)
		return cor_scope_error() == -ETIMEDOUT;
	return rc == -ENOBUFS || rc == -COR_ECLOSED;
}

int cor_events_serve(struct cor_ctx *ctx, const void *in, struct cor_reply *reply,
	int (*call)(struct cor_ctx *ctx, const void *in, struct cor_events *events))
{
	struct cor_events events = { .ctx = ctx, .reply = reply };
	int rc = call(ctx, in, &events);

	if (rc == 0)
		rc = start_unless_begun(&events); /* there was nothing to send */
	return is_over(reply->exchange, rc) ? 0 : rc;
}
