/* SPDX-License-Identifier: MIT */
/**
 * What an adaptive limit is, from what answers took. <coracle/adaptive_limit.h> has what it does.
 *
 * A state stands in memory that all workers share, for a name and the rules that go with it, as
 * that of a breaker does (client/breaker.h). A process may die at any instruction: if it held the
 * lock, the limit begins anew. Behind a state stand rows, one for each thread that calls, with what
 * it has on its way: client/slots.h. Nothing here waits or asks for the time: it comes in as a
 * number, of a clock that all processes have in common. Any thread of any process; a lock is held
 * for some sums.
 */
#ifndef CORACLE_CLIENT_ADAPTIVE_H
#define CORACLE_CLIENT_ADAPTIVE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/adaptive_limit.h>
#include <coracle/upstream.h>

#include "segment/lock.h"

#define COR_ADAPTIVE_STATES_MAX 128
#define COR_ADAPTIVE_ROWS       128 /* threads of all workers */

/** Numbers for all defaults. */
struct cor_adaptive_rules {
	uint32_t min, start;
	uint32_t max; /* of each thread: .in_flight */
	uint32_t tolerance_percent;
	uint32_t measured_ms;
};

/** Answers of a while, until there are enough to say something. */
struct cor_adaptive_window {
	int64_t began_ns;
	uint32_t answered, late, overloaded;
	uint32_t most;      /* requests on their way at once */
	double answered_ns; /* what those took, in all */
	double counted_ns;  /* the same with those that were late, none for more than some times
			       what they take at best */
};

/* How what answers take at best is measured: a window for what was queued, and one that counts. */
enum cor_adaptive_phase { COR_ADAPTIVE_FREE = 0, COR_ADAPTIVE_DRAINS, COR_ADAPTIVE_MEASURES };

struct cor_adaptive_row {
	_Atomic uint64_t owner; /* 0: nobody's */
	_Atomic int64_t seen_ns;
	_Atomic uint32_t in_flight, waiting;
	char rest[40]; /* each has a line of the cache to itself */
};

struct cor_adaptive_state {
	struct cor_lock lock;
	char name[COR_UPSTREAM_NAME_BYTES];
	uint64_t shape; /* of its rules; 0: it is nobody's */
	/* To be read without the lock. */
	_Atomic uint32_t limit;            /* requests of all threads at once */
	_Atomic uint32_t took_us, best_us; /* what answers take now, and at best */
	_Atomic uint64_t shed;             /* requests that were refused */
	_Atomic uint64_t told;             /* of which the log was told */
	_Atomic int64_t told_ns;           /* when; 0: never */
	_Atomic uint32_t rows_used;        /* rows that have had an owner */
	uint64_t owners;                   /* numbers that were given */
	/* With it. */
	enum cor_adaptive_phase phase;
	double exact;  /* the limit */
	double before; /* what it was before it was lowered to measure */
	double high;   /* from where it falls, and what answers took then */
	double high_ns;
	double best_ns;      /* 0: not known yet */
	double took_ns;      /* in the last window */
	int64_t measured_at; /* when best_ns was, by turns of the time of day */
	int64_t wary_ns;     /* until then it grows slowly */
	struct cor_adaptive_window window;
};

struct cor_adaptive_table {
	struct cor_lock lock;
	struct cor_adaptive_state states[COR_ADAPTIVE_STATES_MAX];
	struct cor_adaptive_row rows[COR_ADAPTIVE_STATES_MAX][COR_ADAPTIVE_ROWS];
};

/** The .init of its region: see struct cor_region_options. */
int cor_adaptive_table_init(void *region, size_t bytes) COR_CHECKED;

/** One that is not shared with other processes. Free it with free(). NULL: no memory. */
struct cor_adaptive_table *cor_adaptive_table_create(void);

struct cor_adaptive_rules cor_adaptive_rules(
	const struct cor_adaptive_limit *limit, uint32_t in_flight);

/** One in memory of its own, without rows. Returns 0 or as cor_lock_init(). */
int cor_adaptive_init(
	struct cor_adaptive_state *state, const struct cor_adaptive_rules *rules) COR_CHECKED;

/** That of an upstream with such rules, found or made; NULL: there is no room. */
struct cor_adaptive_state *cor_adaptive_hold(
	struct cor_adaptive_table *table, const char *name, const struct cor_adaptive_rules *rules);

/** The same; NULL: nobody has made it. */
const struct cor_adaptive_state *cor_adaptive_find(const struct cor_adaptive_table *table,
	const char *name, const struct cor_adaptive_rules *rules);

/** Take its lock, for a row; give it back. Returns as cor_lock_take(). */
int cor_adaptive_lock(
	struct cor_adaptive_state *state, const struct cor_adaptive_rules *rules) COR_CHECKED;
void cor_adaptive_unlock(struct cor_adaptive_state *state);

/** A request that is over. */
struct cor_adaptive_sample {
	enum {
		COR_ADAPTIVE_ANSWERED = 0, /* its answer took took_ns */
		COR_ADAPTIVE_LATE,         /* none came within took_ns */
		COR_ADAPTIVE_OVERLOADED,   /* the server says that it is too much */
	} kind;
	int64_t took_ns;
	uint32_t most;    /* requests on their way when it began, with itself */
	uint32_t threads; /* that had any lately */
	int64_t wall_ns;  /* the time of day, which other services have in common with us */
};

/** Learn from it. */
void cor_adaptive_learn(struct cor_adaptive_state *state, const struct cor_adaptive_rules *rules,
	const struct cor_adaptive_sample *sample, int64_t now_ns);

#endif
