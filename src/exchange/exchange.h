/* SPDX-License-Identifier: MIT */
/**
 * One request and its reply as a stream: where server and service meet.
 *
 * The server (or a test) makes an exchange, fills in the request, and calls the handler on a fiber;
 * the handler reads the body and replies through the ops. An exchange knows nothing of its
 * connection, so that HTTP/2 and the uwsgi protocol can stand behind the same ops.
 *
 * States of the reply: none -> answered (cor_exchange_respond) or none -> started -> ended. A
 * handler that returns with none has a defect and is answered 500 by the server.
 */
#ifndef CORACLE_EXCHANGE_EXCHANGE_H
#define CORACLE_EXCHANGE_EXCHANGE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include <coracle/request.h>
#include <coracle/stream.h>

#include "base/compiler.h"
#include "context/context.h"
#include "http/fold.h"
#include "http/head.h"
#include "http/status.h"

struct cor_caller;
struct cor_extents;
struct cor_exchange;
struct cor_operation;
struct cor_request_figures;

/** A header of the reply, in ctx memory. */
struct cor_reply_field {
	struct cor_reply_field *next;
	struct cor_str name;
	struct cor_str value;
};

/** How a client asks for another protocol. */
enum cor_switching {
	COR_SWITCHING_NOTHING = 0, /* it does not */
	COR_SWITCHING_UPGRADE,     /* HTTP/1.1: Upgrade, which Connection names */
	COR_SWITCHING_CONNECT,     /* HTTP/2: an extended CONNECT */
};

struct cor_exchange_ops {
	/**
	 * As cor_body_read(); a failure has recorded its problem (408, 413, 400) with
	 * cor_ctx_fail().
	 */
	ssize_t (*read_body)(struct cor_exchange *x, void *buffer, size_t size);
	/**
	 * The whole reply at once; x->fields_out are sent too, an empty type is left out. The type
	 * is a constant: its text stays what and where it is for as long as the handler is. The
	 * body of a HEAD is that of the GET and is left away. Ends with cor_exchange_answered(),
	 * unless it fails. Never yields, but for those of coding/answer.h. Returns 0, -ENOMEM, or a
	 * connection's error.
	 */
	int (*respond)(struct cor_exchange *x, uint16_t status, struct cor_str content_type,
		struct cor_str body);
	/**
	 * As respond(), with a body that is not in memory, and becomes the exchange's own whatever
	 * comes of it: of a HEAD nothing of it is read. What the client does not take at once is
	 * read when it takes it. Ends with cor_exchange_answered(), unless it fails.
	 */
	int (*send_extents)(struct cor_exchange *x, uint16_t status, struct cor_str content_type,
		struct cor_extents *extents);
	/**
	 * The head alone. Pieces follow if cor_exchange_sends_content(), else it is the whole
	 * reply. Never yields.
	 */
	int (*start)(struct cor_exchange *x, uint16_t status, struct cor_str content_type);
	/** A piece. Yields. */
	int (*write)(struct cor_exchange *x, const void *data, size_t size);
	/** What was written goes out. Yields. */
	int (*flush)(struct cor_exchange *x);
	/**
	 * The trailer fields of the request's body, in ctx memory, once read_body has returned 0;
	 * NULL before, and if there are none. They obey the limits of header lines (431), and none
	 * is among them that cor_trailer_is_allowed() does not allow: those are dropped. NULL:
	 * there are never any. Never yields.
	 */
	const struct cor_reply_field *(*trailers)(struct cor_exchange *x);
	/**
	 * Whether trailer fields can go behind the body of a started reply, and the client takes
	 * them (TE: trailers): asked before and after the start. If so, those that are in
	 * x->fields_out at the end of a started reply are sent; they are allowed. NULL: never.
	 */
	bool (*takes_trailers)(struct cor_exchange *x);
	/** The address of the peer as text in ctx memory, or NULL. */
	const char *(*peer)(struct cor_exchange *x);
	/** As cor_exchange_find_caller(). NULL: nothing is known. */
	int (*caller)(struct cor_exchange *x, struct cor_caller *ret);
	/**
	 * Nobody shall wait for this exchange to be over: its connection ends with the reply. NULL:
	 * there is none.
	 */
	void (*retire)(struct cor_exchange *x);

