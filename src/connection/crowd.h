/* SPDX-License-Identifier: MIT */
/**
 * All that the clients of a group have not taken: it has a limit over all loops.
 *
 * Above it, of the tails with more than an equal share of the limit that one goes whose client has
 * taken nothing for longest, until it is enough. So an end of one always helps, small answers are
 * not cut for the sake of a large one, and an answer that alone is above the limit waits only as
 * long as no other does.
 *
 * A loop cuts its own clients. Where it has nobody else to cut, all loops are told, and whoever is
 * first takes what is too much.
 */
#ifndef CORACLE_CONNECTION_CROWD_H
#define CORACLE_CONNECTION_CROWD_H

#include <stdatomic.h>
#include <stdint.h>

struct cor_connection;
struct cor_loop;
struct cor_task;

/** Of all loops; touched when a tail grows or shrinks, and by nothing else. */
struct cor_crowd {
	_Atomic uint64_t bytes; /* unsent */
	_Atomic uint32_t tails;
};

/** Keep the limit: the tail of `grown` has. If it must go itself, it does in the next turn. */
void cor_crowd_thin(struct cor_loop *loop, const struct cor_connection *grown);

/** Keep the limit, of which a loop has been told: run() of its `crowded`. */
void cor_crowd_told(struct cor_task *task);

#endif
