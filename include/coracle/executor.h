/* SPDX-License-Identifier: MIT */
/**
 * Executors: named pools of threads or processes, for code that blocks, computes or crashes.
 *
 * A handler holds its thread, and with it all requests of that thread, until it waits in a function
 * that yields. A library that knows nothing of fibers (SQLite, a file system, a C client of some
 * database) blocks instead. Such a call goes to an executor, and the handler waits meanwhile:
 *
 *     static const struct cor_executor blocking = { .name = "blocking", .size = 8 };
 *
 *     struct lookup {
 *             int64_t id;
 *             char title[80];
 *     };
 *     static int look_up(struct cor_ctx *ctx, struct lookup *lookup);
 *
 *     struct lookup lookup = { .id = in->id };
 *     rc = cor_offload(ctx, &blocking, look_up, &lookup);
 *
 * A service declares it in .executors; .executor of an operation runs a whole handler there. A
 * program without a service makes a pool of its own: cor_pool_create().
 *
 * Code that may crash, hang or leak, and code that computes for long without being interrupted by
 * anybody's lock, goes to processes: see COR_PROCESSES.
 *
 * The function gets a ctx of the job: memory from it lives as long as the future, or as long as the
 * request for cor_offload(); cor_log(), cor_problem(), cor_state(), cor_settings(),
 * cor_thread_state() (what the executor's start has made) and cor_remaining_ms() work as in a
 * handler. It runs outside fibers: what yields in a handler blocks here, within the deadline of
 * whoever waits for it.
 */
#ifndef CORACLE_EXECUTOR_H
#define CORACLE_EXECUTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/call.h>
#include <coracle/context.h>
#include <coracle/future.h>
#include <coracle/schema.h>

COR_BEGIN_DECLS

/** What becomes of a job for which the queue has no place. */
enum cor_full_queue {
	/**
	 * Whoever submits waits for a place, within its deadline. A job that submits to its own
	 * pool runs it instead, or, where its stack has no room for more, queues it all the same.
	 */
	COR_FULL_WAIT = 0,
	COR_FULL_REFUSE, /* -COR_EBUSY: 503 for the client of a handler that returns it */
	/**
	 * Whoever submits runs it, and holds its own thread meanwhile; where its stack has no room
	 * for more, it queues it all the same. Not for an executor with a start: only its threads
	 * have what that makes, so cor_thread_state() is NULL there.
	 */
	COR_FULL_RUN_HERE,
};

#define COR_EXECUTOR_NAME_BYTES 33 /* with its NUL */

/**
 * Where jobs run.
 *
 * COR_THREADS: in this process.
 *
 * COR_PROCESSES: each in a process of its own kind, so that one that crashes, hangs, ends its
 * process or eats its memory fails alone. Its future then has -COR_EDIED (502 as the answer to a
 * request) or -ETIMEDOUT (504), and a problem whose detail says what happened, such as "the process
 * died of SIGSEGV in a job"; the log has it, too, with the C stack. The next job finds a new
 * process, and others notice nothing.
 *
 * Only the bytes of the call travel, there and back, and a problem, of whose texts 16 KiB (8 of
 * its detail). So results are members of the call; a pointer in it leads nowhere, unless to
 * constants. Memory of the job's ctx stays in the process. Of an operation with such an .executor
 * the input, the request and the output travel as a whole. A job that is still running a second
 * after the deadline of the request that waits for it is killed with its process. What the program
 * makes later is not there: cor_state() is NULL, cor_thread_state() is what the executor's start
 * has made in that process, the service's metrics count nothing, and a job has no pool to submit
 * to. Libraries must have been loaded before.
 *
 * A job that leaves an alarm, blocked signals, a umask or the like behind does no harm to those
 * that follow; what it leaves in memory they find.
 *
 * The processes come from a small one that is forked before there are threads: in a service at its
 * start, after --user, without its sockets; elsewhere in cor_pool_create(). With --sandbox they
 * have it, too. They ignore what a terminal sends, and SIGTERM; with their owner they end, however
 * it ends, and with each ends what it has started. In a list of processes they are NAME:pool.
 */
enum cor_executor_kind {
	COR_THREADS = 0,
	COR_PROCESSES,
};

