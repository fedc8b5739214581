/* SPDX-License-Identifier: MIT */
/**
 * The connections of a thread that wait for their next call, by destination.
 *
 * A kept connection has no fiber and no buffer. It is closed when the server closes it or sends
 * anything, when its time has passed, or when others take its room: of one destination as many are
 * kept as the request says that has just ended, the latest, and COR_CARRIER_KEPT_MAX in all. The
 * latest is used again first. Nothing here yields, apart from cor_outbound_dial() in dial.h.
 */
#ifndef CORACLE_OUTBOUND_POOL_H
#define CORACLE_OUTBOUND_POOL_H

#include <stdint.h>

#include <coracle/api.h>

#include "client/carrier.h"
#include "outbound/connection.h"
#include "runtime/timer.h"

struct cor_resolver;
struct cor_outbound_wire;

/** A destination that has connections, kept or in use. */
struct cor_outbound_place {
	struct cor_outbound_place *next;
	uint32_t connections;
	uint32_t kept;
	struct cor_outbound_connection *top, *bottom; /* kept: the latest, the oldest */
	uint16_t port;
	bool is_unix;
	size_t len;
	char name[]; /* of the host, or the path */
};

struct cor_outbound_pool {
	struct cor_resolver *resolver;
	struct cor_scheduler *scheduler; /* whose the timer is; NULL: nobody's yet */
	struct cor_timer timer;
	struct cor_outbound_place *places;
	uint32_t kept;
	struct cor_outbound_connection *newest, *oldest;
	struct cor_outbound_wire *spare; /* wires without a call */
	uint32_t spares;
};

void cor_outbound_pool_init(struct cor_outbound_pool *pool, struct cor_resolver *resolver);

/** Close all kept ones. None is in use. */
void cor_outbound_pool_finish(struct cor_outbound_pool *pool);

/** A kept connection to that destination, which is still good; NULL: there is none. */
struct cor_outbound_connection *cor_outbound_pool_take(
	struct cor_outbound_pool *pool, const struct cor_destination *destination);

/** A new connection belongs to the pool from now on. Returns 0 or -ENOMEM. */
int cor_outbound_pool_add(struct cor_outbound_pool *pool, const struct cor_destination *destination,
	struct cor_outbound_connection *connection) COR_CHECKED;

/** Keep a connection that was taken or added, and is not stale: as the request says. */
void cor_outbound_pool_keep(struct cor_outbound_pool *pool,
	struct cor_outbound_connection *connection, const struct cor_carrier_request *request);

/** Close one that was taken or added. */
void cor_outbound_pool_close(
	struct cor_outbound_pool *pool, struct cor_outbound_connection *connection);

#endif
