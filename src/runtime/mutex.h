/* SPDX-License-Identifier: MIT */
/** Private to the runtime: what a condition needs of a mutex beyond <coracle/sync.h>. */
#ifndef CORACLE_RUNTIME_MUTEX_H
#define CORACLE_RUNTIME_MUTEX_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/sync.h>

#define COR_MUTEX_NAME_BYTES 64

struct cor_fiber;

/** A fiber has waited for a mutex for long, or would for itself. Texts: empty if nobody knows. */
struct cor_mutex_wait {
	const struct cor_fiber *waiter;
	char holder[COR_MUTEX_NAME_BYTES]; /* its fiber's name */
	char request_id[COR_MUTEX_NAME_BYTES];
	char waits_in[COR_MUTEX_NAME_BYTES]; /* the public function; only of one on this thread */
	bool is_own; /* it holds it itself, and has not waited: the texts are empty */
};

/** What a scheduler does about its fibers that wait so long. Zeroed: nothing. */
struct cor_mutex_watch {
	uint32_t limit_ms;
	/* Once a wait, in the fiber that waits, or would. Must not yield. */
	void (*found)(void *arg, const struct cor_mutex_wait *wait);
	void *arg;
};

/** Who hears of every mutex that is locked, or free again: a test, of what is held at its end. */
struct cor_mutex_trace {
	/* In whoever has locked it, with the address that it came from. Must not yield. */
	void (*locked)(const struct cor_mutex *mutex, const void *place);
	void (*unlocked)(const struct cor_mutex *mutex);
};

/** Of all threads of the process, from now on; NULL: nobody hears. No other thread runs yet. */
void cor_mutex_set_trace(const struct cor_mutex_trace *trace);

/** Lock, however long that takes. Yields; deaf to scopes. */
void cor_mutex_lock_anyway(struct cor_mutex *mutex, const void *place);

#endif
