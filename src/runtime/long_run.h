/* SPDX-License-Identifier: MIT */
/**
 * Counts how long fibers hold their thread: on the thread itself, so exactly, and by the clock that
 * is read about once a millisecond while user code runs. One that is quick costs nothing.
 */
#ifndef CORACLE_RUNTIME_LONG_RUN_H
#define CORACLE_RUNTIME_LONG_RUN_H

#include <stdbool.h>
#include <stdint.h>

struct cor_fiber;
struct cor_scheduler;

struct cor_long_run {
	int64_t least_ns; /* that counts; COR_FOREVER: nobody counts */
	/*
	 * The fiber (NULL: the loop itself) has held the thread for `ns` more; `is_new`: it had not
	 * been counted. Called a few times for one that calls the runtime meanwhile.
	 */
	void (*count)(void *arg, const struct cor_fiber *fiber, int64_t ns, bool is_new);
	void *arg;
	/* private */
	int64_t back_ns;    /* the one that is counted has begun then */
	int64_t counted_ns; /* and so much of it is */
};

/** Private to the scheduler: its thread has been held for that long at least. */
void cor_long_run_see(struct cor_scheduler *scheduler);

#endif
