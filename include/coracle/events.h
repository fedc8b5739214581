/* SPDX-License-Identifier: MIT */
/**
 * Server-sent events (WHATWG HTML, section 9.2): a reply that goes on for as long as its client
 * stays, and what a browser's EventSource reads.
 *
 *     static int ticker(struct cor_ctx *ctx, const struct cor_none *in, struct cor_events *events)
 *     {
 *             return cor_events_follow(events, &ticks); // each message of the topic is an event
 *     }
 *     COR_EVENTS_OPERATION(ticker_operation, ticker, COR_NONE,
 *             .answers = COR_ANSWERS(tick_schema));
 *
 * A handler may fail with a problem until its first event is on its way. From then on the request
 * has no deadline unless the operation has a .timeout_ms. It ends
 *
 *  - when the handler returns: EventSource comes again after a while, with the id of its last
 *    event, unless cor_events_over() tells it not to;
 *  - when the client goes away: the handler's wait returns -ECANCELED;
 *  - when the worker drains, and when .timeout_ms is over: waits return -ECANCELED or -ETIMEDOUT,
 *    the reply ends well, and the client comes again.
 *
 * While a handler waits in the functions below, an idle connection carries a comment every
 * COR_EVENTS_KEEP_ALIVE_MS, so that proxies leave it open and a client that has vanished is found.
 *
 * Call these from the fiber of the request, and return the code of a failed call unchanged.
 */
#ifndef CORACLE_EVENTS_H
#define CORACLE_EVENTS_H

#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/service.h>
#include <coracle/str.h>
#include <coracle/topic.h>

COR_BEGIN_DECLS

#define COR_EVENTS_KEEP_ALIVE_MS 15000

/** An event stream. Made by COR_EVENTS_OPERATION. */
struct cor_events;

/** An event. Zeroed members are left out. */
struct cor_event {
	const char *name;    /* what the client listens for; NULL: "message" */
	const char *id;      /* comes back in Last-Event-ID */
	struct cor_str data; /* UTF-8; several lines are well. data.data NULL: an id alone */
};

/**
 * Send an event, at once. Yields if the client reads slowly.
 *
 * Returns 0, -EINVAL (a CR, LF or NUL in name or id, or data that is not UTF-8: the log says which,
 * if the handler returns the code), -EPIPE (a HEAD: return), -ENOMEM, -ECONNRESET, -ETIMEDOUT or
 * -ECANCELED.
 */
COR_API int cor_events_send(struct cor_events *events, const struct cor_event *event) COR_CHECKED;

/**
 * Send a struct as JSON: cor_events_send_json(events, &event, tick_schema, &tick); event->data is
 * not looked at. Returns also -COR_EINVALID (a value without JSON, or one that --check-answers
 * refuses) and -COR_ETABLE (the schema is not known to the service: .answers, or its .schemas).
 */
#define cor_events_send_json(events, event, schema_, value)                                        \
	cor_events_send_struct((events), (event), &(schema_).schema, COR_TYPED_(value, schema_))
COR_API int cor_events_send_struct(struct cor_events *events, const struct cor_event *event,
	const struct cor_schema *schema, const void *value) COR_CHECKED;

/** Send a message of a topic: its data, its event's name, and its id. As cor_events_send(). */
COR_API int cor_events_forward(
	struct cor_events *events, const struct cor_message *message) COR_CHECKED;

/**
 * The next message, as cor_subscription_receive(), while the connection is kept alive. Yields.
 * Returns as that and as cor_events_send().
 */
COR_API int cor_events_receive(struct cor_events *events, struct cor_subscription *subscription,
	struct cor_message *ret) COR_CHECKED;

