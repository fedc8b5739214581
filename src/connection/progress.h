/* SPDX-License-Identifier: MIT */
/** What a connection works on, for people: looked at only when somebody asks. */
#ifndef CORACLE_CONNECTION_PROGRESS_H
#define CORACLE_CONNECTION_PROGRESS_H

#include <stdint.h>

struct cor_connection;
struct cor_loop;

enum cor_progress_state {
	COR_PROGRESS_RUNNING, /* its fiber is ready */
	COR_PROGRESS_WAITING, /* for something other than its client */
	COR_PROGRESS_READING, /* waits for the client to send more */
	COR_PROGRESS_WRITING, /* waits for the client to take the answer */
};

/** A request in flight. What it points to is valid until the loop goes on. */
struct cor_progress {
	const struct cor_connection *connection;
	int64_t began_ns; /* monotonic */
	enum cor_progress_state state;
	const char *waits_in;   /* the function it is WAITING in; NULL: it is not */
	uint32_t figures;       /* the number of its figures among its handler's */
	const char *handler;    /* the name of its route */
	uint64_t memory_bytes;  /* taken from the heap */
	const char *request_id; /* "": it has none yet */
};

/**
 * The requests of the loop that are in flight: `max` of the oldest ones, the oldest first, and
 * *ret_more others. On the loop's own stack, where no fiber runs. Returns how many stand in `ret`.
 */
uint32_t cor_loop_list_progress(
	const struct cor_loop *loop, struct cor_progress *ret, uint32_t max, uint32_t *ret_more);

/** What a loop has at this moment. */
struct cor_census {
	uint64_t idle;         /* connections that wait for a request */
	uint64_t receiving;    /* ... for the rest of a request's head */
	uint64_t busy;         /* ... for a request in flight */
	uint64_t ending;       /* ... for their client's end */
	uint64_t fibers;       /* that live, whatever they do */
	uint64_t memory_bytes; /* that the requests in flight have taken from the heap */
};

/** Count it all, as cor_loop_list_progress() does. */
void cor_loop_take_census(const struct cor_loop *loop, struct cor_census *ret);

#endif