/** What jobs of a process may do. */
enum cor_isolation {
	COR_NO_ISOLATION = 0, /* what the service may */
	/**
	 * Compute and use the memory of their process, in threads of their own, too; read clocks
	 * and sleep; log, and write to standard output and error. Whatever else a job asks of the
	 * system ends its process: files, sockets, also those that are open, programs, processes,
	 * and signals to others. Its future then has -COR_EDIED (502), and the detail names the
	 * call: "the job called openat(), which its sandbox forbids: its process was killed". What
	 * libraries ask without need (what a descriptor or a path is) fails with EPERM.
	 *
	 * It closes behind the executor's start: files and libraries that jobs need are read there,
	 * the time zone (tzset()) and the locale, too. Threads that start leaves break the pool.
	 * The executor's stop is inside.
	 *
	 * It needs seccomp filters (CONFIG_SECCOMP_FILTER), and uses Landlock, too, where that is.
	 * Without filters the service does not start, and cor_pool_create() returns -EOPNOTSUPP.
	 */
	COR_SANDBOX,
};

/** Constant data. What is left away has the default. */
struct cor_executor {
	/**
	 * In the names of its threads, in figures and in messages: small letters, digits, '_' and
	 * '-'.
	 */
	const char *name;
	enum cor_executor_kind kind;
	/**
	 * Threads or processes at most, made when they are first needed; 0: CPUs + 4 threads, but
	 * 32 at most, or as many processes as CPUs.
	 */
	uint32_t size;
	/** Jobs that may wait, besides those that run; 0: 1,000. */
	uint32_t queue;
	enum cor_full_queue when_full;
	/**
	 * Makes what each of its threads has for itself, a connection say: cor_thread_state(ctx)
	 * in jobs; or each of its processes, in that process. Blocks its thread. ctx lives until
	 * stop, and so does memory from it. Returns and reports as a service's start hook; a
	 * failure breaks the pool: each job fails with -COR_EBROKEN. NULL: there is nothing to
	 * make.
	 */
	int (*start)(struct cor_ctx *ctx, void **ret_thread_state);
	/**
	 * Undoes start, on its thread, after its last job. NULL: there is nothing to undo. A
	 * process that has not ended after 5 s is killed.
	 */
	void (*stop)(struct cor_ctx *ctx, void *thread_state);

	/* Of processes only: */

	/**
	 * Bytes of a call at most: a larger one is -COR_ETOOLARGE; 0: 65,536. Of an operation: of
	 * its input and output with all that they hold and of the request's head together, and
	 * 4,096 at least. Memory that no call has used yet costs nothing.
	 */
	uint32_t call_bytes;
	/**
	 * A job that takes longer fails with -ETIMEDOUT, and its process is killed; 0: it may take
	 * as long as it likes.
	 */
	uint32_t job_timeout_ms;
	/** The same for the CPU time that it takes, with all threads of its process. */
	uint32_t job_cpu_ms;
	/**
	 * What a process may have in its heap and in other memory of its own (RLIMIT_DATA): more
	 * than that malloc() refuses, and code that does not look crashes; 0: as much as there is.
	 */
	uint64_t memory_bytes;
	/**
	 * After that many jobs a process ends, and another takes its place; 0: never. The other
	 * starts during the last of them.
	 */
	uint32_t jobs_per_process;
	/** At that age; 0: at none. */
	uint32_t recycle_ms;
	/** When its own memory has grown by more than that since its start; 0: never. */
	uint64_t recycle_bytes;
	enum cor_isolation isolation;
	/**
	 * As Python's BrokenProcessPool: the death of one process, even of an idle one, or a job
	 * that is too late, ends all of them. All jobs that run or wait fail with -COR_EBROKEN, and
	 * the pool takes no more. false: it is the affair of its own job.
	 */
	bool strict;
};

/** Sixteen at most; for more, write the array: { &a, &b, ..., NULL }. */
#define COR_EXECUTORS(...)                                                                         \
	(const struct cor_executor *const[])                                                       \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}

/* --- from a handler --- */

