/* SPDX-License-Identifier: MIT */
/**
 * One request and its reply as a stream: where server and service meet.
 *
 * The server (or a test) makes an exchange, fills in the request, and calls the handler on a fiber; the handler reads
 * the body and replies through the ops. An exchange knows nothing of its connection, so that HTTP/2 and the uwsgi
 * protocol can stand behind the same ops.
 *
 * States of the reply: none -> answered (cor_exchange_respond) or none -> started -> ended. A handler that returns with
 * none has a defect and is answered 500 by the server.
 */
#ifndef CORACLE_EXCHANGE_EXCHANGE_H
#define CORACLE_EXCHANGE_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <coracle/request.h>
#include <coracle/stream.h>

#include "context/context.h"
#include "http/head.h"

struct cor_exchange;
struct cor_operation;

/** A header of the reply, in ctx memory. */
struct cor_reply_field {
	struct cor_reply_field *next;
	struct cor_str name;
	struct cor_str value;
};

/** The head of a reply. */
struct cor_response {
	uint16_t status;
	struct cor_str content_type; /* empty: none */
	int64_t length; /* of the body; -1: not known, sent in chunks. A HEAD reply has the length of the GET */
};

struct cor_exchange_ops {
	/** As cor_body_read(); a failure has recorded its problem (408, 413, 400) in ctx. */
	ssize_t (*read_body)(struct cor_exchange *x, void *buffer, size_t size);
	/** The whole reply at once; x->fields are sent too. Never yields. Returns 0, -ENOMEM, or a connection's error. */
	int (*respond)(
		struct cor_exchange *x, const struct cor_response *response, struct cor_str body);
	/** The head alone; pieces follow. Never yields. */
	int (*start)(struct cor_exchange *x, const struct cor_response *response);
	/** A piece. Yields. */
	int (*write)(struct cor_exchange *x, const void *data, size_t size);
	/** What was written goes out. Yields. */
	int (*flush)(struct cor_exchange *x);
	/** The address of the peer as text in ctx memory, or NULL. */
	const char *(*peer)(struct cor_exchange *x);
};

/** The two faces of an exchange that stream handlers see: stream.h. */
struct cor_body {
	struct cor_exchange *exchange;
};
struct cor_reply {
	struct cor_exchange *exchange;
	uint16_t status;             /* of success, as the operation has it; 0: no operation */
	struct cor_str content_type; /* the operation's; empty: none */
};

/** What the router found. Filled on the loop's stack before there is a fiber. */
struct cor_route {
	const char *name;         /* of the route, for reports: "get_book", "404"; static */
	const void *target;       /* the handler's own */
	uint32_t stack_bytes;     /* 0: the default */
	uint32_t timeout_ms;      /* 0: the server's */
	int64_t body_limit_bytes; /* -1: the server's, which fills it in */
	uint16_t refusal;         /* 0, or the status the handler will answer with: 404, 405 */
	uint8_t parameters_len;
	struct cor_str parameters
		[8]; /* percent-encoded values of the path's {names}, in order; into the path */
};

struct cor_exchange {
	struct cor_ctx ctx;
	const struct cor_exchange_ops *ops;
	const struct cor_handler *handler;

	/* the request: all of it in ctx memory */
	enum cor_method method;
	bool is_head;     /* a HEAD that is served as a GET: the server leaves the body away */
	const char *head; /* its bytes; the spans below count from here */
	const struct cor_head_field *fields_in; /* header lines */
	const uint8_t *known_in;                /* COR_KNOWN_COUNT of them, as in struct cor_head */
	uint8_t fields_in_len;
	struct cor_str method_text;
	struct cor_str path;  /* as sent, without the query */
	struct cor_str query; /* as sent, without '?' */
	struct cor_str host;
	int64_t content_length; /* -1: no such header */
	bool chunked;
	struct cor_route route;
	struct cor_body body;
	struct cor_reply reply;

	/* the reply */
	enum { COR_REPLY_NONE = 0, COR_REPLY_STARTED, COR_REPLY_ENDED } reply_state;
	bool broken;          /* a started reply that cannot be ended: the connection is cut */
	uint16_t status;      /* once started or answered */
	int64_t body_read;    /* bytes of the request's body handed out so far */
	int64_t body_written; /* bytes of the reply's body */
	struct cor_reply_field *fields_out; /* newest last */
	struct cor_reply_field *fields_out_last;
};

/** Whether the request has a body (an empty one too, if announced). */
static inline bool cor_exchange_has_body(const struct cor_exchange *x)
{
	return x->chunked || x->content_length > 0;
}

/**
 * Whoever answers exchanges. `self` is what cor_handler_create-like functions of the folder made; one handler serves
 * one thread.
 */
struct cor_handler {
	/** Find out who will serve x (method, path and header lines are set). On the loop's stack: never yields, no ctx memory. */
	void (*route)(
		const struct cor_handler *self, struct cor_exchange *x, struct cor_route *ret);
	/** Serve it, on the fiber: exactly one reply. */
	void (*serve)(const struct cor_handler *self, struct cor_exchange *x);
	/** What every ctx of this handler shares. */
	const struct cor_environment *environment;
};

/** The exchange of a ctx; NULL where there is none. */
static inline struct cor_exchange *cor_exchange_of(struct cor_ctx *ctx)
{
	return ctx->request;
}

/** The first header of a well-known name; data is NULL if absent. */
static inline struct cor_str cor_exchange_known(const struct cor_exchange *x, enum cor_known name)
{
	struct cor_str none = { NULL, 0 };
	unsigned index = x->known_in ? x->known_in[name] : 0;

	return index ? cor_span_text(x->head, x->fields_in[index - 1].value) : none;
}

/** The first header of that name, in any case; empty if absent. */
struct cor_str cor_exchange_header(const struct cor_exchange *x, const char *name);

/** Answer with a whole body. Never yields. Returns 0, -EALREADY, -ENOMEM, or a connection's error. */
int cor_exchange_respond(
	struct cor_exchange *x, uint16_t status, struct cor_str content_type, struct cor_str body);

/** Record the problem 413 and return -COR_ETOOLARGE: for whoever reads the body. */
int cor_exchange_body_too_large(struct cor_exchange *x);

/**
 * Read the whole body into ctx memory, NUL behind it. Yields. A failure has recorded its problem in ctx.
 * Returns 0, -COR_ETOOLARGE, -COR_ESYNTAX, -ETIMEDOUT, -ECANCELED, -ECONNRESET, -ENOMEM.
 */
int cor_exchange_read_all(struct cor_exchange *x, struct cor_str *ret);

#endif
