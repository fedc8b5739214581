/* SPDX-License-Identifier: MIT */
/**
 * Inside a group: what it knows of its children, and a child from start to end.
 *
 * All of it is touched by one thread: that of the parent's fiber, or the parent's own outside one.
 * A child stands in the room of its fiber, and goes with it; what outlives it, how it ended, is in
 * the memory of the parent's ctx.
 */
#ifndef CORACLE_FANOUT_CHILD_H
#define CORACLE_FANOUT_CHILD_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/group.h>

#include "context/context.h"
#include "runtime/fiber.h"
#include "runtime/wait.h"

/** How a child ended. Indices are those of the ends, plus 1: 0 is none. */
struct cor_child_end {
	int result;    /* -EINPROGRESS: it has not */
	uint32_t next; /* which ended after it */
	const struct cor_ctx_record *problem;
};

struct cor_fanout {
	struct cor_hold hold; /* on ctx, until it is waited for */
	struct cor_ctx *ctx;
	struct cor_fiber *parent; /* NULL: outside a fiber, where children run one after another */
	struct cor_child *children; /* that have not ended, the newest first */
	struct cor_child_end *ends; /* of all that were started */
	uint32_t started;
	uint32_t ends_max;
	uint32_t running; /* fibers of children, those that wait for their first turn too */
	uint32_t at_once; /* 0: no limit */
	uint32_t first;   /* that has ended and of which cor_group_next() has not told */
	uint32_t last;    /* that has ended */
	uint32_t failed;  /* first */
	uint32_t decider; /* 0: none, or the parent itself */
	enum cor_group_rule rule;
	int result; /* once decided */
	bool is_decided;
	bool is_waited_for;
	bool is_short;         /* of memory: not every child has an end */
	uint32_t wakes_at;     /* so many children running, or fewer ... */
	struct cor_wait *wait; /* ... end this; NULL: the parent does not wait */
};

struct cor_child {
	struct cor_ctx ctx;
	struct cor_fanout *fanout;
	struct cor_child *next;
	struct cor_child **link;
	cor_call *call;
	void *argument;
	struct cor_fiber *fiber; /* NULL: outside one */
	const char *name;
	uint32_t index;
	int result;
};

/** Let a child run in a fiber of its own. Returns 0, or -COR_ENOSTACK or -ENOMEM: there is none. */
int cor_child_start(struct cor_fanout *fanout, const struct cor_child *what) COR_CHECKED;

/** Let it run to its end in the calling thread. */
void cor_child_run_here(struct cor_fanout *fanout, const struct cor_child *what);

/** A child has ended, or is to be taken for one that has: apply the rule. */
void cor_fanout_note(struct cor_fanout *fanout, uint32_t index, int result,
	const struct cor_ctx_record *problem);

/** The result is there, unless it was before: the children that are left are cancelled. */
void cor_fanout_decide(struct cor_fanout *fanout, int result, uint32_t decider);

/** Private to cor_group_wait(): what a group's hold on its ctx says if nobody has waited. */
void cor_fanout_abandoned(struct cor_hold *hold);

#endif
