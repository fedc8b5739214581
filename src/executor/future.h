/* SPDX-License-Identifier: MIT */
/**
 * Inside a future: a job, its copy of the call, and who wants to know.
 *
 * The pool has a reference until the job is done; everybody else has their own. From QUEUED it goes
 * on under the pool's lock, by whoever has taken it out of the queue.
 */
#ifndef CORACLE_EXECUTOR_FUTURE_H
#define CORACLE_EXECUTOR_FUTURE_H

#include <stdatomic.h>

#include <coracle/executor.h>
#include <coracle/future.h>

#include "context/context.h"

/** Who is told when it is done. The memory is the caller's until done() is called. */
struct cor_callback {
	struct cor_callback *next;
	struct cor_callback *previous;
	void (*done)(struct cor_callback *callback);
	struct cor_future *future;
	bool is_attached;
};

#define COR_FUTURE_WATCHED (UINT32_C(1) << 31) /* beside a count of references */

/** Two cache lines with a small call: a batch of jobs is as fast as their memory comes. */
struct cor_future {
	struct cor_future *next; /* in the queue: under the pool's lock */
	struct cor_future *previous;
	/* COR_FUTURE_WATCHED, too, once it has had callbacks: without, its end takes no lock */
	_Atomic uint32_t references;
	_Atomic uint32_t state; /* enum cor_future_state */
	int result;
	uint32_t lock; /* for the callbacks */
	struct cor_callback *callbacks;
	struct cor_pool *pool;
	cor_call *fn;
	uint32_t bytes;  /* of the call */
	bool is_queued;  /* under the pool's lock */
	bool is_calling; /* callbacks; under its own lock */
	bool is_lost;    /* there was no memory for what the job has left: the call says nothing */
	bool has_id;     /* its request_id is its own: it stands behind the call */
	uint32_t unit;   /* of the service whose job it is, among those that are mounted together */

	const char *request_id; /* of the request that waits for it, and outlives it; NULL: none */
	const char *operation;  /* the same of its operation */
	struct cor_ctx *left;   /* memory and problem of the job; NULL: there is nothing */
	int64_t deadline_ns;    /* of whoever waits for it; COR_FOREVER: none */
	struct cor_arena *account; /* of that request: its limit counts; NULL: none */
	struct cor_slab *slab;     /* of its memory; NULL: it has none */
	_Alignas(16) char call[];
};

/** Make one with two references, the pool's and the caller's. NULL: no memory. Never yields. */
struct cor_future *cor_future_create(struct cor_pool *pool, cor_call *fn, const void *call,
	size_t bytes, const char *request_id) COR_CHECKED;

/**
 * As cor_future_create(), without the call, and with a copy of the id of the request that submits
 * it (NULL: there is none).
 */
struct cor_future *cor_future_make(
	struct cor_pool *pool, cor_call *fn, size_t bytes, const char *request_id) COR_CHECKED;

/** Whether only the pool has it: nobody will ask what became of it. */
bool cor_future_is_unheard(const struct cor_future *future);

/**
 * The memory of ctx and its problem are the future's from now on; ctx is finished. The future has
 * its result, and has not ended; without memory it is -ENOMEM. Never yields.
 */
void cor_future_leave(struct cor_future *future, struct cor_ctx *ctx);

/** It is in that state from now on, which is not its end. Under the pool's lock. */
static inline void cor_future_move(struct cor_future *future, enum cor_future_state to)
{
	atomic_store_explicit(&future->state, to, memory_order_release);
}

/** As cor_future_wait(), for the public function `call`: cor_wait_begin(). */
int cor_future_wait_in(struct cor_future *future, const char *call) COR_CHECKED;

/** There was no memory for what the job has left, so that its result is -ENOMEM. Never yields. */
void cor_future_lose(struct cor_future *future);

/** As the job has left it, unless that is lost: to be copied to the caller's call. */
void cor_future_copy_call(struct cor_future *future, void *call);

/**
 * It is done, as `state` says: those who wait go on, callbacks are called. Takes over the pool's
 * reference. Never yields.
 */
void cor_future_end(struct cor_future *future, enum cor_future_state state);

/** The same for all of a list by `next`, with that result. */
void cor_future_end_all(struct cor_future *first, enum cor_future_state state, int result);

/**
 * Call callback->done(callback) when it is done. Returns false if it is done already: it will not
 * be called. Never yields.
 */
bool cor_future_attach(struct cor_future *future, struct cor_callback *callback) COR_CHECKED;

/** Returns false if it has been, or is being, called. Never yields. */
bool cor_future_detach(struct cor_callback *callback) COR_CHECKED;

#endif
