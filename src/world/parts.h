/* SPDX-License-Identifier: MIT */
/** The parts of a world: private to this folder. */
#ifndef CORACLE_WORLD_PARTS_H
#define CORACLE_WORLD_PARTS_H

#include <assert.h>
#include <pthread.h>

#include "world/world.h"

#define SOCKETS      4096
#define FIRST_NUMBER 1000000 /* far from the descriptors of the system */
#define POLLS        2       /* loops of a service */
#define NOBODY       (-1)
#define SILENT       4 /* addresses */

/* A poller's watch on a socket. */
struct cor_world_watch {
	bool on;
	uint32_t mask;
	uint32_t edge; /* what has come since the last report */
	epoll_data_t data;
};

/* One end: what it can still receive, and how it ended. */
struct cor_world_socket {
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

	struct cor_world_watch watches[POLLS];
};

struct cor_world {
	struct cor_clock
		clock; /* first, like the next three: each seam is called with its own address */
	_Atomic int64_t now_ns; /* threads of executors read it, too */
	struct cor_random random;
	uint64_t seed; /* of what is drawn next; 0: bytes are counted up */
	unsigned char next_byte;
	struct cor_transport transport;
	struct cor_poller poller;
	bool holds;      /* time stands still while all wait */
	bool idle;       /* the poller had nothing and could have waited */
	int64_t real_ns; /* of its realtime when its monotonic time was 0 */
	struct cor_world_outside outside;
	int64_t waited_ns;     /* for it */
	pthread_mutex_t mutex; /* for what follows */
	pthread_cond_t moves;
	bool is_woken;         /* by another thread */
	int64_t due_ns[POLLS]; /* the next timer of each, as last given to the poller */
	bool polls_open[POLLS];
	uint64_t polls;
	size_t window;
	size_t piece;
	unsigned refuse_every;
	unsigned calls;                    /* since the last refusal */
	struct cor_address silent[SILENT]; /* bytes 0: none */
	struct cor_world_socket *sockets[SOCKETS];
};

/* The seams are const to those who use them, and the world is not. */
static inline struct cor_world *cor_world_of(const void *seam, size_t offset)
{
	return (struct cor_world *)((uintptr_t)seam - offset);
}

#define WORLD_OF(seam, member) cor_world_of((seam), offsetof(struct cor_world, member))

static inline struct cor_world_socket *cor_world_socket_of(
	const struct cor_world *world, int number)
{
	int index = number - FIRST_NUMBER;

	assert(index >= 0 && index < SOCKETS && world->sockets[index] &&
		world->sockets[index]->used);
	return world->sockets[index];
}

static inline void cor_world_raise_edge(struct cor_world_socket *socket, uint32_t events)
{
	for (int i = 0; i < POLLS; i++)
		socket->watches[i].edge |= events;
}

static inline void cor_world_raise_peer(struct cor_world *world, int index, uint32_t events)
{
	if (index != NOBODY)
		cor_world_raise_edge(world->sockets[index], events);
}

#endif
