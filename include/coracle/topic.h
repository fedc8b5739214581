/* SPDX-License-Identifier: MIT */
/**
 * Topics: a message that is published once reaches all who have subscribed, in all threads and all
 * worker processes of the service.
 *
 *     static const struct cor_topic prices = {
 *             .name = "prices", .messages = COR_MESSAGES(price_schema),
 *     };
 *     static const struct cor_service shop = { .topics = COR_TOPICS(&prices), ... };
 *
 *     rc = cor_topic_publish_json(ctx, &prices, NULL, price_schema, &price); // anywhere
 *
 *     rc = cor_subscribe(ctx, &prices, NULL, &subscription); // in a handler
 *     while (rc == 0 && (rc = cor_subscription_receive(subscription, &message)) == 0)
 *             rc = send(message.data);
 *
 * All subscribers get the messages of a topic in the same order. A process holds one copy of a
 * message for all of its subscribers. Each of them has a queue of its own with a limit: what
 * happens to one that is too slow is .when_slow, and the others do not notice it. A publisher never
 * waits for a subscriber.
 *
 * With a master, messages also reach the workers that a reload starts: whoever subscribes there
 * gets what is published from then on, and what the topic has kept (.keep). What is published while
 * the whole service is down reaches nobody.
 */
#ifndef CORACLE_TOPIC_H
#define CORACLE_TOPIC_H

#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/context.h>
#include <coracle/schema.h>
#include <coracle/str.h>

COR_BEGIN_DECLS

#define COR_TOPICS_MAX              64            /* of a service */
#define COR_TOPIC_NAME_BYTES        40            /* with its NUL */
#define COR_TOPIC_BYTES             (1024 * 1024) /* that a topic keeps, or has on its way */
#define COR_TOPIC_MESSAGE_BYTES     (64 * 1024)   /* of a message, by default */
#define COR_TOPIC_MESSAGE_BYTES_MAX (COR_TOPIC_BYTES / 4)
#define COR_TOPIC_KEEP_MAX          4096 /* messages */
#define COR_EVENT_NAME_BYTES        64   /* with its NUL */
#define COR_QUEUE_MESSAGES          256  /* of a subscriber, by default */
#define COR_QUEUE_BYTES             COR_TOPIC_BYTES

/** What becomes of a subscriber whose queue is full. */
enum cor_slow {
	COR_SLOW_DROP_OLDEST = 0, /* it loses the message that has waited longest */
	COR_SLOW_DROP_NEWEST,     /* it does not get the new one */
	COR_SLOW_CUT,             /* its receive returns -ENOBUFS, for good */
};

/** A topic. Constant; known to the service by its .topics. */
struct cor_topic {
	/** Small letters, digits, '_' and '-': in metrics, and what makes it one topic in all
	 * processes. */
	const char *name;
	/** For people. */
	const char *doc;
	/** COR_MESSAGES(schema): what cor_topic_publish_json() takes. NULL: text or bytes. */
	const struct cor_schema *messages;
	/**
	 * So many of the last messages are kept, as far as COR_TOPIC_BYTES has room for them: for
	 * subscribers that come again and say which message was their last. 0: none.
	 */
	uint32_t keep;
	/** A longer message is refused. 0: COR_TOPIC_MESSAGE_BYTES. */
	uint32_t message_bytes;
	/** Limits of each subscriber's queue. 0: COR_QUEUE_MESSAGES and COR_QUEUE_BYTES. */
	uint32_t queue_messages;
	uint32_t queue_bytes;
	enum cor_slow when_slow;
};

/* clang-format off */

/** For a service's .topics: COR_TOPICS_MAX at most. */
#define COR_TOPICS(...) \
	(const struct cor_topic *const[]) { __VA_ARGS__, NULL }

#define COR_MESSAGES(schema_) (&(schema_).schema)

/* clang-format on */

