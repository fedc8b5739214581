/* SPDX-License-Identifier: MIT */
/**
 * A world made by the test: time, randomness and a network that exist only in memory.
 *
 * Everything in it happens on one thread and in the same order each time; no descriptor is opened.
 * Peers are the test's: it connects, sends and receives through the functions here, between the
 * turns of a scheduler that was made with the world's seams.
 *
 *     struct cor_world *world = cor_world_create();
 *     struct cor_seams seams = cor_world_seams(world);
 *     ... cor_scheduler_create_with(NULL, &seams, &scheduler), start a server on 127.0.0.1:80 ...
 *     cor_world_settle(world, scheduler);
 *     int peer = cor_world_connect(world, "127.0.0.1:80");
 *     cor_world_send(world, peer, "hello");
 *     cor_world_settle(world, scheduler); // whatever can happen now has happened
 *     cor_world_pass_ms(world, 10000);    // time moves by hand
 *     cor_world_settle(world, scheduler);
 *     ... cor_world_receive(world, peer, answer, sizeof answer) ...
 */
#ifndef CORACLE_WORLD_WORLD_H
#define CORACLE_WORLD_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/scheduler.h"

struct cor_world;

/**
 * A world at second 1 of its monotonic time, which is 2026-01-01T00:00:00Z. Ends the program if
 * there is no memory.
 */
struct cor_world *cor_world_create(void);
void cor_world_destroy(struct cor_world *world);

/** It is that time in it, rather than what it is otherwise. Before anything is in it. */
void cor_world_begin_at(struct cor_world *world, int64_t monotonic_ns, int64_t realtime_ns);

/** Draw randomness from that seed, not 0, so that numbers differ. Otherwise bytes count up. */
void cor_world_seed(struct cor_world *world, uint64_t seed);

/** The seams that put a scheduler, a server or a ctx into it. */
struct cor_seams cor_world_seams(struct cor_world *world);

/* --- time --- */

int64_t cor_world_now_ns(const struct cor_world *world);

/** Move time on by hand. */
void cor_world_pass_ns(struct cor_world *world, int64_t ns);
void cor_world_pass_ms(struct cor_world *world, int64_t ms);

/** When the next timer of a loop in it is due; COR_FOREVER: there is none. */
int64_t cor_world_due_ns(const struct cor_world *world);

/**
 * From now on (or no longer) time stands still while all wait: who turns a scheduler learns from
 * cor_world_is_idle() that its last turn had nothing to do.
 */
void cor_world_hold(struct cor_world *world, bool holds);
bool cor_world_is_idle(const struct cor_world *world);

/** Work on other threads and in other processes, which takes real time. */
struct cor_world_outside {
	/** Whether some is in progress: its end posts to a loop of the world. */
	bool (*is_busy)(void *arg);
	void *arg;
	const struct cor_clock *real; /* the system's */
};

/**
 * Whatever the world does when all wait: while work outside is in progress it waits for that in
 * real time, and its own time goes on as the real one does, up to the next timer.
 */
void cor_world_set_outside(struct cor_world *world, const struct cor_world_outside *outside);

/** How long it has waited for that in all. */
int64_t cor_world_waited_ns(const struct cor_world *world);

/** How often the poller was asked. */
uint64_t cor_world_polls(const struct cor_world *world);

/* --- the test's own ends of connections: numbers of sockets, as in the transport --- */

/** Who has connected to it: the socket, or -EAGAIN. */
int cor_world_accept(struct cor_world *world, int listener);

/** Connect to a listener. Returns the socket, or -ECONNREFUSED. */
int cor_world_connect(struct cor_world *world, const char *address);

/**
 * Send as much text as the window has room for. Returns the count or a negative errno.
 */
ssize_t cor_world_send(struct cor_world *world, int socket, const char *text);

/** The same of any bytes. */
ssize_t cor_world_send_bytes(struct cor_world *world, int socket, const void *data, size_t len);

/**
 * Receive what is there: the count, 0 at the end, -EAGAIN when nothing is there yet, or another
 * errno.
 */
ssize_t cor_world_receive(struct cor_world *world, int socket, void *ret, size_t bytes);

/** Whether the other end sends no more, or has reset it, after what can still be received. */
bool cor_world_has_ended(const struct cor_world *world, int socket);

/** Send nothing more. */
void cor_world_shutdown(struct cor_world *world, int socket);

void cor_world_close(struct cor_world *world, int socket);

/** Close it so that the other end sees a reset. */
void cor_world_reset(struct cor_world *world, int socket);

/**
 * How many unreceived bytes a socket holds (65536 at first); applies to all sockets from now on.
 */
void cor_world_set_window(struct cor_world *world, size_t bytes);

/** Limit each receive and each send to so many bytes (0: no limit), whatever is there. */
void cor_world_set_piece(struct cor_world *world, size_t bytes);

/**
 * Every n-th receive and send through the transport returns -EAGAIN, whatever is there, and the
 * poller reports the socket once more (0: none).
 */
void cor_world_set_refusals(struct cor_world *world, unsigned every);

/**
 * Whoever connects to that address, of four at most, gets no answer until cor_world_answer(): a
 * connection then, or a refusal if nobody listens there.
 */
void cor_world_set_silent(struct cor_world *world, const char *address);
void cor_world_answer(struct cor_world *world, const char *address);

/** How many sockets there are: a test counts that none is left. */
int cor_world_sockets(const struct cor_world *world);

#endif
