/* SPDX-License-Identifier: MIT */
/**
 * The messages of a topic in memory that processes share: the last ones, as far as there is room.
 *
 * Positions count bytes since the ring was made and only grow; a record begins at each that is
 * handed out. A reader has a position of its own, and finds out when it was overtaken. Whoever
 * reads or writes holds the lock for as long as a copy takes. A process that is killed in between
 * has published its message or has not; the others go on.
 */
#ifndef CORACLE_TOPIC_RING_H
#define CORACLE_TOPIC_RING_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include <coracle/topic.h>

#include "segment/lock.h"

/** Before each message. Its texts follow: the event's name with its NUL, and the data. */
struct cor_topic_record {
	uint64_t id;
	uint32_t bytes;       /* of the whole record, with what fills it up to 16 */
	uint32_t event_bytes; /* with its NUL */
	uint32_t data_bytes;
	uint32_t unused;
};

/** A message that is to be written. */
struct cor_topic_draft {
	struct cor_str event;
	struct cor_str data;
};

struct cor_topic_ring {
	struct cor_lock lock;
	char name[COR_TOPIC_NAME_BYTES];
	uint64_t first_id;        /* of the first message ever */
	_Atomic uint64_t next_id; /* of the next message */
	_Atomic uint64_t tail;    /* where the oldest record begins */
	_Atomic uint64_t head;    /* where the next one will */
	_Alignas(16) char bytes[COR_TOPIC_BYTES];
};

/** The room for a record of `data_bytes`. */
#define COR_TOPIC_RECORD_BYTES(data_bytes)                                                         \
	(sizeof(struct cor_topic_record) + COR_EVENT_NAME_BYTES + (size_t)(data_bytes) + 16)

/** Make an empty one, in zeroed memory. Returns as cor_lock_init(). */
int cor_topic_ring_init(
	struct cor_topic_ring *ring, const char *name, uint64_t first_id) COR_CHECKED;

/**
 * Write a message, that of COR_TOPIC_MESSAGE_BYTES_MAX at most. The oldest ones make room. The lock
 * is waited for until `deadline_ns` (realtime). Returns 0, -EBUSY, or as cor_lock_take().
 */
int cor_topic_ring_write(struct cor_topic_ring *ring, const struct cor_topic_draft *draft,
	int64_t deadline_ns) COR_CHECKED;

/** Where a new reader begins. */
struct cor_topic_place {
	uint64_t position;
	uint64_t next_id; /* of the record there; the next message, if there is none yet */
};

/**
 * Find the last `keep` messages that are there, fewer if there are fewer: *ret is the first of
 * them; with keep 0 it is the end. Returns as cor_topic_ring_write().
 */
int cor_topic_ring_find(struct cor_topic_ring *ring, uint32_t keep, int64_t deadline_ns,
	struct cor_topic_place *ret) COR_CHECKED;

/**
 * Copy whole records from *position on, or from the oldest one if that was overtaken, as many as
 * `room` has space for; *position is moved behind them. Returns how many bytes, 0: there are none,
 * or as cor_topic_ring_write().
 */
ssize_t cor_topic_ring_read(struct cor_topic_ring *ring, uint64_t *position, char *room,
	size_t room_bytes, int64_t deadline_ns) COR_CHECKED;

/** Wait for whoever has the ring. Blocks the thread until `deadline_ns` (realtime) at most. */
void cor_topic_ring_await(struct cor_topic_ring *ring, int64_t deadline_ns);

/** Whether there is something behind that position. Without the lock. */
static inline bool cor_topic_ring_has_more(const struct cor_topic_ring *ring, uint64_t position)
{
	return atomic_load(&ring->head) != position;
}

#endif
