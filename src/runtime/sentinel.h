/* SPDX-License-Identifier: MIT */
/**
 * A thread that finds schedulers whose thread is held: what they run neither returns nor waits.
 *
 * It looks when one could be held for as long as the limit, and sleeps without a period while all
 * loops wait for events: the next that turns wakes it, by a word that each loop reads once a turn.
 * The requests have nothing to do with it.
 *
 * Time in which a thread could not run does not count: it had no processor (run_delay.h), or the
 * process was stopped.
 */
#ifndef CORACLE_RUNTIME_SENTINEL_H
#define CORACLE_RUNTIME_SENTINEL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>

#include "runtime/run_delay.h"

struct cor_scheduler;
struct cor_stall;
struct cor_suspect;

struct cor_sentinel_options {
	struct cor_scheduler *const *schedulers;
	size_t len;
	uint32_t limit_ms; /* at least 1 */
	/*
	 * On the sentinel's thread, once for each time that one is held, while it is: for `held_ns`
	 * at least. `stall` says by what; NULL: its thread takes no signals, so nobody knows.
	 */
	void (*found)(void *arg, size_t scheduler, int64_t held_ns, const struct cor_stall *stall);
	void *arg;
};

/* When it has looked. */
struct cor_looks {
	int64_t begin_ns; /* the last time */
	int64_t end_ns;   /* the last time that is over */
	int64_t delay_ns; /* between the two it had no processor for so long */
	struct cor_run_delay delay;
};

struct cor_sentinel {
	struct cor_sentinel_options options;
	pthread_t thread;
	struct cor_suspect *suspects; /* a row for each scheduler */
	struct cor_looks looks;
	_Atomic uint32_t bell; /* rung to wake it */
	_Atomic bool is_over;
	bool runs;
};

/**
 * Begin. Schedulers, which need not run yet, are borrowed until the stop; one has one sentinel at
 * most. Returns 0, -ENOMEM, as cor_stall_install(), or the errno of pthread_create.
 */
int cor_sentinel_start(
	struct cor_sentinel *sentinel, const struct cor_sentinel_options *options) COR_CHECKED;

/** When no scheduler runs any more. Does nothing if it was zeroed or does not run. */
void cor_sentinel_stop(struct cor_sentinel *sentinel);

/** Private to the scheduler: it turns, and the sentinel sleeps. */
void cor_sentinel_wake(struct cor_scheduler *scheduler);

#endif