/**
 * Run fn(ctx of the job, a copy of *call) on a thread of the service's executor and wait for it.
 * Yields. If it comes to its end, *call is what the function has left there, its memory is ctx's,
 * and so is the problem that it has recorded.
 *
 * If the request is cancelled or its deadline passes, this returns at once. A job that has not
 * begun never will; one that runs goes on with its copy, and the memory of ctx lives until it has
 * ended. So the call may point to memory of ctx, but not to the handler's stack. The connection of
 * that request ends with its answer, whatever that is, so that no other waits behind the job.
 *
 * Returns what the function returned, -ECANCELED, -ETIMEDOUT, -COR_EBUSY (the queue is full, and
 * the executor refuses), -COR_EBROKEN (its start has failed), -COR_ECLOSED (its pool was shut
 * down), -ENOMEM, -EAGAIN (no thread or process can be made), or -EINVAL (the service has no such
 * executor); with processes also -COR_EDIED and -COR_ETOOLARGE.
 */
#define cor_offload(ctx, executor, fn, ...)                                                        \
	((void)COR_CHECK_CALL_("the job", fn, __VA_ARGS__),                                        \
		cor_offload_call(                                                                  \
			(ctx), (executor), COR_CALL_(fn), (__VA_ARGS__), sizeof *(__VA_ARGS__)))
COR_API int cor_offload_call(struct cor_ctx *ctx, const struct cor_executor *executor, cor_call *fn,
	void *call, size_t bytes) COR_CHECKED;

/**
 * As cor_offload(), for a call that has pointers and a schema, on threads and in processes alike:
 *
 *     struct parse call = { .text = in->text };
 *     rc = cor_offload_typed(ctx, &old_code, parse_old, parse_schema, &call);
 *
 * The function gets a copy of all that rows of the schema name, and what it leaves in its call
 * comes back in the memory of ctx; in a process, members that no row names lead nowhere if they are
 * pointers. .call_bytes are for the call before and after, together. Returns also -COR_EINVALID (a
 * length, but no text or items).
 */
#define cor_offload_typed(ctx, executor, fn, schema_, ...)                                         \
	((void)COR_CHECK_CALL_("the job", fn, __VA_ARGS__),                                        \
		cor_offload_typed_call((ctx), (executor), COR_CALL_(fn), &(schema_).schema,        \
			COR_TYPED_RET_((__VA_ARGS__), schema_)))
COR_API int cor_offload_typed_call(struct cor_ctx *ctx, const struct cor_executor *executor,
	cor_call *fn, const struct cor_schema *schema, void *call) COR_CHECKED;

/**
 * The pool of one of the service's executors: to submit to it from a handler, a hook or a thread.
 * NULL: the service has no such executor. Never yields.
 */
COR_API struct cor_pool *cor_pool_of(struct cor_ctx *ctx, const struct cor_executor *executor);

/* --- pools --- */

struct cor_pool;

/**
 * What is wrong with the members of an executor, apart from its name, as a sentence; NULL: nothing.
 * A service's start asks this itself. Never yields.
 */
COR_API const char *cor_executor_fault(const struct cor_executor *executor);

/**
 * Make a pool. No thread or process is made before it is needed. The executor outlives it; the
 * caller owns *ret. Never yields; one of processes blocks for a moment, as it forks. Returns 0,
 * -ENOMEM, -COR_ETABLE (cor_executor_fault() says why), or of processes also -COR_ETHREADS (the
 * process has threads already, or this is a fiber: make them first), -EAGAIN, -EMFILE, -ENFILE or
 * -EOPNOTSUPP (no COR_SANDBOX on this kernel).
 */
COR_API int cor_pool_create(const struct cor_executor *executor, struct cor_pool **ret) COR_CHECKED;

/**
 * Give it a job: fn(ctx of the job, a copy of *call). The macro wants parentheses around a call
 * with commas: (&(struct square){ .in = 2, .out = 0 }). *ret (NULL: nobody wants to know) is a
 * future, to be dropped by the caller. Yields if the queue is full and COR_FULL_WAIT. Any thread.
 * Returns 0, -COR_EBUSY, -COR_EBROKEN, -COR_ECLOSED (it is shut down), -COR_ETOOLARGE (for a
 * process), -ENOMEM, -EAGAIN (no thread can be made), -EINVAL (the pool is NULL: cor_pool_of() has
 * found none), -ETIMEDOUT or -ECANCELED (of the caller's scope, before there was a place).
 */
