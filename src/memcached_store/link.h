/* SPDX-License-Identifier: MIT */
/**
 * A connection of a thread to a server of memcached, which all its fibers use at the same time.
 *
 * Requests are gathered, and go out together once the fibers that are ready have added theirs.
 * Answers come in the same order, and each must repeat the number of its request: an answer that is
 * lost, doubled, or meant for another ends the connection, and is never taken for one that somebody
 * waits for. Who no longer waits leaves a gap in the queue: that answer is dropped when it comes.
 *
 * Answers are read on the loop's own stack, into the memory of whoever waits; outside of a fiber by
 * whoever waits. A link belongs to its thread.
 */
#ifndef CORACLE_MEMCACHED_STORE_LINK_H
#define CORACLE_MEMCACHED_STORE_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/arena.h>
#include <coracle/sync.h>

#include "memcached/reply.h"
#include "memcached/request.h"
#include "memcached_store/dial.h"
#include "runtime/reactor.h"
#include "runtime/transport.h"

struct cor_filter;
struct cor_wait;

#define COR_MEMCACHED_PENDING   1 /* rc of an ask that is not answered */
#define COR_MEMCACHED_QUEUE_MAX 4096
#define COR_MEMCACHED_OUT_BYTES (128 * 1024 * 1024) /* more is not gathered */

/** A request, and what has become of it. */
struct cor_memcached_ask {
	struct cor_memcached_request request;
	struct cor_arena *arena; /* where a value goes; NULL: none is wanted */
	int rc;                  /* COR_MEMCACHED_PENDING; 0: answered; or a code */
	enum cor_memcached_code code;
	uint32_t flags;
	uint64_t version;
	bool has_ttl;
	int64_t ttl_s;
	uint64_t number; /* of ADD */
	struct cor_str value;
	bool is_too_large; /* a SERVER_ERROR for that reason */
	bool is_early;     /* of VERSION: its meta protocol is not yet that of today */
	/* the link's */
	uint32_t sequence;
	char *room;
	struct cor_wait *wait;
};

struct cor_memcached_expected {
	struct cor_memcached_ask *ask; /* NULL: nobody waits any more */
	enum cor_memcached_kind kind;
};

/** How to connect. */
struct cor_memcached_opening {
	struct cor_memcached_dialing dialing;
	struct cor_str login; /* "user password"; empty: none */
	uint32_t limit;       /* bytes of a value */
};

struct cor_memcached_link {
	struct cor_watch watch; /* its fd is -1 while it is closed */
	const struct cor_transport *transport;
	struct cor_filter *filter;       /* TLS; NULL: none */
	struct cor_scheduler *scheduler; /* where it is registered; NULL: nowhere */
	int64_t scheduler_since_ns;
	enum cor_memcached_dialect dialect;
	bool is_ready;                     /* it has been asked who answers */
	bool is_flushing;                  /* a fiber will do so */
	bool is_ending;                    /* the loop has told of its end, and does so once */
	bool watches_room;                 /* the loop tells when more can be sent */
	struct cor_mutex gate;             /* who connects */
	uint32_t tries;                    /* to connect, so far */
	int try_rc;                        /* of the last */
	char why[COR_MEMCACHED_WHY_BYTES]; /* in words; "": as the code says */
	struct cor_buffer out;
	size_t sent;                          /* of it */
	struct cor_memcached_expected *queue; /* a ring of `size` */
	uint32_t size;
	uint32_t first, next; /* sequence numbers: of the oldest, and of the one to come */
	struct cor_memcached_reader reader;
	char *in;
	size_t in_len;
};

void cor_memcached_link_init(struct cor_memcached_link *link);

/** Close it and free its memory. Nobody waits. */
void cor_memcached_link_finish(struct cor_memcached_link *link);

/** As that, of what a child of fork() has of its parent: its server and its loop notice nothing. */
void cor_memcached_link_abandon(struct cor_memcached_link *link);

/**
 * Connect and ask who answers, unless that is done. Many may call it at the same time: one does it
 * for all. Yields. Returns 0, -ETIMEDOUT or -ECANCELED of the scope, -ENOMEM, -ECONNREFUSED,
 * -ECONNRESET, -EHOSTUNREACH, -EPROTO, -COR_ECERTIFICATE.
 */
int cor_memcached_link_open(
	struct cor_memcached_link *link, const struct cor_memcached_opening *opening) COR_CHECKED;

/** Put the ask's request in the queue. Never yields. Returns 0, or -ENOMEM or -ECONNRESET. */
int cor_memcached_link_queue(
	struct cor_memcached_link *link, struct cor_memcached_ask *ask) COR_CHECKED;

/** Send what is queued, with what other fibers queue before that. Yields. */
void cor_memcached_link_flush(struct cor_memcached_link *link);

/**
 * Wait until the ask is answered. Yields. Returns ask->rc, or -ETIMEDOUT or -ECANCELED of the
 * scope: it is then out of the queue.
 */
int cor_memcached_link_wait(
	struct cor_memcached_link *link, struct cor_memcached_ask *ask) COR_CHECKED;

/** Nobody waits for it any more: its answer is dropped when it comes. Never yields. */
void cor_memcached_link_leave(struct cor_memcached_link *link, struct cor_memcached_ask *ask);

/** Close the connection; all who wait get the code. Never yields. */
void cor_memcached_link_fail(struct cor_memcached_link *link, int rc);

#endif
