/* SPDX-License-Identifier: MIT */
/**
 * A server with a queue, and threads that call it, in thousands of seconds of a clock. All of it is
 * a simulation: nothing here waits.
 */
#ifndef CORACLE_TESTS_CLIENT_ADAPTIVE_WORLD_H
#define CORACLE_TESTS_CLIENT_ADAPTIVE_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "client/slots.h"

#define MS          INT64_C(1000000)
#define THREADS_MAX 8
#define REQUESTS    4096
#define SKEW_MS     20    /* of clocks on machines */
#define TOOK_MAX    20000 /* ms */

struct request {
	int64_t sent_ms, over_ms; /* when it is answered; 0: it waits in the queue */
	struct cor_slot slot;
	uint32_t thread;
	bool is_refused; /* with 503 */
};

struct cor_world {
	struct cor_adaptive_table *table;
	struct cor_adaptive_rules rules;
	struct cor_slots slots[THREADS_MAX];
	uint32_t threads;
	int64_t now_ms;
	uint64_t seed;
	uint64_t due; /* thousandths of a call */
	/* the server */
	uint32_t capacity;  /* requests that it works on at once */
	uint32_t takes_ms;  /* each of them: by half more or less */
	uint32_t slow_each; /* one of so many takes eleven times as long; 0: none */
	uint32_t room;      /* with more than that in it, it says 503 at once; 0: it queues all */
	struct request *requests[REQUESTS]; /* in order of arrival */
	uint32_t len, working;
};

struct course {
	uint32_t answered, refused, overloaded;
	uint32_t took[TOOK_MAX]; /* answers, by ms */
	uint64_t took_ms;        /* all of them */
	uint32_t limit_min, limit_max;
	uint32_t most; /* on their way at once */
};

/** The usual limit, and one that is always 100. */
extern const struct cor_adaptive_limit usual, fixed;

/** A server, and so many threads that share a limit; close_world() frees it. */
void open_world(struct cor_world *world, uint32_t threads, const struct cor_adaptive_limit *limit,
	uint32_t in_flight);

/** APART: each thread has a limit of its own; it is what several services are to one server. */
enum sharing { TOGETHER, APART };
void open_world_of(struct cor_world *world, uint32_t threads,
	const struct cor_adaptive_limit *limit, uint32_t in_flight, enum sharing sharing);
void close_world(struct cor_world *world);

/** The state of the first thread's limit. */
struct cor_adaptive_state *state_of(const struct cor_world *world);

/** A number by chance; the same seed, the same numbers. */
uint32_t draw(struct cor_world *world);

/** So many calls a second for `ms`, of all threads in turn; *course has what came of them. */
void play(struct cor_world *world, int64_t ms, uint32_t per_s, struct course *course);

/** So many percent of the answers took no longer, in ms. */
uint32_t percentile(const struct course *course, uint32_t percent);

/** As a figure of the test run. */
void print(const char *what, const struct course *course);

#endif
