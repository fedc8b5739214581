/* SPDX-License-Identifier: MIT */
/**
 * WebSocket (RFC 6455): an operation whose handler talks with its client, in straight-line style.
 *
 *     static int shout(struct cor_ctx *ctx, const struct cor_none *in, struct cor_websocket *ws)
 *     {
 *             struct cor_websocket_message message;
 *             int rc;
 *
 *             while ((rc = cor_websocket_receive(ws, &message)) == 0)
 *                     if ((rc = cor_websocket_send_text(ws, message.data)) < 0)
 *                             break;
 *             return rc;
 *     }
 *     COR_WEBSOCKET_OPERATION(shout_operation, shout, COR_NONE, .summary = "Say it again");
 *     static const struct cor_resource echo = { .path = "/echo", .get = &shout_operation };
 *
 * Input, middleware and problems are those of any operation until the first of these functions that
 * sends or receives, or cor_websocket_accept(): up to then the handler may still refuse with
 * cor_problem(). From then on it has no deadline but its own (fiber.h). It ends the conversation by
 * returning:
 *
 *     0, or what receive and send return when it is over    1000, unless it is closed already
 *     -COR_EINVALID or -COR_ESYNTAX of a receive            1007, with what is wrong
 *     a problem (cor_problem()) below 500                   1008, with its detail
 *     any other code                                        1011; the log has the problem
 *
 * The library answers pings, sends its own, checks frames and UTF-8, keeps to the limits of
 * .websocket and, when the service drains, closes with 1001. It does so in these calls: a handler
 * that waits elsewhere answers no ping meanwhile, nor does one that leaves a message unreceived. A
 * slow client makes send wait; one that takes nothing for --write-timeout-ms is cut.
 *
 * The memory of ctx lasts as long as the conversation: what is needed for one message belongs into
 * cor_websocket_arena(). A websocket belongs to the fiber of its request. To reach its client from
 * elsewhere, publish to a topic that it follows: cor_websocket_subscribe().
 *
 * All functions return -COR_ECLOSED once the conversation is closed in an orderly way, by whomever;
 * -ECONNRESET if the client has gone without a word or takes nothing; -ECANCELED if it has reset
 * its connection, or the drain was over: the handler's other waits return that, too; -ETIMEDOUT if
 * it answered no ping; -ENOMEM. Those are final. An -ETIMEDOUT of a scope of the handler's own,
 * which cor_scope_error() shows, is not.
 */
#ifndef CORACLE_WEBSOCKET_H
#define CORACLE_WEBSOCKET_H

#include <stdint.h>

#include <coracle/api.h>
#include <coracle/arena.h>
#include <coracle/context.h>
#include <coracle/schema.h>
#include <coracle/service.h>
#include <coracle/str.h>
#include <coracle/topic.h>
#include <coracle/violation.h>
#include <coracle/websocket_options.h>

COR_BEGIN_DECLS

struct cor_websocket;

enum cor_websocket_kind {
	COR_WEBSOCKET_TEXT = 1, /* UTF-8, which is checked */
	COR_WEBSOCKET_BINARY = 2,
};

struct cor_websocket_message {
	enum cor_websocket_kind kind;
	struct cor_str data; /* until the next receive */
};

/**
 * Answer the handshake, if that has not been done: it is too late to refuse then. Never yields.
 * Returns 0 or as above.
 */
COR_API int cor_websocket_accept(struct cor_websocket *ws) COR_CHECKED;

/**
 * The next message. Yields while there is none. Meanwhile what subscriptions bring is sent. Returns
 * 0 or as above, and -ENOBUFS (a subscription with COR_SLOW_CUT was too slow: 1013 was sent).
 */
COR_API int cor_websocket_receive(
	struct cor_websocket *ws, struct cor_websocket_message *ret) COR_CHECKED;

/**
 * The next message as a struct: rc = cor_websocket_receive_json(ws, said_schema, &said);
 *
 * Everything reachable from *ret lasts until the next receive. Returns as cor_websocket_receive(),
 * and -COR_ESYNTAX (not JSON), -COR_EINVALID (it breaks rules of the table, or is not a text) or
 * -COR_ETABLE (name the schema in .receives, or in the service's .schemas). Then the conversation
 * goes on, unless the handler returns the code: cor_websocket_violations() says what is wrong, and
 * cor_websocket_refuse() tells the client.
 */
#define cor_websocket_receive_json(ws, schema_, ret)                                               \
	cor_websocket_receive_struct((ws), &(schema_).schema, COR_TYPED_RET_(ret, schema_))
COR_API int cor_websocket_receive_struct(
	struct cor_websocket *ws, const struct cor_schema *schema, void *ret) COR_CHECKED;

/** What was wrong with the message that was received last; empty: nothing. Never yields. */
COR_API const struct cor_violations *cor_websocket_violations(const struct cor_websocket *ws);

