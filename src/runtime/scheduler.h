/* SPDX-License-Identifier: MIT */
/**
 * The scheduler of a thread: its loop, and what the loop turns over.
 *
 * Each turn: tasks of the inbox, timers that are due, fibers that are ready, the idle hook, then
 * one wait for events and their watches. Everything but the fibers runs on the loop's own stack and
 * must not wait.
 */
#ifndef CORACLE_RUNTIME_SCHEDULER_H
#define CORACLE_RUNTIME_SCHEDULER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <coracle/fiber.h>

#include "base/compiler.h"
#include "runtime/annotate.h"
#include "runtime/modes.h"
#include "runtime/clock.h"
#include "runtime/duty.h"
#include "runtime/fiber.h"
#include "runtime/long_run.h"
#include "runtime/mutex.h"
#include "runtime/lag.h"
#include "runtime/random.h"
#include "runtime/reactor.h"
#include "runtime/seams.h"
#include "runtime/stack.h"
#include "runtime/task.h"
#include "runtime/ticks.h"
#include "runtime/timer.h"
#include "runtime/transport.h"

struct cor_sentinel;
struct cor_stall;

struct cor_scheduler {
	void *loop_sp;          /* the loop's stack pointer while a fiber runs */
	struct cor_modes modes; /* the loop's, of its thread */
	struct cor_fiber *running;
	struct cor_fiber *ready_first;
	struct cor_fiber *ready_last;
	uint32_t ready_len;
	int64_t now_ns;
	/* when events were last looked for: timers due later wait for the next look */
	int64_t looked_ns;
	uint64_t now_ticks;  /* when now_ns was asked for */
	uint64_t ticks_last; /* how long that is good enough; 0: for no time at all */
	uint64_t ticks;      /* when the counter was read last */
	uint64_t ticks_few;  /* so many are no more than half a millisecond; 0: nobody knows */
	uint64_t first_ticks;
	int64_t first_ns; /* what the clock said then */
	struct cor_timer_heap timers;
	const struct cor_clock *clock;
	const struct cor_transport *transport;
	void (*before_wait)(void *arg);
	void *before_wait_arg;
	struct cor_fiber *all; /* every mapped fiber of this scheduler */
	uint32_t in_use;       /* fibers taken and not given back */
	bool cancelled;        /* every fiber is, those that are started from now on too */
	struct cor_annotation loop;
	struct cor_stack_pool pool;
	struct cor_lag lag;
	struct cor_long_run long_run;
	struct cor_mutex_watch mutex_watch;

	/* What other threads touch. */
	_Alignas(64) _Atomic(struct cor_task *) inbox; /* the newest first */
	_Atomic uint32_t sleeping;                     /* the loop is in its wait, or about to be */
	_Atomic uint32_t posting;                      /* threads inside cor_scheduler_post() */
	_Atomic uint32_t stopping;
	struct cor_watch wake; /* its eventfd; -1: the poller has a wake() of its own */
	/*
	 * When the thread was last at the loop, between two fibers or turns; COR_FOREVER: it waits
	 * there, or does not run. Kept apart from now_ns, which user code moves by what it calls.
	 */
	_Atomic int64_t back_ns;
	_Atomic(pid_t) thread;                 /* the kernel's number of it */
	_Atomic(struct cor_stall *) questions; /* what it is asked: see runtime/stall.h */
	struct cor_stall *answer;              /* the room for it; NULL: never asked */
	/* Who wants to be woken by the next turn; NULL: nobody. See runtime/sentinel.h. */
	_Atomic(struct cor_sentinel *) asleep;

	_Alignas(64) struct cor_reactor reactor;
	struct cor_random_store random;
};

/** What the calling thread is doing. Its address may be kept across yields (fibers do not move). */
struct cor_thread {
	struct cor_scheduler *scheduler; /* that runs on it; NULL: none */
	struct cor_scope *scope;         /* innermost one opened outside a fiber */
	struct cor_thread_seams *seams;  /* while no scheduler runs; NULL: the system's */
	const char *failed_in;           /* of waits outside a fiber: cor_wait_failed_in() */
	uint32_t nested;                 /* outside a fiber: cor_nested_here() */
	struct cor_duty duty;            /* outside a fiber */
};
extern _Thread_local struct cor_thread cor_this_thread __attribute__((tls_model("initial-exec")));

