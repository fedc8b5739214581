/* SPDX-License-Identifier: MIT */
/**
 * The share of a thread in an adaptive limit (client/adaptive.h): how many of its requests may be
 * on their way at once.
 *
 * Each thread writes what it has on its way and waiting into a row that the others read. If all of
 * them together want no more than the limit, each may; else each has the part of the limit that it
 * has of what all want, and one at least: so whoever waits waits for a request of its own thread,
 * and nobody wakes another. Nothing is counted by several: a worker that is killed leaves a row,
 * which counts for a minute at most.
 *
 * Slots belong to a thread.
 */
#ifndef CORACLE_CLIENT_SLOTS_H
#define CORACLE_CLIENT_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

#include "client/adaptive.h"
#include "runtime/wait.h"

struct cor_slot_waiter;

struct cor_slots {
	struct cor_adaptive_state *state; /* NULL: there is no limit */
	struct cor_adaptive_rules rules;
	struct cor_adaptive_row *rows; /* of all threads; NULL: there are no others */
	struct cor_adaptive_row *row;  /* its own; NULL: it has none */
	uint32_t index;                /* of that */
	uint64_t owner;
	uint32_t in_flight, waiting;
	struct cor_slot_waiter *first, *last;
};

/** One that a request has. Zeroed: it has none. */
struct cor_slot {
	bool is_taken;
	uint32_t most;    /* requests of all threads, when it was taken */
	uint32_t threads; /* that had any lately */
};

/** Somebody who wants one: his memory, as that of struct cor_wait. */
struct cor_slot_waiter {
	struct cor_wait wait;
	struct cor_slot_waiter *next;
	bool is_queued;
	struct cor_slot slot; /* that he got */
};

/** The rows of a state that is in the table. */
void cor_slots_share(struct cor_slots *slots, struct cor_adaptive_table *table);

/** Take one if that needs no wait. Never yields. */
bool cor_slots_try(struct cor_slots *slots, struct cor_slot *ret, int64_t now_ns);

/** Whether that would give one. Never yields. */
bool cor_slots_have_room(const struct cor_slots *slots, int64_t now_ns);

/**
 * Wait for one, in order of arrival. Yields. Returns 0, or -ETIMEDOUT or -ECANCELED as the scope
 * says.
 */
int cor_slots_take(struct cor_slots *slots, struct cor_slot *ret, int64_t now_ns) COR_CHECKED;

/** Give it back; nothing if it was not taken. Never yields. */
void cor_slots_give(struct cor_slots *slots, struct cor_slot *slot, int64_t now_ns);

#endif
