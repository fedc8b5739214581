/* SPDX-License-Identifier: MIT */
/**
 * Circuit breakers, in memory that all workers share. <coracle/breaker.h> has what they do.
 *
 * A state stands for a name and the rules that go with it: with others, after a reload, it begins
 * anew. A process may die at any instruction: if it held the lock, the breaker is closed and counts
 * from 0. Nothing here waits or asks for the time: it comes in as a number, of a clock that all
 * processes have in common. Any thread of any process; a lock is held for some sums.
 */
#ifndef CORACLE_CLIENT_BREAKER_H
#define CORACLE_CLIENT_BREAKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/breaker.h>
#include <coracle/upstream.h>

#include "client/balance.h"
#include "segment/lock.h"

#define COR_BREAKERS_MAX   256
#define COR_BREAKER_SLICES 10 /* of a window */

enum cor_breaker_phase { COR_BREAKER_CLOSED = 0, COR_BREAKER_OPEN, COR_BREAKER_HALF_OPEN };

struct cor_breaker_slice {
	int64_t index; /* the time, by slices */
	uint32_t tries, failed;
};

struct cor_breaker_state {
	struct cor_lock lock;
	char name[COR_UPSTREAM_NAME_BYTES];
	uint64_t shape;         /* of its rules; 0: it is nobody's */
	_Atomic uint32_t phase; /* enum cor_breaker_phase */
	_Atomic uint32_t epoch; /* grows with each change: what began before it says nothing */
	_Atomic int64_t until_ms;
	_Atomic uint64_t opened;                   /* how often */
	uint32_t answered;                         /* probes */
	int64_t leases_ms[COR_BREAKER_PROBES_MAX]; /* until when; 0: free */
	struct cor_breaker_slice slices[COR_BREAKER_SLICES];
};

struct cor_breaker_table {
	struct cor_lock lock;
	struct cor_breaker_state states[COR_BREAKERS_MAX];
};

/** The .init of its region: see struct cor_region_options. */
int cor_breaker_table_init(void *region, size_t bytes) COR_CHECKED;

/** One that is not shared with other processes. Free it with free(). NULL: no memory. */
struct cor_breaker_table *cor_breaker_table_create(void);

/** Rules with numbers for all defaults. */
struct cor_breaker cor_breaker_rules(const struct cor_breaker *breaker);

/** A closed one, in memory of its own. Returns 0 or as cor_lock_init(). */
int cor_breaker_init(struct cor_breaker_state *state) COR_CHECKED;

/** That of an upstream with such rules, found or made; NULL: there is no room. */
struct cor_breaker_state *cor_breaker_hold(
	struct cor_breaker_table *table, const char *name, const struct cor_breaker *rules);

/** The same; NULL: nobody has made it. */
const struct cor_breaker_state *cor_breaker_find(
	const struct cor_breaker_table *table, const char *name, const struct cor_breaker *rules);

/** What it is for a call that comes now: one whose time is over is half open. */
enum cor_breaker_phase cor_breaker_phase_at(const struct cor_breaker_state *state, int64_t now_ms);

/** A try that was let through. Zeroed: none was. */
struct cor_permit {
	bool is_given;
	bool is_probe;
	uint8_t place;    /* of a probe */
	int64_t lease_ms; /* that it has it for */
	uint32_t epoch;
};

/** What has become of it, for the log. */
struct cor_breaker_change {
	enum { COR_BREAKER_STAYS = 0, COR_BREAKER_OPENS, COR_BREAKER_TRIES, COR_BREAKER_CLOSES } to;
	uint32_t failed, tries; /* COR_BREAKER_OPENS: in the window; 0: a probe has failed */
};

/**
 * May a call try? A probe has its place until lease_ms, unless it ends before. Returns 0, or how
 * long to wait until it is worth asking again, in ms.
 */
int64_t cor_breaker_enter(struct cor_breaker_state *state, const struct cor_breaker *rules,
	int64_t now_ms, int64_t lease_ms, struct cor_permit *ret,
	struct cor_breaker_change *change);

/** It has ended. */
struct cor_breaker_change cor_breaker_leave(struct cor_breaker_state *state,
	const struct cor_breaker *rules, const struct cor_permit *permit,
	enum cor_target_verdict verdict, int64_t now_ms);

#endif