	/**
	 * The reply that is about to start goes on for as long as its client stays: the request has
	 * no deadline any more, unless its route has one; its fiber is cancelled when a drain
	 * begins, and when the client has gone or closed its direction. Never yields. NULL: nothing
	 * of that holds.
	 */
	void (*stay)(struct cor_exchange *x);
	/** Whether a drain has cancelled it, and the client is still there. NULL: it never does. */
	bool (*was_drained)(const struct cor_exchange *x);

	/**
	 * How the client asks for another protocol on this stream: its name stands in the request's
	 * field Upgrade, where HTTP/2 puts what its :protocol says (RFC 9110 section 7.8, RFC 8441
	 * section 4; the method is GET there, too). NULL: it never does, and the rest is not there.
	 */
	enum cor_switching (*asks_to_switch)(const struct cor_exchange *x);
	/**
	 * Agree: the head goes out (101, or 200 of HTTP/2) with x->fields_out, and the reply is
	 * STARTED. From now on the stream carries bytes of that protocol until its fiber ends:
	 * write() and flush() send them as they are, receive() and await() stand for read_body().
	 * The request has no deadline any more, its body no limit and no least pace; that the
	 * client must take what is sent holds as before. Never yields. Returns 0, -ENOMEM, or a
	 * connection's error.
	 */
	int (*switch_protocols)(struct cor_exchange *x, struct cor_str protocol);
	/**
	 * Take bytes that are here, at most `size`. Never yields. Returns the count, 0 at the end
	 * of the client's direction, -EAGAIN (await() tells when there may be more), -ECONNRESET,
	 * or once, when a drain has begun, -ESHUTDOWN: say goodbye, and end soon.
	 */
	ssize_t (*receive)(struct cor_exchange *x, void *buffer, size_t size);
	/**
	 * Wait until receive() may have something, nudge() was called, or deadline_ns (monotonic)
	 * has come. Holds no buffer meanwhile. Yields. Returns 0, at times for nothing, -ETIMEDOUT,
	 * -ECANCELED or -ECONNRESET.
	 */
	int (*await)(struct cor_exchange *x, int64_t deadline_ns);
	/** Let await() return, now or when it is called next. On the exchange's thread. */
	void (*nudge)(struct cor_exchange *x);
};

/** The two faces of an exchange that stream handlers see: stream.h. */
struct cor_body {
	struct cor_exchange *exchange;
};
struct cor_reply {
	struct cor_exchange *exchange;
	uint16_t status;             /* of success, as the operation has it; 0: no operation */
	struct cor_str content_type; /* the operation's; empty: none */
	bool sends_file;             /* as the operation says */
};

/** How to serve a request. The handler makes and owns it, before the first request. */
struct cor_route {
	const char *name;         /* for reports: "get_book", "404"; static, never NULL */
	uint32_t stack_bytes;     /* 0: the default */
	uint32_t timeout_ms;      /* 0: the server's */
	int64_t body_limit_bytes; /* -1: the server's */
	uint32_t figures;         /* its own: bytes behind its handler's first; 0: the first */
	bool needs_client;        /* a client that sends no more cancels the request */
	const char *refusal;      /* why it refuses all requests, for the log; NULL: it does not */
};

#define COR_ROUTE_PARAMETERS_MAX 8

/**
 * Percent-encoded values of the path's {names}, in order; they count from the path's first byte.
 */
struct cor_route_parameters {
	uint8_t len;
	struct cor_span values[COR_ROUTE_PARAMETERS_MAX];
};

struct cor_mask; /* schema/mask.h */

struct cor_exchange {
	struct cor_ctx ctx;
	const struct cor_exchange_ops *ops;
	const struct cor_handler *handler;

