/* SPDX-License-Identifier: MIT */
/**
 * One wait for one signal, by a fiber or by a plain thread: what mutex, channel, socket and the
 * server's streams park on.
 *
 *     struct cor_wait wait;
 *     cor_wait_begin(&wait, "cor_mutex_lock");
 *     ... make &wait known to the one who will signal ...
 *     int rc = cor_wait(&wait, deadline_ns);
 *     if (rc < 0) ... take &wait back; if somebody is signalling it: cor_wait_settle(&wait) ...
 *
 * The memory is the waiter's, usually on its stack. It may go when cor_wait() returned 0, when
 * cor_wait_settle() returned, or when nobody can signal any more.
 */
#ifndef CORACLE_RUNTIME_WAIT_H
#define CORACLE_RUNTIME_WAIT_H

#include <stdatomic.h>
#include <stdint.h>

#include <coracle/api.h>

#include "runtime/task.h"

struct cor_fiber;

struct cor_wait {
	struct cor_task task;    /* carries the signal to a fiber of another thread */
	struct cor_fiber *fiber; /* who waits; NULL: a plain thread */
	const char *call;        /* see cor_wait_begin() */
	_Atomic uint32_t signalled;
};

/**
 * Prepare to wait in the public function `call` (a static name; NULL for cor_sleep_ms(), where
 * running out of time is not a failure). Never yields.
 */
void cor_wait_begin(struct cor_wait *wait, const char *call);

/**
 * Wait for the signal until deadline_ns (monotonic; COR_FOREVER: no limit of its own). Yields,
 * unless it was signalled. Outside a fiber it blocks the thread. Obeys the scope. Returns 0,
 * -ETIMEDOUT or -ECANCELED.
 */
int cor_wait(struct cor_wait *wait, int64_t deadline_ns) COR_CHECKED;

/** Wait for a signal that is sure to come. Yields; deaf to scopes. */
void cor_wait_settle(struct cor_wait *wait);

/**
 * Signal, at most once a wait. Never yields; any thread. The wait must not be touched after that.
 */
void cor_wait_signal(struct cor_wait *wait);

/**
 * The name of the call in which the caller, a fiber or a thread outside one, last failed to get
 * what it waited for: "cor_mutex_lock". So a report of a -ETIMEDOUT can say where the time went.
 * NULL: each wait went well. Never yields.
 */
const char *cor_wait_failed_in(void);

/** Private to the runtime: a wait of the caller failed in that call. Returns rc. */
int cor_wait_fail(const char *call, int rc) COR_CHECKED;

#endif