#define cor_pool_submit(pool, fn, call, ret)                                                       \
	((void)COR_CHECK_CALL_("the job", fn, call),                                               \
		cor_pool_submit_call((pool), COR_CALL_(fn), (call), sizeof *(call), (ret)))
COR_API int cor_pool_submit_call(struct cor_pool *pool, cor_call *fn, const void *call,
	size_t bytes, struct cor_future **ret) COR_CHECKED;

/**
 * The same for a call that has pointers and a schema, as cor_offload_typed() has it: what the call
 * points to is copied before this returns, and what comes back is the future's memory.
 */
#define cor_pool_submit_typed(pool, fn, schema_, call, ret)                                        \
	((void)COR_CHECK_CALL_("the job", fn, call),                                               \
		cor_pool_submit_typed_call((pool), COR_CALL_(fn), &(schema_).schema,               \
			COR_TYPED_RET_(call, schema_), (ret)))
COR_API int cor_pool_submit_typed_call(struct cor_pool *pool, cor_call *fn,
	const struct cor_schema *schema, const void *call, struct cor_future **ret) COR_CHECKED;

/**
 * Give it a job, and wait for it: as cor_pool_submit(), cor_future_wait() and cor_future_read() for
 * one that is not kept. Outside fibers, and without a deadline, a job for a process goes there
 * without the detour of a thread. Yields. Returns as these three; a problem that the job has
 * recorded is not kept.
 */
#define cor_pool_run(pool, fn, ...)                                                                \
	((void)COR_CHECK_CALL_("the job", fn, __VA_ARGS__),                                        \
		cor_pool_run_call((pool), COR_CALL_(fn), (__VA_ARGS__), sizeof *(__VA_ARGS__)))
COR_API int cor_pool_run_call(
	struct cor_pool *pool, cor_call *fn, void *call, size_t bytes) COR_CHECKED;

struct cor_pool_map_options {
	size_t chunk; /* items that one job works on, one after another; 0: 1 */
	int *results; /* NULL, or room for what the function returned of each item */
};

/**
 * Call fn for each of the `len` items of an array, which it may change, on the pool's threads.
 * Yields until all are done; a failure, or the end of the caller's scope, cancels those that have
 * not begun. Items of jobs that were not waited for are unchanged. `options` may be NULL.
 * Returns 0, the failure of the first item that has one, in the order of the array, -ETIMEDOUT or
 * -ECANCELED (of the caller's scope), -COR_ECLOSED (a shutdown has cancelled items), or as
 * cor_pool_submit().
 */
#define cor_pool_map(pool, fn, items, len, options)                                                \
	((void)COR_CHECK_CALL_("the job", fn, items),                                              \
		cor_pool_map_items(                                                                \
			(pool), COR_CALL_(fn), (items), sizeof *(items), (len), (options)))
COR_API int cor_pool_map_items(struct cor_pool *pool, cor_call *fn, void *items, size_t bytes,
	size_t len, const struct cor_pool_map_options *options) COR_CHECKED;

enum cor_shutdown {
	COR_SHUTDOWN_FINISH, /* what was submitted is done */
	COR_SHUTDOWN_CANCEL, /* what has not begun is cancelled */
};

/** Take no more jobs. Never yields; callbacks of cancelled ones run here. */
COR_API void cor_pool_shut_down(struct cor_pool *pool, enum cor_shutdown how);

/**
 * Shut it down, wait for what runs and, unless it was shut down with COR_SHUTDOWN_CANCEL, for what
 * is queued, and free it. Yields; deaf to scopes. Not on one of its threads. Futures may live
 * longer. NULL is allowed.
 */
COR_API void cor_pool_destroy(struct cor_pool *pool);

struct cor_pool_figures {
	uint32_t threads;   /* there are */
	uint32_t running;   /* jobs */
	uint32_t queued;    /* jobs */
	uint64_t submitted; /* jobs, all in all: those that follow, and those that run or wait */
	uint64_t done;      /* they returned 0 or more */
	uint64_t failed;    /* they returned a negative code */
	uint64_t cancelled; /* before they began */
	uint64_t refused;   /* not submitted: the queue was full */
	bool is_broken;     /* a start has failed: it takes no jobs */
};

/** How it stands. Never yields; any thread. */
COR_API struct cor_pool_figures cor_pool_look(struct cor_pool *pool);

COR_END_DECLS
#endif