/**
 * How many calls that could nest without bound are inside each other on the caller's stack, for
 * them to count: of its fiber, or of its thread outside one. May be kept across yields.
 */
static inline uint32_t *cor_nested_here(void)
{
	const struct cor_scheduler *scheduler = cor_this_thread.scheduler;

	return scheduler && scheduler->running ? &scheduler->running->nested
					       : &cor_this_thread.nested;
}

/** As cor_scheduler_create(), with seams (NULL: the system's). */
int cor_scheduler_create_with(const struct cor_scheduler_options *options,
	const struct cor_seams *seams, struct cor_scheduler **ret) COR_CHECKED;

/**
 * Monotonic time, free of charge: as of the start of this turn of the loop, or of
 * cor_clock_settle() if that was later. Behind by what was done since, which is about a millisecond
 * at most: after user code has run the runtime settles it.
 */
static inline int64_t cor_clock_now(const struct cor_scheduler *scheduler)
{
	return scheduler->now_ns;
}

/** Ask the clock, and let cor_clock_now() tell what it says. */
void cor_clock_ask(struct cor_scheduler *scheduler);

/** Private to cor_clock_settle(): a turn lasts. */
void cor_clock_catch_up(struct cor_scheduler *scheduler);

/**
 * The same if a millisecond may have passed since: after user code ran, before anything counts time
 * from now on.
 */
static inline void cor_clock_settle(struct cor_scheduler *scheduler)
{
	scheduler->ticks = cor_ticks();
	if (COR_UNLIKELY(scheduler->ticks - scheduler->now_ticks >= scheduler->ticks_last))
		cor_clock_catch_up(scheduler);
}

/** The thread is at its loop: free of charge. */
static inline void cor_scheduler_is_back(struct cor_scheduler *scheduler)
{
	atomic_store_explicit(&scheduler->back_ns, scheduler->now_ns, memory_order_relaxed);
}

/**
 * When its thread was last at the loop: what it has begun since holds it. COR_FOREVER: it waits for
 * events, or the scheduler does not run. Right within about a millisecond. Any thread.
 */
static inline int64_t cor_scheduler_back_ns(const struct cor_scheduler *scheduler)
{
	return atomic_load_explicit(&scheduler->back_ns, memory_order_relaxed);
}

/** How long so many of the latest ticks took. Not if ticks_few is 0. Asks the clock. */
int64_t cor_clock_of_ticks(const struct cor_scheduler *scheduler, uint64_t ticks);

/** Monotonic time, asked for; cor_clock_now() does not move. */
static inline int64_t cor_clock_fresh(const struct cor_scheduler *scheduler)
{
	return scheduler->clock->monotonic_ns(scheduler->clock);
}

/** Nanoseconds since 1970-01-01 UTC; reads the clock. */
static inline int64_t cor_clock_realtime(const struct cor_scheduler *scheduler)
{
	return scheduler->clock->realtime_ns(scheduler->clock);
}

enum cor_turn {
	COR_TURN_WAIT, /* wait for an event or a timer if nothing is ready */
	COR_TURN_LOOK, /* never wait */
};

/**
 * Turn the loop once on the calling thread, which runs the scheduler meanwhile: tasks, timers that
 * are due, fibers that are ready, the idle hook, then what the poller has; fibers that this made
 * ready run in the next turn. For tests that move time by hand, and for foreign event loops. Do not
 * turn a scheduler that is running.
 * Returns 1 (to be turned again), 0 (it was stopped, and no fiber is left) or the negative errno of
 * the poller.
 */
int cor_scheduler_turn(struct cor_scheduler *scheduler, enum cor_turn how) COR_CHECKED;

/**
 * Call before_wait(arg) before each wait for events, to flush what the turn has gathered. NULL:
 * nothing.
 */
void cor_scheduler_set_idle(
	struct cor_scheduler *scheduler, void (*before_wait)(void *arg), void *arg);

/**
 * Cancel every fiber, including those started later, until the loop has ended. On the loop's own
 * stack or in a fiber of it. Never yields.
 */
void cor_scheduler_cancel(struct cor_scheduler *scheduler);

/** Private to the runtime: queue a fiber that may run. */
void cor_scheduler_ready(struct cor_scheduler *scheduler, struct cor_fiber *fiber);

#endif