/**
 * Forward all messages of a topic from now on; those that it has kept first, if the client says
 * what its last one was. Yields. Ends with a failure: as cor_events_receive() and cor_subscribe().
 *
 * Nothing is lost, over reloads and bad connections, if the topic has .when_slow = COR_SLOW_CUT and
 * a .keep for as many messages as come in the meantime: a client that is too slow is cut, comes
 * again, and goes on where it was. One that is cut before its first message does, too: where the
 * topic has a .keep, the stream begins with the id of the message before, without an event.
 */
COR_API int cor_events_follow(struct cor_events *events, const struct cor_topic *topic) COR_CHECKED;

/** The same with the events of that name alone: of one room, lot or user. */
COR_API int cor_events_follow_named(
	struct cor_events *events, const struct cor_topic *topic, const char *event) COR_CHECKED;

/**
 * Wait `ms` milliseconds while the connection is kept alive. Yields. Returns as cor_sleep_ms() and
 * as cor_events_send().
 */
COR_API int cor_events_sleep_ms(struct cor_events *events, int64_t ms) COR_CHECKED;

/** The Last-Event-ID of a client that comes again; empty otherwise. Never yields. */
COR_API struct cor_str cor_events_last_id(const struct cor_events *events);

/**
 * The same for `.after` of a subscription: 0 without one; 1, which no topic gives, if it is not the
 * id of a message. Never yields.
 */
COR_API uint64_t cor_events_last_message(const struct cor_events *events);

/**
 * Begin the reply before there is an event, and say after how many milliseconds the client shall
 * come again when it ends. 0: drawn from one to three seconds for each client, so that those of a
 * worker do not come together, which is also what the first event does. Never yields. Returns as
 * cor_reply_start() and cor_events_send().
 */
COR_API int cor_events_start(struct cor_events *events, uint32_t retry_ms) COR_CHECKED;

/**
 * There is nothing more for this client: answer 204, after which EventSource does not come again.
 * Before the first event. Never yields. Returns as cor_reply_start().
 */
COR_API int cor_events_over(struct cor_events *events) COR_CHECKED;

/* clang-format off */

/**
 * Define a static operation around
 *
 *     int handler(struct cor_ctx *ctx, const struct in *in, struct cor_events *events);
 *
 * Rows of its input come from the path, the query and headers. .answers is the schema of the
 * events' data, for the OpenAPI document. .timeout_ms ends the stream; 0: nothing does.
 */
#define COR_EVENTS_OPERATION(symbol_, handler_, ...) \
	COR_EVENTS_OPERATION_(symbol_, handler_, __VA_ARGS__, )
#define COR_EVENTS_OPERATION_(symbol_, handler_, in_, ...) \
	typedef int (*symbol_##_type_)( \
		struct cor_ctx *, const __typeof__(*in_.type) *, struct cor_events *); \
	_Static_assert(__builtin_types_compatible_p(__typeof__(&handler_), symbol_##_type_), \
		"the handler must be int " #handler_ "(struct cor_ctx *, " \
		"const (the type of " #in_ ") *, struct cor_events *)"); \
	static int symbol_##_call(struct cor_ctx *ctx, const void *in, struct cor_events *events) \
	{ \
		symbol_##_type_ typed_ = handler_; \
		return typed_(ctx, in, events); \
	} \
	static int symbol_##_adapter(struct cor_ctx *ctx, const void *in, struct cor_body *body, \
		struct cor_reply *reply) \
	{ \
		(void)body; \
		return cor_events_serve(ctx, in, reply, symbol_##_call); \
	} \
	static const struct cor_operation symbol_ = { \
		.handler = #handler_, \
		.stream = symbol_##_adapter, \
		.in = &in_.schema, \
		.content_type = "text/event-stream", \
		__VA_ARGS__ \
	}

/* clang-format on */

/** The function behind the macro. */
COR_API int cor_events_serve(struct cor_ctx *ctx, const void *in, struct cor_reply *reply,
	int (*call)(struct cor_ctx *ctx, const void *in, struct cor_events *events)) COR_CHECKED;

COR_END_DECLS
#endif
