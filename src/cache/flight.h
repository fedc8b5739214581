/* SPDX-License-Identifier: MIT */
/**
 * Who loads what, in one process: one leads, and others that want the same follow.
 *
 * Any thread. What has come of it is bytes, as outcome.h writes them.
 */
#ifndef CORACLE_CACHE_FLIGHT_H
#define CORACLE_CACHE_FLIGHT_H

#include <coracle/sync.h>

#include "base/buffer.h"
#include "cache/caches.h"

/** What followers make of the end of a flight. */
enum cor_landing {
	COR_LANDED,       /* they have what it brings */
	COR_LANDED_EMPTY, /* the leader had no time, say: one of them leads */
	COR_LANDED_OWN,   /* it is the leader's alone: each makes its own */
};

struct cor_load_flight {
	struct cor_load_flight *next; /* of the same cache */
	struct cor_str key;
	const struct cor_ctx *leader;
	uint32_t users;         /* who lead, follow or read it; by the mutex of the cache */
	struct cor_mutex mutex; /* of what follows */
	struct cor_condition landed;
	bool is_over;
	enum cor_landing how;
	struct cor_buffer outcome;
};

enum {
	COR_FLIGHT_LEADS,
	COR_FLIGHT_FOLLOWS,
	COR_FLIGHT_ALONE, /* its leader, or a child of that, asks, or there is no memory */
};

/** Lead or follow. Never yields. Returns an enum above; *ret is NULL with the last. */
int cor_load_board(struct cor_cache_here *here, const struct cor_ctx *ctx, struct cor_str key,
	struct cor_load_flight **ret);

/** Of a follower: wait for the end. Yields. Returns 0, or what the scope has come to. */
int cor_load_await(struct cor_load_flight *flight) COR_CHECKED;

/** Of the leader: its end, after which nobody boards. Takes the buffer. Never yields for long. */
void cor_load_land(struct cor_cache_here *here, struct cor_load_flight *flight,
	enum cor_landing how, struct cor_buffer *outcome);

/** Nobody touches it after that. Never yields. */
void cor_load_leave(struct cor_cache_here *here, struct cor_load_flight *flight);

#endif
