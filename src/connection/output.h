/* SPDX-License-Identifier: MIT */
/**
 * What a connection sends: through the loop's one output buffer, and what its client does not take
 * at once from a tail.
 *
 * A client must go on taking: it has the write timeout for each step, and a least pace over all of
 * them (tail.h). And tails have a limit over the whole process (crowd.h).
 */
#ifndef CORACLE_CONNECTION_OUTPUT_H
#define CORACLE_CONNECTION_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <coracle/str.h>

#include "connection/tail.h"

struct cor_connection;
struct cor_extents;

/** Somebody who wants to know what becomes of an answer. */
struct cor_delivery {
	struct cor_delivery *next;
	size_t end; /* private: so many bytes must go out first */
	/**
	 * All of it was handed to the system, or `missing` bytes at its end never will be. Called
	 * once; may free it.
	 */
	void (*settle)(
		struct cor_delivery *delivery, struct cor_connection *connection, size_t missing);
};

/**
 * Private to cor_connection_flush(): what it leaves to be done when the transport has `taken` so
 * many bytes, or failed with a negative errno.
 */
void cor_connection_flush_rest(struct cor_connection *connection, ssize_t taken);

/**
 * As cor_connection_flush(), with `body` behind what the buffer holds: large bodies are not copied
 * as long as the client takes them.
 */
void cor_connection_flush_with(struct cor_connection *connection, struct cor_str body);

/**
 * As cor_connection_flush(), with extents behind what the buffer holds, which become the
 * connection's own. What the client does not take at once is read when it takes it.
 */
void cor_connection_flush_extents(struct cor_connection *connection, struct cor_extents *extents);

/** Call delivery->settle() when the fate of all that was put into the output so far is known. */
void cor_connection_await(struct cor_connection *connection, struct cor_delivery *delivery);

/** Send more of the tail. */
void cor_connection_send_tail(struct cor_connection *connection);

/** The tail has waited for a disk, and there is no room now: its client has its time from here. */
void cor_connection_await_client(struct cor_connection *connection);

/**
 * Its client has had its time to take some of the tail. Returns whether it has, and is fast enough
 * over all: then it has as much time again.
 */
bool cor_connection_waits_on(struct cor_connection *connection);

/** It is lost: what is unsent never goes out. */
void cor_connection_drop_output(struct cor_connection *connection);

/** Be told of room to send if the tail, or the filter, waits for it. */
void cor_connection_watch_out(struct cor_connection *connection);

#endif