/**
 * Publish a message: the bytes are copied. `event` names its kind for subscribers, in server-sent
 * events too: no control characters, COR_EVENT_NAME_BYTES with its NUL; NULL: none.
 *
 * It does not wait for subscribers, nor for another process that has died; one that was stopped in
 * the middle of its own cor_topic_publish() is waited for 20 ms at most. Never yields. Any thread,
 * with the ctx of a handler, a hook or a job on a thread.
 *
 * Returns 0, -EINVAL (the service has no such topic, the ctx is that of a prepare hook or of a job
 * in a process, or the event's name breaks a rule), -COR_ETOOLARGE (more than .message_bytes),
 * -EBUSY (a stopped process has the topic: nobody gets the message) or -ENOMEM.
 */
COR_API int cor_topic_publish(struct cor_ctx *ctx, const struct cor_topic *topic, const char *event,
	struct cor_str data) COR_CHECKED;

/**
 * Publish a struct as JSON: cor_topic_publish_json(ctx, &prices, NULL, price_schema, &price).
 *
 * Never yields. On a thread of the service with that thread's ctx, because a codec belongs to one
 * thread: a handler, a hook, or a job on a thread. Returns also -COR_EINVALID (a value without
 * JSON, or one that --check-answers refuses) and -COR_ETABLE (the schema is not known to the
 * service: .messages, or its .schemas).
 */
#define cor_topic_publish_json(ctx, topic, event, schema_, value)                                  \
	cor_topic_publish_struct(                                                                  \
		(ctx), (topic), (event), &(schema_).schema, COR_TYPED_(value, schema_))
COR_API int cor_topic_publish_struct(struct cor_ctx *ctx, const struct cor_topic *topic,
	const char *event, const struct cor_schema *schema, const void *value) COR_CHECKED;

/** A subscriber: of one fiber, or of one thread outside fibers. */
struct cor_subscription;

/** Zeroed: as the topic says, and only what comes from now on. */
struct cor_subscription_options {
	/**
	 * The id of the last message that the subscriber has had in an earlier life: it gets those
	 * that are kept and came later, without counting them in its queue's limits. 0: none.
	 */
	uint64_t after;
	/**
	 * It gets the events of this name alone, and only they fill its queue: so one topic has as
	 * many rooms, lots or users as there are. NULL: all. It is copied.
	 */
	const char *event;
};

/**
 * Subscribe. Messages that are published from now on are queued until they are received.
 * `options` may be NULL. The subscription is the ctx's and ends with it at the latest. Never
 * yields.
 *
 * Returns 0, -EINVAL (the service has no such topic, or the event's name breaks a rule), -ENOMEM,
 * -EAGAIN (no thread can be made for what other processes publish) or -COR_ECLOSED (the service
 * ends).
 */
COR_API int cor_subscribe(struct cor_ctx *ctx, const struct cor_topic *topic,
	const struct cor_subscription_options *options, struct cor_subscription **ret) COR_CHECKED;

/** A message, as a subscriber sees it. Its texts last until the subscription's next receive. */
struct cor_message {
	struct cor_str data; /* a NUL is behind it */
	const char *event;   /* "": none */
	uint64_t id;         /* rises from message to message of the topic, over restarts too */
	/**
	 * How many messages of the topic the subscriber has lost right before this one, because it
	 * was too slow or, with .after, because they are not kept any more: at least so many. With
	 * .event those that never came to its queue count whatever their name was: nobody knows.
	 */
	uint64_t lost;
};

/**
 * The next message. Yields while there is none; the scope limits the wait (fiber.h): a cancelled
 * handler receives no more, even if something is there.
 *
 * Returns 0, -ETIMEDOUT, -ECANCELED, -ENOBUFS (it was too slow: COR_SLOW_CUT) or -COR_ECLOSED (the
 * service ends).
 */
COR_API int cor_subscription_receive(
	struct cor_subscription *subscription, struct cor_message *ret) COR_CHECKED;

/**
 * End it before its ctx does: nothing more is queued. The pointer stays good for further calls,
 * which do nothing or return -COR_ECLOSED, until the ctx ends. NULL is allowed. Never yields.
 */
COR_API void cor_unsubscribe(struct cor_subscription *subscription);

COR_END_DECLS
#endif
