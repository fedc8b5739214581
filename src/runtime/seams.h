/* SPDX-License-Identifier: MIT */
/**
 * Where time, randomness, sockets and their readiness come from.
 *
 * A scheduler is given its seams when it is made. A thread that runs no scheduler has the system's
 * unless it enters others, so a handler that a test calls directly sees the clock that the test
 * moves.
 */
#ifndef CORACLE_RUNTIME_SEAMS_H
#define CORACLE_RUNTIME_SEAMS_H

#include "runtime/clock.h"
#include "runtime/random.h"
#include "runtime/reactor.h"
#include "runtime/transport.h"

/** NULL members: the system's. All must outlive what they were given to. */
struct cor_seams {
	const struct cor_clock *clock;
	const struct cor_random *random;
	const struct cor_transport *transport;
	const struct cor_poller *poller;
};

/** The same with the system's in place of NULL, and of all of `seams` where that is NULL. */
struct cor_seams cor_seams_complete(const struct cor_seams *seams);

/** The seams of a thread while it runs no scheduler: the caller's memory, until it leaves them. */
struct cor_thread_seams {
	struct cor_seams seams;
	struct cor_thread_seams *outer;
};

/**
 * The calling thread has these seams from now on (their poller has no meaning here). Never yields.
 */
void cor_seams_enter(struct cor_thread_seams *own, const struct cor_seams *seams);

/** Return to those it had before. In any order; on the thread that entered them. Never yields. */
void cor_seams_leave(struct cor_thread_seams *own);

/**
 * The caller's: its scheduler's, else its thread's, else the system's. Never yields; any
 * thread.
 */
const struct cor_clock *cor_clock_here(void);
const struct cor_transport *cor_transport_here(void);
const struct cor_random *cor_random_here(void);

#endif
