/* SPDX-License-Identifier: MIT */
/** Whether an upstream can be reached now: what its readiness check asks. */
#ifndef CORACLE_CLIENT_REACH_H
#define CORACLE_CLIENT_REACH_H

#include <coracle/context.h>
#include <coracle/upstream.h>

/** For how long the check may ask, in ms: as long as calls wait for a connection. */
uint32_t cor_upstream_reach_ms(const struct cor_upstream *upstream);

/**
 * Its breaker is not open, and one of its targets that calls go to takes a connection, which is
 * closed again. Yields. Returns 0, or a code whose problem says why not.
 */
int cor_upstream_reach(struct cor_ctx *ctx, const struct cor_upstream *upstream) COR_CHECKED;

#endif
