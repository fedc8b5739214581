/* SPDX-License-Identifier: MIT */
/** What a connection works on, for people: looked at only when somebody asks. */
#ifndef CORACLE_CONNECTION_PROGRESS_H
#define CORACLE_CONNECTION_PROGRESS_H

#include <stdint.h>

struct cor_connection;
struct cor_loop;

enum cor_progress_state {
	COR_PROGRESS_RUNNING, /* its fiber is ready */
	COR_PROGRESS_WAITING, /* for something else than its client */
	COR_PROGRESS_READING, /* waits for the client to send more */
	COR_PROGRESS_WRITING, /* waits for the client to take the answer */
};

/** A request in flight. Texts are valid during the call that hands it out. */
struct cor_progress {
	const struct cor_connection *connection;
	int64_t began_ns; /* monotonic */
	enum cor_progress_state state;
	uint32_t figures;       /* the number of its figures among its handler's */
	const char *handler;    /* the name of its route */
	const char *request_id; /* "": it has none yet */
};

/**
 * Hand out each request of the loop that is in flight, in no order. On the loop's own stack, where
 * no fiber runs.
 */
void cor_loop_each_in_progress(const struct cor_loop *loop,
	void (*visit)(const struct cor_progress *progress, void *arg), void *arg);

#endif
