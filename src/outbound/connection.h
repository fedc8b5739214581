/* SPDX-License-Identifier: MIT */
/**
 * A connection to a server, below HTTP: what it is ready for, and one who waits for that.
 *
 * It is registered with the loop once, edge-triggered, when a fiber first has to wait, and stays so
 * between calls. Each try is made only if the last one, or the loop, says that it is worth it: so a
 * call over a kept connection costs a send, a wait and a receive. Outside a fiber the waits block.
 *
 * A connection belongs to its thread. One fiber uses it at a time; a kept one has none.
 */
#ifndef CORACLE_OUTBOUND_CONNECTION_H
#define CORACLE_OUTBOUND_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <coracle/api.h>

#include "runtime/reactor.h"
#include "runtime/transport.h"
#include "runtime/wait.h"

/** What a connection may be ready for. */
enum cor_outbound_state {
	COR_OUTBOUND_READABLE = 1,
	COR_OUTBOUND_WRITABLE = 2,
	/* The server sends no more, or has sent an urgent byte (a receive may stop there): a
	   receive of few bytes says nothing about more. Such a connection is not kept. */
	COR_OUTBOUND_ENDING = 4,
};

/** Who waits for one of its connections; there may be several, while they are being made. */
struct cor_outbound_alarm {
	struct cor_wait *wait; /* NULL: nobody */
	uint8_t wanted;        /* enum cor_outbound_state */
};

struct cor_outbound_place;
struct cor_outbound_pool;

struct cor_outbound_connection {
	struct cor_watch watch;
	const struct cor_transport *transport;
	struct cor_scheduler *scheduler; /* where it is registered; NULL: nowhere */
	struct cor_outbound_alarm *alarm;
	struct cor_outbound_alarm own_alarm;
	uint8_t state;  /* enum cor_outbound_state, or-ed: as far as is known */
	uint32_t moved; /* bytes since it last waited */
	/* While it is kept: called when something comes, which can only be its end. */
	void (*lost)(struct cor_outbound_connection *connection);
	/* the pool's */
	struct cor_outbound_pool *pool;
	struct cor_outbound_place *place;
	struct cor_outbound_connection *older, *newer; /* kept ones of all places */
	struct cor_outbound_connection *below, *above; /* of this place */
	int64_t kept_ns;                               /* until then */
	struct cor_address peer;
};

/**
 * A socket, and the start of its connecting. Returns 0 (connected) or -EINPROGRESS, both with *ret;
 * -ENOMEM, or the errno of socket or connect.
 */
int cor_outbound_start(
	const struct cor_address *peer, struct cor_outbound_connection **ret) COR_CHECKED;

/** It tells the loop of the calling fiber, once. Returns 0, -ENOMEM or -ENOSPC. */
int cor_outbound_register(struct cor_outbound_connection *connection) COR_CHECKED;

/**
 * Wait until it may be ready for one of `wanted`. Yields, or blocks outside a fiber. Returns 0,
 * -ETIMEDOUT or -ECANCELED of the scope, -ENOMEM, -ENOSPC.
 */
int cor_outbound_wait(struct cor_outbound_connection *connection, uint8_t wanted) COR_CHECKED;

/**
 * Before much is received or sent at once: let the others have their turn if it has moved a lot
 * since it last waited. Yields then. Returns 0, -ETIMEDOUT or -ECANCELED.
 */
int cor_outbound_take_turns(struct cor_outbound_connection *connection) COR_CHECKED;

/** What has come: the count, 0 at the end, -EAGAIN, or the errno of recv. Never yields. */
ssize_t cor_outbound_try_receive(
	struct cor_outbound_connection *connection, void *buffer, size_t size) COR_CHECKED;

/** The same, but waits for it. Yields. */
ssize_t cor_outbound_receive(
	struct cor_outbound_connection *connection, void *buffer, size_t size) COR_CHECKED;

/** Send some of it: the count, -EAGAIN, or the errno of sendmsg. Never yields. */
ssize_t cor_outbound_try_send(struct cor_outbound_connection *connection, const struct iovec *parts,
	int count) COR_CHECKED;

/** Whether more than an answer has come, or its end, as far as is known. Never yields. */
bool cor_outbound_has_more(struct cor_outbound_connection *connection);

/** The same of a connection that was kept, where the loop may not have told. Never yields. */
bool cor_outbound_is_stale(struct cor_outbound_connection *connection);

/** Free it, and leave its socket to the caller: the descriptor. Nobody waits. */
int cor_outbound_release(struct cor_outbound_connection *connection);

/** Close and free it. Nobody waits. */
void cor_outbound_close(struct cor_outbound_connection *connection);

#endif