	/* the request: all of it in ctx memory, once it has been routed */
	struct cor_head head;
	const char *bytes;                   /* of the head: its spans count from here */
	const struct cor_head_field *fields; /* head.fields_len header lines */
	const struct cor_route *route;
	int64_t body_limit_bytes;
	struct cor_route_parameters parameters;

	/* the reply: nothing at first, see cor_exchange_begin() */
	enum { COR_REPLY_NONE = 0, COR_REPLY_STARTED, COR_REPLY_ENDED } reply_state;
	bool broken;          /* a started reply that cannot be ended: the connection is cut */
	bool is_through : 1;  /* the end of the chain of middleware was reached, and went well */
	bool of_trusted : 1;  /* by a page of an origin that .cors lets send credentials */
	bool leaves_job : 1;  /* of its handler, which did not wait for its end */
	uint16_t status;      /* once started or answered */
	int64_t body_read;    /* bytes of the request's body handed out so far */
	int64_t body_written; /* bytes of the reply's body that were handed on to be sent */
	struct cor_str user;  /* who was let in, for the log; empty: anybody */
	const struct cor_mask *selection; /* the part of an answer that was asked for; NULL: all */
	/* newest last; once the reply has started, its trailer fields */
	struct cor_reply_field *fields_out;
	struct cor_reply_field *fields_out_last;
};

/** Begin: there is no reply yet. */
static inline void cor_exchange_begin(struct cor_exchange *x)
{
	memset(&x->reply_state, 0, sizeof *x - offsetof(struct cor_exchange, reply_state));
}

/** The path as sent, without the query. */
static inline struct cor_str cor_exchange_path(const struct cor_exchange *x)
{
	return cor_span_text(x->bytes, x->head.path);
}

/** The query as sent, without '?'. */
static inline struct cor_str cor_exchange_query(const struct cor_exchange *x)
{
	return cor_span_text(x->bytes, x->head.query);
}

/** A HEAD is served as a GET: the server leaves the body out. */
static inline bool cor_exchange_is_head(const struct cor_exchange *x)
{
	return x->head.method == COR_METHOD_HEAD;
}

/**
 * Whether an answer of that status has content: not to a HEAD, and some statuses have none (RFC
 * 9110 sections 9.3.2, 15.3.5, 15.3.6 and 15.4.5), whatever the handler gives.
 */
static inline bool cor_exchange_sends_content(const struct cor_exchange *x, uint16_t status)
{
	return !cor_exchange_is_head(x) && cor_status_has_body(status);
}

/** Whether the request has a body; it may turn out empty where its length is not known. */
static inline bool cor_exchange_has_body(const struct cor_exchange *x)
{
	return x->head.body != COR_BODY_NONE;
}

/**
 * Whoever answers exchanges. `self` is what cor_handler_create-like functions of the folder made;
 * one handler serves one thread.
 */
struct cor_handler {
	/**
	 * Find out how the request of that head, which begins at `bytes`, will be served. On the
	 * loop's stack, before there is an exchange: never yields. *ret_parameters is not set
	 * before: all of it, or its len. The answer outlives the request.
	 */
	const struct cor_route *(*route)(const struct cor_handler *self,
		const struct cor_head *head, const char *bytes,
		struct cor_route_parameters *ret_parameters);
	/** Serve it, on the fiber: exactly one reply. */
	void (*serve)(const struct cor_handler *self, struct cor_exchange *x);
	/** What every ctx of this handler shares. */
	const struct cor_environment *environment;
	/** What its thread counts of requests: figures_len of them. NULL: the server has one. */
	struct cor_request_figures *figures;
	uint32_t figures_len;
};

/** The exchange of a ctx; NULL in a start hook or a test. */
static inline struct cor_exchange *cor_exchange_of(struct cor_ctx *ctx)
{
	return ctx->request;
}

/** The first header of a well-known name that is not a list; data is NULL if absent. */
static inline struct cor_str cor_exchange_known(const struct cor_exchange *x, enum cor_known name)
{
	return cor_head_known(&x->head, x->fields, x->bytes, name);
}

