/* SPDX-License-Identifier: MIT */
/**
 * A service inside of the process of a test: its settings, hooks, executors, caches and one loop,
 * in whatever world the seams are of, turned by the caller.
 *
 * It is made of what cor_main() makes a service of. What differs: no signals, no sandbox, no TLS,
 * no master, and the caller's descriptor for the log.
 *
 * libcoracle exports public functions alone: libcoracle-testing is handed these as a table, whose
 * address is all that <coracle/app.h> tells of it.
 */
#ifndef CORACLE_APP_INSIDE_H
#define CORACLE_APP_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/app.h>

#include "runtime/seams.h"

struct cor_inside;
struct cor_mutex_trace; /* runtime/mutex.h */
struct cor_pattern;
struct cor_pattern_room;
struct cor_script;

/* Raised with every change of this header, so that halves do not meet. */
#define COR_INSIDE_INTERFACE 3

/** All of it is borrowed until close. */
struct cor_inside_options {
	const struct cor_service *service;
	int argc;
	char *const *argv; /* the settings, as for cor_main() */
	/* Of the calling thread and of the service's one loop, which does not start another. */
	const struct cor_seams *seams;
	const char *address;       /* where it listens */
	int log;                   /* the descriptor of its log */
	struct cor_script *script; /* what answers its calls */
	void *state;               /* in place of what its start hook makes; NULL: the hook runs */
	bool keeps_stores; /* caches in files and in memcached are not replaced by the memory */
};

/* Each is called on the thread that has called open(). */
struct cor_inside_calls {
	uint32_t interface; /* COR_INSIDE_INTERFACE; it stays first */

	/**
	 * Start it. Returns 0, -ENOMEM, or -COR_EPROBLEM: what is wrong stands on standard error,
	 * or in the log.
	 */
	int (*open)(const struct cor_inside_options *options, struct cor_inside **ret) COR_CHECKED;
	/** The ctx of its start hook, which lives until it stops: it has the state. */
	struct cor_ctx *(*ctx)(struct cor_inside *inside);
	/** What is asked with this ctx from now on is a request of its own, with another id. */
	void (*begin_request)(struct cor_ctx *ctx);
	/** Turn its loop once, as cor_scheduler_turn() does. */
	int (*turn)(struct cor_inside *inside) COR_CHECKED;
	/** Whether something was posted to its loop since. */
	bool (*has_posts)(const struct cor_inside *inside);
	/** Whether a job of an executor runs, or is about to. */
	bool (*is_busy)(const struct cor_inside *inside);
	/** Tell of every fiber in use: its name, and what it waits in; NULL: it does not wait. */
	void (*fibers)(const struct cor_inside *inside,
		void (*tell)(void *arg, const char *name, const char *waits_in), void *arg);
	/** All figures, as text for Prometheus, in memory of the caller's. Returns 0 or a code. */
	int (*figures)(struct cor_inside *inside, char **ret) COR_CHECKED;
	/** Let it accept no more, and end what is in progress: turn() returns 0 then. */
	void (*drain)(struct cor_inside *inside);
	/**
	 * Stop and free it. Its loop has ended. Waits for jobs in real time. Returns 0, or -EBUSY:
	 * jobs have not ended within the drain timeout, and it is not freed.
	 */
	int (*close)(struct cor_inside *inside) COR_CHECKED;

	/** Hear of mutexes: cor_mutex_set_trace(). */
	void (*trace_mutexes)(const struct cor_mutex_trace *trace);

	/**
	 * Write the OpenAPI document of a service that does not run, with what is mounted in it,
	 * in memory of the caller's. Returns 0, -ENOMEM, or -COR_ETABLE: what contradicts itself
	 * stands on standard error.
	 */
	int (*document)(const struct cor_service *service, char **ret) COR_CHECKED;

	/** Those of schema/pattern.h. */
	int (*patterns_create)(struct cor_pattern_room **ret) COR_CHECKED;
	void (*patterns_destroy)(struct cor_pattern_room *room);
	int (*pattern_compile)(struct cor_pattern_room *room, const char *text,
		struct cor_pattern **ret, char *why, size_t why_bytes) COR_CHECKED;
	int (*pattern_match)(
		struct cor_pattern *pattern, struct cor_str subject, unsigned *work) COR_CHECKED;

	const struct cor_clock *system_clock;
	/** For how long the calling thread was ready to run, but had no processor, so far. */
	int64_t (*run_delay_ns)(struct cor_inside *inside);
};

#endif
