/* SPDX-License-Identifier: MIT */
/**
 * Inside a pool: a queue of futures, and threads that work it off.
 *
 * One short spin lock, that of the idle threads' list, covers the queue, who is idle, and who waits
 * for a place in it. A job goes straight to an idle thread if there is one. In a pool of processes
 * each thread keeps a process, and hands it what it takes: see keeper.h.
 */
#ifndef CORACLE_EXECUTOR_POOL_H
#define CORACLE_EXECUTOR_POOL_H

#include <pthread.h>
#include <stdatomic.h>

#include <coracle/executor.h>
#include <coracle/sync.h>

#include "base/compiler.h"
#include "executor/future.h"
#include "executor/kept_process.h"
#include "executor/slab.h"
#include "runtime/wait_list.h"

struct cor_logger;
struct cor_marshaller;
struct cor_nursery;
struct cor_pool;

/** What the jobs of a pool have from the program that they belong to. Zeroed: nothing. */
struct cor_pool_surroundings {
	/* Make what the jobs of one thread share, on that thread. Returns 0 or a negative code. */
	int (*begin)(void *arg, struct cor_environment *ret, void **ret_own);
	void (*end)(void *own);
	void *arg;
	/* Its state may be set after the first thread has begun; NULL: there is none. */
	struct cor_environment *shared;
	const uint32_t *units; /* of the services that list the executors; NULL: there is one */
	struct cor_nursery *nursery; /* of processes; NULL: the pool's threads run the jobs */
	struct cor_logger *logger;   /* for what befalls a process; NULL: nobody wants to know */
	const struct cor_marshaller *marshaller; /* NULL: calls are bytes */
};

/** How jobs end, for figures. */
enum cor_job_end { COR_JOB_DONE, COR_JOB_FAILED, COR_JOB_CANCELLED, COR_JOB_REFUSED, COR_JOB_ENDS };

/** Why a process has ended that should not have. */
enum cor_death {
	COR_DEATH_SIGNAL,
	COR_DEATH_EXIT,
	COR_DEATH_TIMEOUT,
	COR_DEATH_CPU,
	COR_DEATH_MEMORY,
	COR_DEATH_SANDBOX,
	COR_DEATHS,
};

/** Why another has taken the place of one that lived. */
enum cor_turnover_cause {
	COR_TURNOVER_JOBS,
	COR_TURNOVER_AGE,
	COR_TURNOVER_MEMORY,
	COR_TURNOVER_CAUSES,
};

/** Where a pool writes how it stands, under its lock; anybody may read, in other processes too. */
struct cor_pool_gauges {
	_Atomic uint64_t *threads;
	_Atomic uint64_t *running; /* jobs */
	_Atomic uint64_t *queued;  /* jobs */
	_Atomic uint64_t *broken;  /* 1: it is */
	_Atomic uint64_t *ends;    /* COR_JOB_ENDS counters */
	/* Of processes: all threads write these, without the lock. */
	_Atomic uint64_t *processes; /* that work, or wait for a job */
	_Atomic uint64_t *starts;
	_Atomic uint64_t *deaths;      /* COR_DEATHS counters */
	_Atomic uint64_t *retirements; /* COR_TURNOVER_CAUSES counters */
};

#define COR_POOL_CELLS (6 + COR_JOB_ENDS + COR_DEATHS + COR_TURNOVER_CAUSES)

struct cor_pool_thread {
	struct cor_pool *pool;
	struct cor_pool_thread *next;
	struct cor_environment environment;
	struct cor_ctx ctx; /* of start and stop */
	void *own;          /* of the surroundings */
	_Atomic uint64_t done;
	_Atomic uint64_t failed;
	uint64_t done_told, failed_told; /* of those, under the lock */
	bool has_started, has_job;
	pthread_t id;
	uint32_t number;
	struct cor_waiter rest; /* while it is idle; its item is the job that ends that */
	/* Of a thread that keeps a process: */
	struct cor_kept_process *process;     /* the one that works */
	struct cor_kept_process processes[2]; /* the other follows it, or leaves */
	enum cor_turnover_cause why;          /* the other was called last */
	bool has_begun;                       /* its process has the job that ends its rest */
};

/** What a job changes stands together, apart from what it only reads: all threads write there. */
struct cor_pool {
	const struct cor_executor *executor;
	struct cor_pool_surroundings surroundings;
	uint32_t unit; /* of the service that lists the executor */
	uint32_t size, queue_max;
	size_t call_max;            /* bytes of a call */
	_Atomic uint32_t slots_end; /* the next thread's slot */
	bool has_nursery;           /* of its own */
	_Atomic bool has_fallen;    /* .strict: with one of its processes */
	struct cor_pool_gauges gauges;

	/* Under the lock. */
	_Alignas(64) struct cor_wait_list idle; /* threads; its lock is the pool's */
	struct cor_future *first;
	struct cor_future *last;
	uint32_t queued;
	uint32_t running;
	uint64_t submitted;
	uint32_t threads_len; /* that have not ended */
	uint32_t threads_made;
	uint32_t starting; /* threads that have not asked for a job yet */
	bool is_shut;
	bool is_broken;                  /* a start has failed */
	struct cor_wait_list room;       /* who waits for a place: each one's item is its future */
	struct cor_wait_list gone;       /* who waits for the last thread to end */
	struct cor_pool_thread *threads; /* all that were ever started */
	uint64_t cancelled;
	uint64_t refused;
	_Atomic uint64_t done_here; /* by those who submitted */
	_Atomic uint64_t failed_here;
	_Atomic uint64_t own_cells[COR_POOL_CELLS]; /* of the gauges, if nobody else reads them */

	struct cor_slab_source futures; /* has a lock of its own */
};

static inline void cor_pool_lock(struct cor_pool *pool)
{
	cor_wait_list_lock(&pool->idle);
}

static inline void cor_pool_unlock(struct cor_pool *pool)
{
	cor_wait_list_unlock(&pool->idle);
}

/**
 * As cor_pool_create(), for jobs of a program. `surroundings` is copied; a pool of processes needs
 * its nursery.
 */
int cor_pool_create_in(const struct cor_executor *executor,
	const struct cor_pool_surroundings *surroundings, struct cor_pool **ret) COR_CHECKED;

/** Wait until the last thread of a pool that is shut down has ended: 0, -ETIMEDOUT, -ECANCELED. */
int cor_pool_await(struct cor_pool *pool) COR_CHECKED;

#endif
