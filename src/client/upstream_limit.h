/* SPDX-License-Identifier: MIT */
/** How many calls and requests of an upstream may be on their way. Private to the library. */
#ifndef CORACLE_CLIENT_UPSTREAM_LIMIT_H
#define CORACLE_CLIENT_UPSTREAM_LIMIT_H

#include "client/upstreams.h"

struct cor_upstream_limit {
	uint32_t in_flight; /* calls of a thread */
	bool adapts;
	struct cor_adaptive_rules rules; /* if it adapts */
	uint32_t wait_ms;
};

/** As its settings say, or itself. NULL: there are none. */
struct cor_upstream_limit cor_upstream_limit_of(
	const struct cor_upstream *upstream, const struct cor_upstream_settings *said);

/** What is wrong with what it says itself, as cor_upstream_fault() has it. */
const char *cor_upstream_limit_fault(struct cor_arena *arena, const struct cor_upstream *upstream);

/** The part of a thread that makes it one. Returns 0, -ENOMEM, or as cor_lock_init(). */
int cor_upstream_limit_prepare(
	struct cor_upstream_here *here, const struct cor_upstream_settings *said) COR_CHECKED;

#endif
