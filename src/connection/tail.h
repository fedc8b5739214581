/* SPDX-License-Identifier: MIT */
/**
 * Bytes of answers that a client has not taken yet: their memory, and what is known of the client's
 * pace.
 *
 * A client takes what its system acknowledges, or frees of a unix socket's buffer. That is known
 * without writing: there may be no room for more until a third of a send buffer of megabytes is
 * empty.
 *
 * Belongs to the thread of the connection; what all count together is the group's.
 */
#ifndef CORACLE_CONNECTION_TAIL_H
#define CORACLE_CONNECTION_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/str.h>

struct cor_connection;
struct cor_delivery;
struct cor_extents;

struct cor_tail {
	struct cor_connection *connection;
	struct cor_tail *next; /* of the loop's */
	struct cor_tail *previous;
	struct cor_delivery *deliveries; /* of bytes in it, in their order */
	struct cor_delivery *deliveries_last;
	size_t at;
	size_t len;
	size_t capacity;
	struct cor_extents *extents; /* what follows the bytes; NULL: nothing */
	int64_t disk_ns;             /* they wait for a disk since; 0: they do not */
	bool counts;                 /* in the group's crowd */
	int64_t since_ns;            /* the client has been slow since */
	int64_t taken;               /* and has taken so much meanwhile */
	int64_t in_transit;          /* sent, but not taken when it was looked at last */
	char bytes[];
};

/**
 * Put `first` and `second` behind the connection's tail, or make it. Returns false without memory:
 * then it is as it was.
 */
bool cor_tail_extend(
	struct cor_connection *connection, struct cor_str first, struct cor_str second);

/**
 * The same with `first` and extents behind it, which become the tail's own: nothing can come behind
 * them. They are freed if it returns false, without memory.
 */
bool cor_tail_extend_with(
	struct cor_connection *connection, struct cor_str first, struct cor_extents *extents);

/** What is left of it: its memory, and what its extents have. */
int64_t cor_tail_left(const struct cor_tail *tail);

/** Its first `sent` bytes are on their way: their memory goes back. Some are left. */
void cor_tail_advance(struct cor_tail *tail, size_t sent);

/** The connection has none any more. */
void cor_tail_destroy(struct cor_tail *tail);

/**
 * Take it out of the group's crowd if that is above `limit` still: it is given up. Returns false if
 * others have been faster.
 */
bool cor_tail_stops_counting(struct cor_tail *tail, uint64_t limit);

/** Look how much the client has taken since the last look: whether that is anything. */
bool cor_tail_has_moved(struct cor_tail *tail);

/** Whether the client has taken enough over all the time that it has been slow. */
bool cor_tail_keeps_pace(const struct cor_tail *tail);

#endif
