/* SPDX-License-Identifier: MIT */
/**
 * Names into addresses, without holding up a loop: lookups that block run on threads of their own.
 *
 * One resolver serves all threads of a process, fibers of any scheduler and plain threads. Many who
 * ask for one name wait for one lookup. What was found is kept for COR_RESOLVER_TTL_MS, what was
 * not for COR_RESOLVER_FAILURE_MS. Longer, up to COR_RESOLVER_STALE_MS, an old answer serves while
 * nobody who should know answers, or takes longer than COR_RESOLVER_PATIENCE_MS; not if the name is
 * said to be gone (RFC 8767).
 *
 * Threads are made when they are needed: a service that calls nobody by name has none. They block
 * all signals and end with the resolver.
 */
#ifndef CORACLE_RESOLVER_RESOLVER_H
#define CORACLE_RESOLVER_RESOLVER_H

#include <stdint.h>

#include <coracle/api.h>
#include <coracle/str.h>

#include "resolver/lookup.h"

#define COR_RESOLVER_TTL_MS      30000
#define COR_RESOLVER_FAILURE_MS  1000
#define COR_RESOLVER_STALE_MS    (5 * 60 * 1000)
#define COR_RESOLVER_PATIENCE_MS 500
/** Names that are remembered; of others the one that was not asked for the longest makes room. */
#define COR_RESOLVER_NAMES 256
/** One name whose servers are silent must not hold up the others. */
#define COR_RESOLVER_THREADS 4

struct cor_resolver;

/**
 * `lookup` (NULL: the system's) must outlive all lookups. Never yields. Returns 0 or -ENOMEM. The
 * caller owns *ret.
 */
int cor_resolver_create(const struct cor_lookup *lookup, struct cor_resolver **ret) COR_CHECKED;

/**
 * Nobody may be waiting. Threads that are in a lookup end with it, in the background. NULL is
 * allowed. Never yields.
 */
void cor_resolver_destroy(struct cor_resolver *resolver);

/**
 * The addresses of a host: a name, or an address as text (IPv6 without brackets). Yields while a
 * name is looked up; that a caller's time is up ends its wait alone. Any thread.
 *
 * Returns 0 with *ret, whose addresses have that port; -ENOENT (the name has no address), -EAGAIN
 * (the name servers do not answer), -EIO (the lookup failed), -EINVAL (no name: see
 * resolver/literal.h), -ENOBUFS (COR_RESOLVER_NAMES are being looked up), -ENOMEM; -ETIMEDOUT or
 * -ECANCELED of the scope.
 */
int cor_resolver_find(struct cor_resolver *resolver, struct cor_str host, uint16_t port,
	struct cor_addresses *ret) COR_CHECKED;

/** What a code of cor_resolver_find() means, as the end of a message. Never yields; any thread. */
const char *cor_resolver_strerror(int code);

#endif
