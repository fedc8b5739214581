/* SPDX-License-Identifier: MIT */
/** Turns the loops of a world, and what else needs the runtime: for tests that have its archive. */
#ifndef CORACLE_WORLD_TURNS_H
#define CORACLE_WORLD_TURNS_H

#include "world/world.h"

/**
 * Turn the scheduler until nothing can happen any more before time moves or a peer does something.
 * Time stands still.
 * Returns like cor_scheduler_turn(): 1, or 0 when it has ended.
 */
int cor_world_settle(struct cor_world *world, struct cor_scheduler *scheduler);

/**
 * Turn the scheduler until it has ended; whenever all wait, time jumps to the next timer. Returns
 * 0, or -EDEADLK when all wait for something that no time brings.
 */
int cor_world_run(struct cor_world *world, struct cor_scheduler *scheduler);

/** The loops of one service: they take turns, and may post to each other. */
struct cor_world_cast {
	struct cor_scheduler *schedulers[2]; /* NULL once it has ended */
	size_t len;
};

/** Like cor_world_settle(), for all of them; 0 when all have ended. */
int cor_world_settle_all(struct cor_world *world, struct cor_world_cast *cast);

/**
 * The same up to `at_ns`: each timer on the way fires at its own nanosecond, including those at
 * at_ns.
 */
int cor_world_run_until(struct cor_world *world, struct cor_world_cast *cast, int64_t at_ns);

/** A listener of the test's own: its socket, or -EADDRINUSE. */
int cor_world_listen(struct cor_world *world, const char *address);

#endif
