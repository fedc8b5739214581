/* SPDX-License-Identifier: MIT */
/**
 * A part of a shelf: what one lock protects. It stands in memory that several processes may map at
 * different addresses, so everything in it has a number and no pointer: a *unit* is the number of
 * 64 bytes. An entry is a header, its key and its value, in one or more runs of units; its number
 * is that of its first unit.
 *
 * All functions of this folder but those of shelf.h are called with the part's lock held. Nothing
 * here yields.
 */
#ifndef CORACLE_SHELF_PART_H
#define CORACLE_SHELF_PART_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/store.h>

#include "segment/counter.h"
#include "segment/lock.h"
#include "shelf/latch.h"
#include "store/kind.h"

#define COR_SHELF_UNIT   64
#define COR_SHELF_NONE   UINT32_MAX
#define COR_SHELF_ORDERS 31 /* of free runs: 1, 2, 4 ... units */
#define COR_SHELF_QUEUES 2

/** In front of an entry's key and value. */
struct cor_shelf_entry {
	int64_t expires_ns; /* monotonic; COR_FOREVER */
	uint64_t version;
	uint64_t used; /* LRU, LFU: see order.h */
	uint32_t tag;  /* of its key */
	uint32_t value_bytes;
	uint32_t run;    /* units of its first run */
	uint32_t more;   /* the next run; NONE */
	uint32_t age_at; /* its place in the part's ages; NONE: it lives for ever */
	uint16_t key_bytes;
	uint8_t queue; /* in which it is */
	uint8_t uses;  /* of late, 3 at most: S3-FIFO */
};

/**
 * For each unit. Of the first unit of an entry: its neighbours in its queue, or its place among the
 * ranks. Of a further run: the next one, and how many units it has. Of a free run: its neighbours.
 */
struct cor_shelf_link {
	uint32_t before;
	uint32_t after;
};

/** What stands at the first unit of something. */
enum {
	COR_SHELF_INSIDE = 0,   /* nothing begins here, or a further run */
	COR_SHELF_FREE = 1,     /* and its order: a free run */
	COR_SHELF_ENTRY = 0x80, /* an entry */
};

/** An entry in a heap: the least key is first. */
struct cor_shelf_rank {
	uint64_t key;
	uint32_t unit;
	uint32_t unused;
};

/** A key that was evicted before it was used twice. */
struct cor_shelf_ghost {
	uint32_t tag;
	uint32_t number; /* of those that were; 0: none */
};

#define COR_SHELF_GHOSTS 8 /* where one may be: a cache line */

struct cor_shelf_queue {
	uint32_t newest;
	uint32_t oldest;
	uint32_t len;
};

/** What each process finds in the memory of a part. */
struct cor_shelf_state {
	_Alignas(64) struct cor_lock lock; /* of several processes */
	_Atomic uint32_t is_held;          /* by one that was stopped: nobody waits for it */
	_Atomic uint32_t turns; /* how often it was taken: who waits sees that others go on */

	/* What a hit needs is in one line. Anybody may read what is _Atomic without the lock. */
	_Alignas(64) struct cor_latch latch; /* of one process */
	_Atomic uint32_t is_changing;        /* nothing can be trusted if its owner dies now */
	_Atomic uint64_t hits;
	struct cor_shelf_queue queues[COR_SHELF_QUEUES];
	uint64_t uses; /* of all entries, for which of several was used last */
	_Atomic uint64_t misses;

	uint64_t version; /* the last that was given */
	uint32_t entries;
	uint32_t ages_len;
	uint32_t ranks_len;
	uint32_t units_free;
	uint32_t orders_free; /* a bit for each order that has free runs */
	uint32_t free[COR_SHELF_ORDERS];
	uint64_t chance; /* a random sequence */
	uint32_t ghosts; /* that there ever were */

	_Atomic uint64_t puts;
	_Atomic uint64_t deletes;
	_Atomic uint64_t evicted;
	_Atomic uint64_t expired;
	_Atomic uint64_t too_large;
	_Atomic uint64_t lost;
	_Atomic uint64_t errors; /* counted without the lock */
	_Atomic uint64_t entries_now;
	_Atomic uint64_t units_now;
};

/** Where it stands in this process. Constant once it is open. */
struct cor_shelf_part {
	/* What a hit needs is in one line. */
	_Alignas(64) struct cor_shelf_state *state;
	_Atomic uint64_t *slots; /* see index.h */
	struct cor_shelf_link *links;
	char *units;
	uint32_t slots_len;
	enum cor_eviction evicts;
	bool is_shared;

	const struct cor_store *store;
	uint8_t *begins;                /* by unit: what begins there */
	struct cor_shelf_rank *ages;    /* by when they expire */
	struct cor_shelf_rank *ranks;   /* by what goes first; NULL: queues say it */
	struct cor_shelf_ghost *ghosts; /* S3-FIFO: a multiple of COR_SHELF_GHOSTS; NULL */
	uint32_t units_len;
	uint32_t ghosts_len;
	uint32_t entries_max;
};

static inline struct cor_shelf_entry *cor_shelf_entry(
	const struct cor_shelf_part *part, uint32_t unit)
{
	return (struct cor_shelf_entry *)(void *)(part->units + (size_t)unit * COR_SHELF_UNIT);
}

/** Count it in the part, and for those who ask this process. */
static inline void cor_shelf_count(const struct cor_shelf_part *part, _Atomic uint64_t *counter,
	enum cor_store_cause cause, uint64_t n)
{
	cor_count(counter, n);
	cor_store_tell(part->store, cause, n);
}

/* What follows may not be moved in front of it, nor what is before behind it: a process may die. */
static inline void cor_shelf_changing(const struct cor_shelf_part *part, bool is)
{
	atomic_signal_fence(memory_order_seq_cst);
	atomic_store_explicit(&part->state->is_changing, is, memory_order_release);
	atomic_signal_fence(memory_order_seq_cst);
}

#endif
