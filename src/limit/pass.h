/* SPDX-License-Identifier: MIT */
/** A request passes the limits of its place, or is refused with a 429. */
#ifndef CORACLE_LIMIT_PASS_H
#define CORACLE_LIMIT_PASS_H

#include <coracle/limit.h>
#include <coracle/sync.h>

#include "exchange/exchange.h"
#include "limit/table.h"

#define COR_LIMIT_TURNS 64

/** Whether it is counted before the credential is checked. */
static inline bool cor_limit_is_early(const struct cor_limit *limit)
{
	return limit->by == COR_BY_CLIENT && !limit->key;
}

/** Whether one of a list, which may be NULL, refuses with a 503 when its cache fails. */
static inline bool cor_limits_fail_closed(const struct cor_limit *const *limits)
{
	while (limits && *limits && !(*limits)->fails_closed)
		limits++;
	return limits && *limits;
}

/** What a thread counts of those who were refused, by a name. */
struct cor_limit_tally {
	const char *const *names;
	size_t len;
	_Atomic uint64_t *cells; /* NULL: there are none */
};

/** Where a thread counts. */
struct cor_limit_counter {
	struct cor_limit_table *table;
	uint32_t slot;                  /* of its worker */
	struct cor_limit_tally refused; /* requests, by limit */
	struct cor_limit_tally failed;  /* credentials, by security scheme */
	/* COR_LIMIT_TURNS, of keys that are counted in a cache: fibers do so one by one. */
	struct cor_mutex *turns;
};

/** What a request has entered, to be left at its end. Zeroed at first. */
struct cor_limit_stay {
	uint64_t keys[COR_LIMITS_MAX];
	uint32_t len;
	/* that of which least is left; NULL: none was met that has a rate */
	const struct cor_limit *least;
	struct cor_rate_state state; /* its */
};

/** Of the services that declare the first limits of a list; others are the request's. */
struct cor_limit_owners {
	const struct cor_environment *const *items;
	size_t len;
};

/**
 * Pass the limits that are counted early, or the others, of a list that ends with NULL. Yields as
 * their caches do, and their .key functions, which run in the environments of their owners. Returns
 * 0; -COR_EPROBLEM with the 429 and its headers, or with the 503 of a cache that fails; or what a
 * .key has returned.
 */
int cor_limits_pass(struct cor_exchange *x, const struct cor_limit_counter *counter,
	const struct cor_limit *const *limits, const struct cor_limit_owners *owners, bool early,
	struct cor_limit_stay *stay) COR_CHECKED;

/** Say in the headers of the answer what is left. Returns 0 or -ENOMEM. */
int cor_limits_say(struct cor_exchange *x, const struct cor_limit *const *limits,
	const struct cor_limit_stay *stay) COR_CHECKED;

/** The request is over: what it has entered is free again. */
void cor_limits_leave(const struct cor_limit_counter *counter, struct cor_limit_stay *stay);

/**
 * How long a client waits until it may show another credential, by the limit of those that fail: 0
 * if it may now. Tells the log of those who must wait.
 */
int64_t cor_limit_wait_ns(struct cor_exchange *x, const struct cor_limit_counter *counter,
	const struct cor_limit *limit);

/**
 * Record the 429 of who must wait: of `what`, which names one, there were too many. It is counted
 * as of that limit. Returns -COR_EPROBLEM or -ENOMEM.
 */
int cor_limit_refuse(struct cor_exchange *x, const struct cor_limit_counter *counter,
	const struct cor_limit *limit, const char *what, int64_t wait_ns) COR_CHECKED;

/** Count one more of a name. Not for the hot path: it is looked up. */
void cor_limit_tally_add(const struct cor_limit_tally *tally, const char *name);

/**
 * A credential has been refused: it counts, even beyond the limit, which others may have reached
 * while it was checked.
 */
void cor_limit_fail(struct cor_exchange *x, const struct cor_limit_counter *counter,
	const struct cor_limit *limit);

#endif
