/* SPDX-License-Identifier: MIT */
/** The parts of a world: private to this folder. */
#ifndef TESTS_WORLD_INSIDE_H
#define TESTS_WORLD_INSIDE_H

#include <assert.h>

#include "world.h"

#define SOCKETS      4096
#define FIRST_NUMBER 1000000 /* far from the descriptors of the system */
#define POLLS        2       /* loops of a service */
#define NOBODY       (-1)
#define SILENT       4 /* addresses */

/* A poller's watch on a socket. */
struct watch {
	bool on;
	uint32_t mask;
	uint32_t edge; /* what has come since the last report */
	epoll_data_t data;
};

/* One end: what it can still receive, and how it ended. */
struct socket {
	bool used;
	bool listens;
	bool closed_to_new; /* a listener that nobody may connect to any more */
	bool ended;         /* the other end sends no more */
	bool has_ended;     /* this end sends no more */
	bool reset;
	bool connecting; /* its peer does not answer yet */
	bool refused;
	int peer; /* index; NOBODY: not connected, or gone */
	struct cor_address local;
	struct cor_address remote;
	char *data; /* not received yet: len of window bytes */
	size_t len;
	size_t window;
	int queue[SOCKETS / 8]; /* of a listener: who can be accepted, oldest first */
	int queued;

	struct watch watches[POLLS];
};

struct world {
	struct cor_clock
		clock; /* first, like the next three: each seam is called with its own address */
	int64_t now_ns;
	struct cor_random random;
	unsigned char next_byte;
	struct cor_transport transport;
	struct cor_poller poller;
	bool holds;            /* time stands still while all wait */
	bool idle;             /* the poller had nothing and could have waited */
	int64_t due_ns[POLLS]; /* the next timer of each, as last given to the poller */
	bool polls_open[POLLS];
	uint64_t polls;
	size_t window;
	size_t piece;
	unsigned refuse_every;
	unsigned calls;                    /* since the last refusal */
	struct cor_address silent[SILENT]; /* bytes 0: none */
	struct socket *sockets[SOCKETS];
};

/* The seams are const to those who use them, and the world is not. */
static inline struct world *world_of(const void *seam, size_t offset)
{
	return (struct world *)((uintptr_t)seam - offset);
}

#define WORLD_OF(seam, member) world_of((seam), offsetof(struct world, member))

static inline struct socket *socket_of(const struct world *world, int number)
{
	int index = number - FIRST_NUMBER;

	assert(index >= 0 && index < SOCKETS && world->sockets[index] &&
		world->sockets[index]->used);
	return world->sockets[index];
}

static inline void raise_edge(struct socket *socket, uint32_t events)
{
	for (int i = 0; i < POLLS; i++)
		socket->watches[i].edge |= events;
}

static inline void raise_peer(struct world *world, int index, uint32_t events)
{
	if (index != NOBODY)
		raise_edge(world->sockets[index], events);
}

#endif
