/* SPDX-License-Identifier: MIT */
/**
 * What carries a call: the seam behind the HTTP client.
 *
 * A carrier does one exchange of HTTP with one server, and knows its connections. What a call is
 * made of besides (targets, redirects, credentials, cookies, content codings, retries, schemas) is
 * the client's, once for all carriers.
 *
 *     rc = carrier->begin(state, &request, &wire);      // nothing is sent yet
 *     rc = wire->carrier->connect(wire);                // a connection, new or used before
 *     rc = wire->carrier->send(wire, data, len);        // the head goes with the first bytes
 *     rc = wire->carrier->finish(wire);                 // the request is whole
 *     rc = wire->carrier->receive_head(wire, &answer);  // interim ones (1xx) are passed over
 *     while ((n = wire->carrier->receive(wire, buffer, sizeof buffer)) > 0) ...
 *     wire->carrier->end(wire);                         // in any state: the one way to free it
 *
 * These calls are straight-line: each waits on the caller's fiber, or blocks the thread outside of
 * one, and obeys the scopes of the caller, which are the only timeouts that there are. After a
 * failure only end() may follow.
 *
 * A failure returns a negative code and leaves wire->fault: what it was, and a text for the log.
 * -ETIMEDOUT and -ECANCELED of a scope leave none: the client knows what it waited for.
 */
#ifndef CORACLE_CLIENT_CARRIER_H
#define CORACLE_CLIENT_CARRIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <coracle/arena.h>
#include <coracle/client.h>
#include <coracle/str.h>
#include <coracle/upstream.h>

#include "client/carrier_calls.h"

/** Where a request goes. Two that are equal in every member may share connections. */
struct cor_destination {
	bool is_tls;
	struct cor_str host;   /* a name or an address, IPv6 without brackets; of a unix socket
	                          "localhost" */
	uint16_t port;         /* never 0, but for a unix socket */
	const char *unix_path; /* NULL: TCP */
	const struct cor_upstream_tls *tls; /* NULL: as by default */
	struct cor_str proxy;               /* "http://127.0.0.1:3128"; empty: none */
};

/** Values of body_bytes that are no length. */
#define COR_BODY_CHUNKED -1 /* its length is not known: Transfer-Encoding: chunked */
#define COR_BODY_ABSENT  -2 /* there is none, and no Content-Length: a GET */

/** A request. All that it points to stays as it is until the wire has ended. */
struct cor_carrier_request {
	const struct cor_destination *destination;
	struct cor_arena *arena;  /* for the head of the answer */
	struct cor_str method;    /* a token; case counts */
	struct cor_str authority; /* for Host, or :authority */
	struct cor_str path;      /* with the query, encoded: "/books/7?full=1" */
	/* All others: names and values are valid, and none says how the body is framed, nor is Host
	   or Connection. */
	const struct cor_http_field *fields;
	size_t fields_len;
	int64_t body_bytes; /* or COR_BODY_CHUNKED, COR_BODY_ABSENT */
	/* Of its connection, once it has no call: .kept and .kept_ms of struct cor_upstream. */
	uint32_t kept;
	uint32_t kept_ms;
};

/** The head of an answer; its texts are in the arena of the request. */
struct cor_carrier_answer {
	uint16_t status;                     /* 200 to 599 */
	const struct cor_http_field *fields; /* in the order and the names sent, and one of NULL */
	size_t fields_len;
	int64_t body_bytes; /* what was announced, encoded; -1: not known; 0: there is no body */
};

#define COR_FAULT_BYTES 160

struct cor_carrier_fault {
	enum cor_failure kind;      /* 0: none */
	char text[COR_FAULT_BYTES]; /* "connection refused by 127.0.0.1:8080"; cut when longer; no
	                               secrets */
};

struct cor_carrier;

/** A call on its way. A carrier's own struct begins with it. */
struct cor_wire {
	const struct cor_carrier *carrier;
	const struct cor_carrier_request *request;
	struct cor_carrier_fault fault;
	/* The connection has carried another call before: the server may have closed it. */
	bool is_reused;
	/* A byte of an answer, or the end of the stream after one, has come: the server has seen
	   the request. */
	bool has_answer;
};

/** What a carrier may do besides plain HTTP to an address, a host name or a unix socket. */
enum cor_carrier_skill {
	COR_CARRIES_TLS = 1,
	COR_CARRIES_BY_PROXY = 2,
};

/* These three stay first: a library of another version refuses in open(). */
struct cor_carrier {
	const char *name; /* "plain", "curl", "script" */
	uint32_t skills;  /* enum cor_carrier_skill, or-ed */

	/**
	 * Make what calls of a thread share: its connections. On that thread, before or while its
	 * scheduler runs. Never yields. `calls` (&cor_carrier_calls) is for carriers that are not
	 * in libcoracle. Returns 0, -ENOMEM, or -EPROTONOSUPPORT: the carrier's library is of
	 * another version.
	 */
	int (*open)(const struct cor_carrier *carrier, const struct cor_carrier_calls *calls,
		void **ret_state) COR_CHECKED;
	/** Close all connections. No wire is left. On that thread; its scheduler may have ended. */
	void (*close)(void *state);

	/** Prepare a call. Never yields. Returns 0, -ENOMEM, or -EINVAL (it has not the skill). */
	int (*begin)(void *state, const struct cor_carrier_request *request,
		struct cor_wire **ret) COR_CHECKED;
	/**
	 * Wait for a connection: of those that are kept, else a new one with all that belongs to it
	 * (name, TCP, proxy, TLS).
	 */
	int (*connect)(struct cor_wire *wire) COR_CHECKED;
	/**
	 * Send the next bytes of the body: all of them are taken when it returns, and nothing of
	 * `data` is needed any more. -EPIPE: the server takes no more of it; it may have answered.
	 */
	int (*send)(struct cor_wire *wire, const void *data, size_t len) COR_CHECKED;
	/** The body is whole. Returns as send(). */
	int (*finish)(struct cor_wire *wire) COR_CHECKED;
	/** Wait for the head of the final answer. May follow a send() that returned -EPIPE. */
	int (*receive_head)(struct cor_wire *wire, struct cor_carrier_answer *ret) COR_CHECKED;
	/** At most `size` bytes of the body as it came, still encoded; 0: it is complete. */
	ssize_t (*receive)(struct cor_wire *wire, void *buffer, size_t size) COR_CHECKED;
	/**
	 * The call is over: its connection is kept if request and answer are complete, and both
	 * sides keep it open; else it is closed. Never yields.
	 */
	void (*end)(struct cor_wire *wire);
};

/** Of connections without a call, to whatever servers, a thread keeps so many. */
#define COR_CARRIER_KEPT_MAX 1024

#endif
