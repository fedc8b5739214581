/* SPDX-License-Identifier: MIT */
/**
 * How long functions take.
 *
 *     static int load_price(struct cor_ctx *ctx, int64_t id, struct price *price)
 *     {
 *             cor_timed(ctx); // from here to wherever it returns
 *             ...
 *     }
 *
 *     int64_t sum = cor_timed_call(ctx, sum_up, values, len); // a function that has no ctx
 *
 * Each name has a histogram of the time that passed, and one of the time that it had its thread:
 * the difference is what it waited for others. Both count what it calls, too. They are in the
 * operator's /metrics as coracle_timed_seconds and coracle_timed_thread_seconds, added up over all
 * workers, and in `coracle top`; --server-timing tells clients (for a browser's developer tools),
 * and --log-level debug writes a line each time. A call in which a problem was recorded
 * (cor_problem(), cor_invalid()) counts as an error, too.
 *
 * A timer costs about 40 ns; --timed off leaves a call and a branch of it, and a program that is
 * compiled with -DCOR_NO_TIMED nothing at all. Timers nest; recursion counts each call, with those
 * inside it. The clock is monotonic: nothing is ever negative. A ctx may be timed on any thread;
 * jobs in processes of an executor count nothing.
 */
#ifndef CORACLE_TIMED_H
#define CORACLE_TIMED_H

#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/context.h>

COR_BEGIN_DECLS

/** So many names a service can have; what comes after them is not timed, which is counted. */
#define COR_TIMED_MAX 128

/* clang-format off */

#ifdef COR_NO_TIMED
#define cor_timed(ctx) ((void)0)
#define cor_timed_as(ctx, name) ((void)0)
#else

/**
 * Time the rest of the block, by the name of the function around it. It declares a variable, so it
 * stands where a declaration may. Functions of the same name count together. Never yields.
 */
#define cor_timed(ctx) cor_timed_as((ctx), __func__)

/** The same by another name: a literal, of which 95 characters count. */
#define cor_timed_as(ctx, name) \
	__attribute__((unused, cleanup(cor_stopwatch_stop))) struct cor_stopwatch \
		COR_TIMED_JOIN_(cor_stopwatch_, __LINE__) = cor_stopwatch_start((ctx), (name))

#endif

/**
 * Call a function, timed by its name; the value is what it returns, if it returns something.
 * For a function that cannot have the line above. Yields if the function does.
 */
#define cor_timed_call(ctx, function, ...) \
	__extension__({ cor_timed_as((ctx), #function); function(__VA_ARGS__); })

#define COR_TIMED_JOIN_(a, b)  COR_TIMED_JOIN__(a, b)
#define COR_TIMED_JOIN__(a, b) a##b

/* clang-format on */

/** What was timed by a name. Times are nanoseconds. */
struct cor_timed {
	uint64_t count;
	uint64_t errors; /* of them */
	struct cor_times {
		uint64_t sum, min, max;
		/** Half of them took no longer, 95 and 99 in a hundred; guessed between bounds. */
		uint64_t p50, p95, p99;
	} wall, thread;
};

/**
 * What the writer of ctx has timed by `name`: a thread that serves, all other threads of the
 * process together, or a ctx of cor_ctx_create(), which starts with nothing. For tests; operators
 * have /metrics. Returns 0, or -ENOENT: nothing has that name yet, and *ret stays as it was. Never
 * yields.
 */
COR_API int cor_timed_read(
	struct cor_ctx *ctx, const char *name, struct cor_timed *ret) COR_CHECKED;

/** One that runs: of the macros above. */
struct cor_stopwatch {
	struct cor_ctx *ctx; /* NULL: it is off */
	const char *name;
	uint64_t started;  /* by a clock of the library */
	int64_t parked_ns; /* of the fiber before */
	/* the problem of the ctx before */
	const char *detail;
	size_t violations;
};

/** Behind the macros: start it, and stop it, in the same fiber or thread. */
COR_API struct cor_stopwatch cor_stopwatch_start(struct cor_ctx *ctx, const char *name);
COR_API void cor_stopwatch_stop(const struct cor_stopwatch *timer);

COR_END_DECLS
#endif