/**
 * Send the client what is wrong with its last message, as the problem that a body like that would
 * get (RFC 9457, status 422), or in the shape of .errors of the service; its texts are in the
 * language that the handshake asked for. Yields. Returns 0, -EINVAL (nothing is wrong) or as above.
 */
COR_API int cor_websocket_refuse(struct cor_websocket *ws) COR_CHECKED;

/** Send a text. Yields. Returns 0, -EINVAL (it is not UTF-8: nothing was sent) or as above. */
COR_API int cor_websocket_send_text(struct cor_websocket *ws, struct cor_str text) COR_CHECKED;

/** Send bytes. Yields. Returns 0 or as above. */
COR_API int cor_websocket_send_bytes(struct cor_websocket *ws, struct cor_str bytes) COR_CHECKED;

/**
 * Send a struct as JSON: rc = cor_websocket_send_json(ws, heard_schema, &heard);
 *
 * Yields. Returns 0, -COR_EINVALID (a value without JSON, or one that --check-answers refuses),
 * -COR_ETABLE (name the schema in .sends, or in the service's .schemas) or as above.
 */
#define cor_websocket_send_json(ws, schema_, value)                                                \
	cor_websocket_send_struct((ws), &(schema_).schema, COR_TYPED_(value, schema_))
COR_API int cor_websocket_send_struct(
	struct cor_websocket *ws, const struct cor_schema *schema, const void *value) COR_CHECKED;

/**
 * Follow a topic: while the handler is in a receive, each of its messages is sent to the client, as
 * a text (which must be UTF-8: others are left out, and the log says so) or as bytes. `options` as
 * for cor_subscribe(), may be NULL. Never yields. Returns 0 or as cor_subscribe(); *ret (may be
 * NULL) is for cor_websocket_unsubscribe().
 */
COR_API int cor_websocket_subscribe(struct cor_websocket *ws, const struct cor_topic *topic,
	enum cor_websocket_kind kind, const struct cor_subscription_options *options,
	struct cor_subscription **ret) COR_CHECKED;

/** Follow it no longer. NULL is allowed. Never yields. */
COR_API void cor_websocket_unsubscribe(
	struct cor_websocket *ws, struct cor_subscription *subscription);

/**
 * Close it: 1000 to 1003, 1007 to 1014, 3000 to 4999 (RFC 6455 section 7.4), with a reason of 123
 * bytes at most, which is cut there; NULL: none. The reason is for programmers. Then return from
 * the handler. Yields. Returns 0, -EINVAL (a code that must not be sent, or a reason that is not
 * UTF-8) or as above.
 */
COR_API int cor_websocket_close(
	struct cor_websocket *ws, uint16_t code, const char *reason) COR_CHECKED;

/**
 * How it was closed: the client's code, or the one that was sent to it first; 1005 if the client
 * named none, 1006 if it has gone without a word; 0: it is not closed. Never yields.
 */
COR_API uint16_t cor_websocket_close_code(const struct cor_websocket *ws);

/** The sub-protocol that was agreed on; "": none. Never yields. */
COR_API const char *cor_websocket_protocol(const struct cor_websocket *ws);

/** Memory that is the handler's until the next receive, or the end. Never yields. */
COR_API struct cor_arena *cor_websocket_arena(struct cor_websocket *ws);

/* clang-format off */

/**
 * Define a static operation around
 *
 *     int handler(struct cor_ctx *ctx, const struct in *in, struct cor_websocket *ws);
 *
 * It stands under .get of its resource. Rows of its input come from the path, the query and
 * headers. Options are those of struct cor_operation; of them .websocket is its own.
 */
#define COR_WEBSOCKET_OPERATION(symbol_, handler_, ...) \
	COR_WEBSOCKET_OPERATION_(symbol_, handler_, __VA_ARGS__, )
#define COR_WEBSOCKET_OPERATION_(symbol_, handler_, in_, ...) \
	typedef int (*symbol_##_type_)( \
		struct cor_ctx *, const __typeof__(*in_.type) *, struct cor_websocket *); \
	_Static_assert(__builtin_types_compatible_p(__typeof__(&handler_), symbol_##_type_), \
		"the handler must be int " #handler_ "(struct cor_ctx *, " \
		"const (the type of " #in_ ") *, struct cor_websocket *)"); \
	static int symbol_##_adapter( \
		struct cor_ctx *ctx, const void *in, struct cor_websocket *ws) \
	{ \
		symbol_##_type_ typed_ = handler_; \
		return typed_(ctx, in, ws); \
	} \
	static const struct cor_operation symbol_ = { \
		.handler = #handler_, \
		.stream = cor_websocket_serve, \
		.converse = symbol_##_adapter, \
		.in = &in_.schema, \
		__VA_ARGS__ \
	}

/* clang-format on */

/** Behind the macro. */
COR_API int cor_websocket_serve(
	struct cor_ctx *ctx, const void *in, struct cor_body *body, struct cor_reply *reply);

COR_END_DECLS
#endif
