/* SPDX-License-Identifier: MIT */
/**
 * A world made by the test: time, randomness and a network that exist only in memory.
 *
 * Everything in it happens on one thread and in the same order each time; no descriptor is opened.
 * Peers are the test's: it connects, sends and receives through the functions here, between the
 * turns of a scheduler that was made with the world's seams.
 *
 *     struct world *world = world_create();
 *     struct cor_seams seams = world_seams(world);
 *     ... cor_scheduler_create_with(NULL, &seams, &scheduler), start a server on 127.0.0.1:80 ...
 *     world_settle(world, scheduler);
 *     int peer = world_connect(world, "127.0.0.1:80");
 *     world_send(world, peer, "hello");
 *     world_settle(world, scheduler); // whatever can happen now has happened
 *     world_pass_ms(world, 10000);    // time moves by hand
 *     world_settle(world, scheduler);
 *     ... world_receive(world, peer, answer, sizeof answer) ...
 */
#ifndef TESTS_WORLD_WORLD_H
#define TESTS_WORLD_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/scheduler.h"

struct world;

/**
 * A world at second 1 of its monotonic time, which is 2026-01-01T00:00:00Z. Ends the program if
 * there is no memory.
 */
struct world *world_create(void);
void world_destroy(struct world *world);

/** The seams that put a scheduler, a server or a ctx into it. */
struct cor_seams world_seams(struct world *world);

/* --- time --- */

int64_t world_now_ns(const struct world *world);

/** Move time on by hand. */
void world_pass_ns(struct world *world, int64_t ns);
void world_pass_ms(struct world *world, int64_t ms);

/**
 * Turn the scheduler until nothing can happen any more before time moves or a peer does something.
 * Time stands still.
 * Returns like cor_scheduler_turn(): 1, or 0 when it has ended.
 */
int world_settle(struct world *world, struct cor_scheduler *scheduler);

/**
 * Turn the scheduler until it has ended; whenever all wait, time jumps to the next timer. Returns
 * 0, or -EDEADLK when all wait for something that no time brings.
 */
int world_run(struct world *world, struct cor_scheduler *scheduler);

/** The loops of one service: they take turns, and may post to each other. */
struct world_cast {
	struct cor_scheduler *schedulers[2]; /* NULL once it has ended */
	size_t len;
};

/** Like world_settle(), for all of them; 0 when all have ended. */
int world_settle_all(struct world *world, struct world_cast *cast);

/**
 * The same up to `at_ns`: each timer on the way fires at its own nanosecond, including those at
 * at_ns.
 */
int world_run_until(struct world *world, struct world_cast *cast, int64_t at_ns);

/** How often the poller was asked. */
uint64_t world_polls(const struct world *world);

/* --- the test's own ends of connections: numbers of sockets, as in the transport --- */

/** A listener of the test's own: its socket, or -EADDRINUSE. */
int world_listen(struct world *world, const char *address);

/** Who has connected to it: the socket, or -EAGAIN. */
int world_accept(struct world *world, int listener);

/** Connect to a listener. Returns the socket, or -ECONNREFUSED. */
int world_connect(struct world *world, const char *address);

/**
 * Send as much text as the window has room for. Returns the count or a negative errno.
 */
ssize_t world_send(struct world *world, int socket, const char *text);

/** The same of any bytes. */
ssize_t world_send_bytes(struct world *world, int socket, const void *data, size_t len);

/**
 * Receive what is there: the count, 0 at the end, -EAGAIN when nothing is there yet, or another
 * errno.
 */
ssize_t world_receive(struct world *world, int socket, void *ret, size_t bytes);

/** Whether the other end sends no more, or has reset it, after what can still be received. */
bool world_has_ended(const struct world *world, int socket);

/** Send nothing more. */
void world_shutdown(struct world *world, int socket);

void world_close(struct world *world, int socket);

/** Close it so that the other end sees a reset. */
void world_reset(struct world *world, int socket);

/**
 * How many unreceived bytes a socket holds (65536 at first); applies to all sockets from now on.
 */
void world_set_window(struct world *world, size_t bytes);

/** Limit each receive and each send to so many bytes (0: no limit), whatever is there. */
void world_set_piece(struct world *world, size_t bytes);

/**
 * Every n-th receive and send through the transport returns -EAGAIN, whatever is there, and the
 * poller reports the socket once more (0: none).
 */
void world_set_refusals(struct world *world, unsigned every);

/**
 * Whoever connects to that address, of four at most, gets no answer until world_answer(): a
 * connection then, or a refusal if nobody listens there.
 */
void world_set_silent(struct world *world, const char *address);
void world_answer(struct world *world, const char *address);

/** How many sockets there are: a test counts that none is left. */
int world_sockets(const struct world *world);

#endif
