/* SPDX-License-Identifier: MIT */
/**
 * When a call is tried again, and how long before.
 *
 * Nothing here waits: times and chance come in as numbers.
 */
#ifndef CORACLE_CLIENT_RETRY_H
#define CORACLE_CLIENT_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/client.h>
#include <coracle/str.h>

/**
 * A budget: each call earns a tenth of a retry, so that a server that fails gets no more than a
 * tenth of its load on top. So many can be saved up, for the few failures of a service at rest.
 */
#define COR_RETRY_TENTHS_MAX 100

/** A call has begun. */
void cor_retry_earn(uint32_t *tenths);

/** Take a retry, if there is one. */
bool cor_retry_take(uint32_t *tenths);

/** Take one for a hedge: half of what can be saved up is left to what has failed. */
bool cor_retry_take_spare(uint32_t *tenths);

#define COR_BACKOFF_BASE_MS    50
#define COR_BACKOFF_MAX_MS     2000
#define COR_RETRY_AFTER_MAX_MS 30000 /* for longer nobody waits: the failure is told */

/**
 * How long to wait before retry number `n` (from 1): with full jitter, so that clients that failed
 * together do not come together again. `chance` is any number.
 */
int64_t cor_backoff_ms(uint32_t n, uint64_t chance);

/**
 * The milliseconds of a Retry-After (RFC 9110 section 10.2.3), in seconds or a date; -1: it is
 * neither.
 */
int64_t cor_retry_after_ms(struct cor_str text, int64_t now_s);

/** Whether the method may be repeated (RFC 9110 section 9.2.2). */
bool cor_method_is_idempotent(struct cor_str method);

/**
 * Whether a failure may be gone the next time. `is_repeatable`: the call does no harm twice; one
 * that is not may be tried again only where the server cannot have seen it.
 */
bool cor_retry_helps(enum cor_failure kind, bool is_repeatable);

/** Whether an answer with that status may be another one the next time. */
bool cor_retry_helps_status(int status, bool has_retry_after);

#endif