/**
 * The header of that name, in any case. Several lines are one list (RFC 9110 section 5.3): they are
 * joined, in ctx memory, by ", " (of Cookie by "; "). Empty if absent, with data NULL, and without
 * memory, with data that is not.
 */
struct cor_str cor_exchange_header(struct cor_exchange *x, struct cor_str name);

/** The same; returns 0 or -ENOMEM. */
int cor_exchange_read_header(
	struct cor_exchange *x, struct cor_str name, struct cor_str *ret) COR_CHECKED;

/** The same for a well-known name that is a list. */
static inline struct cor_str cor_exchange_list(struct cor_exchange *x, enum cor_known name)
{
	return COR_UNLIKELY(x->head.repeats) ? cor_exchange_header(x, cor_str(cor_known_name(name)))
					     : cor_exchange_known(x, name);
}

/**
 * Take back the reply's headers that were added after `last`, an earlier x->fields_out_last (NULL:
 * all of them).
 */
static inline void cor_exchange_take_back(struct cor_exchange *x, struct cor_reply_field *last)
{
	x->fields_out_last = last;
	if (last)
		last->next = NULL;
	else
		x->fields_out = NULL;
}

/** Whether it is a line of that name, in any case; `lower` is in lower case. */
static inline bool cor_reply_field_is(const struct cor_reply_field *field, struct cor_str lower)
{
	return field->name.len == lower.len &&
	       cor_fold_same(field->name.data, lower.data, lower.len);
}

/** Add a header to the reply, where it stays until the reply begins; whatever its name is. */
void cor_exchange_link_field(struct cor_exchange *x, struct cor_reply_field *field);

/**
 * Whether a reply's header line of that name is written for the handler: a second one would let the
 * two ends disagree about where the reply ends, or what it is.
 */
bool cor_exchange_writes_field(const char *name);

/**
 * Whether the reply has a header of that name already that may stand once only: Location, ETag ...
 */
bool cor_exchange_has_said(const struct cor_exchange *x, const char *name);

/** If it has, it gets that value, which lasts as long as the reply. */
bool cor_exchange_replace_field(struct cor_exchange *x, const char *name, struct cor_str value);

/**
 * Add a line to the reply's header, or to its trailer: name and value are good, and last as long as
 * the reply. Returns 0 or -ENOMEM.
 */
int cor_exchange_add_field(
	struct cor_exchange *x, const char *name, struct cor_str value) COR_CHECKED;

/** For the ops: the whole reply is on its way. */
static inline void cor_exchange_answered(struct cor_exchange *x, uint16_t status, size_t bytes)
{
	x->status = status;
	x->body_written = (int64_t)bytes;
	x->reply_state = COR_REPLY_ENDED;
}

/**
 * Answer with a whole body, its type a constant as above. Yields only where a long one is encoded
 * (coding/answer.c); the body may be gone by then. Returns 0, -EALREADY, -ENOMEM, a connection's
 * error, or then -ECANCELED or -ETIMEDOUT.
 */
COR_CHECKED static inline int cor_exchange_respond(
	struct cor_exchange *x, uint16_t status, struct cor_str content_type, struct cor_str body)
{
	if (x->reply_state != COR_REPLY_NONE)
		return -EALREADY;
	return x->ops->respond(x, status, content_type, body);
}

/** Take over a client's own request id if it is short and harmless. Returns whether it is. */
bool cor_exchange_adopt_id(struct cor_str id, char ret[COR_REQUEST_ID_BYTES]);

/** Record the problem 413 and return -COR_ETOOLARGE: for a reader of the body. */
int cor_exchange_body_too_large(struct cor_exchange *x);

/**
 * Read the whole body into ctx memory, NUL behind it. Yields. A failure has recorded its problem in
 * ctx.
 * Returns 0, -COR_ETOOLARGE, -COR_ESYNTAX, -ETIMEDOUT, -ECANCELED, -ECONNRESET, -ENOMEM.
 */
int cor_exchange_read_all(struct cor_exchange *x, struct cor_str *ret);

#endif
