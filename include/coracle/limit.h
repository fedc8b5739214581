/* SPDX-License-Identifier: MIT */
/**
 * How often, and how many at the same time: rate limits that all workers share.
 *
 *     static const struct cor_limit per_client = { .name = "per-client", .count = 9, .per_s = 1 };
 *     static const struct cor_limit exports = { .name = "exports", .by = COR_BY_PRINCIPAL,
 *             .in_progress = 2 };
 *
 *     static const struct cor_service shop = { ..., .limits = COR_LIMITS(&per_client) };
 *     COR_OPERATION(export_operation, ..., .limits = COR_LIMITS(&exports));
 *
 * All lists count: that of the service, of the resource and of the operation. A limit that stands
 * in several places is one: what is used up in one is gone in the others.
 *
 * Requests come back evenly (a token bucket): of 100 in 60 s one each 600 ms, and after a pause up
 * to 100, or .burst, at once. Whoever has none left gets 429 with Retry-After. Every answer says
 * what is left: RateLimit-Limit, -Remaining, -Reset and -Policy
 * (draft-ietf-httpapi-ratelimit-headers-07); of several limits, that of which least is left. The
 * OpenAPI document has the status and these headers.
 *
 * Static files and the documentation are not counted: one page asks for many of them.
 *
 * With .cache the count is in a store (store.h), exact over all that have it, and lasts as long as
 * that. A request then yields for two round trips, COR_LIMIT_CACHE_MS at most; who is refused is
 * refused without any, as what was last heard is remembered. Clocks of machines must agree to some
 * part of .per_s. It is for many clients, not for one key of thousands of requests a second: each
 * waits for the one before. A text of more than COR_LIMIT_TEXT_BYTES is counted here alone.
 *
 * Limits by client are counted before the credential is checked, the others behind it. The count is
 * exact over all threads and workers, and survives reloads and upgrades; not a restart, and not a
 * change of the limit's numbers.
 */
#ifndef CORACLE_LIMIT_H
#define CORACLE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/store.h>
#include <coracle/str.h>

COR_BEGIN_DECLS

struct cor_ctx;

#define COR_LIMITS_MAX       8 /* of one operation, with those of its resource and service */
#define COR_LIMIT_CACHE_MS   100
#define COR_LIMIT_TEXT_BYTES 512

/** Whose requests are counted together. */
enum cor_limit_by {
	/** The client's address; of IPv6 its first 64 bits, which one household has. */
	COR_BY_CLIENT = 0,
	/**
	 * The principal: the first row of its schema is its name. The address, where nobody has
	 * shown a credential.
	 */
	COR_BY_PRINCIPAL,
	/** All of them. */
	COR_BY_NOBODY,
};

struct cor_limit {
	const char *name; /* small letters, digits and '-'; each limit has its own */
	/** So many requests in so many seconds; 0 with .in_progress alone. */
	uint32_t count;
	uint32_t per_s;
	/** How many may come at once after a pause. 0: count. */
	uint32_t burst;
	/** How many may be in progress at the same time; 0: as many as there are. */
	uint32_t in_progress;
	enum cor_limit_by by;
	/**
	 * Instead of .by: whose it is, by any text. Counted behind the check of the credential.
	 * *ret lives as long as ctx; left empty, the request is not limited. Yields as it likes.
	 * Returns 0, or a code that becomes the answer, as a handler's.
	 */
	int (*key)(struct cor_ctx *ctx, struct cor_str *ret);
	/**
	 * Count the rate there, over all machines that have the cache, or over restarts, as it
	 * says; .in_progress is of each machine. NULL: of this machine alone. The service lists it
	 * in .caches; services that share it by its .prefix share limits of one name and numbers.
	 * A start with several processes refuses a cache in the memory of one.
	 */
	const struct cor_cache *cache;
	/** When the cache fails nobody passes: a 503. Else what is used here goes on to count. */
	bool fails_closed;
};

/** For .failed_logins of a service: there is no limit. */
COR_API extern const struct cor_limit cor_unlimited;

/* clang-format off */

#define COR_LIMITS(...) (const struct cor_limit *const[]) { __VA_ARGS__, NULL }

/* clang-format on */

COR_END_DECLS
#endif
