/* SPDX-License-Identifier: MIT */
/**
 * A store in files: one directory for all processes that have the cache, a file for each entry.
 *
 * Whoever reads needs no lock: a file is written under another name and renamed, so it is whole.
 * Whoever changes an entry has locked its stripe: in this process, then between processes. All that
 * blocks runs on a thread of the pool where the caller is a fiber: see offload.h.
 */
#ifndef CORACLE_FILE_STORE_FILE_STORE_H
#define CORACLE_FILE_STORE_FILE_STORE_H

#include <stdatomic.h>
#include <sys/types.h>

#include <coracle/clock.h>
#include <coracle/sync.h>

#include "file_store/entry.h"
#include "store/kind.h"

struct cor_pool;

/** What could be dropped for room: the least recently used, as they were at the last look. */
struct cor_file_victim {
	char name[COR_ENTRY_NAME_BYTES];
	uint32_t stripe;
	uint32_t rank; /* 0: its time is over, 1: it lives for a while, 2: until it must go */
	int64_t used_ns;
};

struct cor_file_victims {
	struct cor_file_victim *items; /* the first to go at the end */
	uint32_t len;
	uint32_t room;
	uint32_t lasting; /* how many of rank 2 may go before the next look */
};

struct cor_file_store {
	struct cor_store store; /* its first member */
	const struct cor_cache *cache;
	/* Replaced while all stripes are locked: who reads sees one or the other. */
	int directory;
	int state;
	_Atomic uint64_t seed;
	_Atomic unsigned forks;   /* when the state was opened: a child of fork() opens it anew */
	uid_t user;               /* whose the files are */
	uint64_t boot;            /* this start of the system */
	struct cor_pool *readers; /* who reads does not stand behind those who wait for a stripe */
	struct cor_pool *writers;
	_Atomic uint64_t versions;     /* how many were made */
	_Atomic uint64_t version_seed; /* of this process */
	_Atomic bool cannot_try;       /* the system cannot tell what would wait */
	bool never_waits;              /* the file system is in memory */
	_Atomic bool has_counts;       /* those of the state were good when they were last read */

	struct cor_mutex stripes[COR_STRIPES];
	/* What was put before then in a stripe is not served: an old value could not be removed. */
	_Atomic int64_t served_from_ns[COR_STRIPES];

	struct cor_mutex room; /* for those who make room, who have a stripe locked */
	struct cor_file_victims victims;

	struct {
		_Atomic uint64_t hits, misses, puts, deletes, errors;
		_Atomic uint64_t causes[COR_STORE_CAUSES];
		_Atomic int64_t entries, bytes; /* as they were last seen */
	} figures;
};

static inline void cor_file_count_one(_Atomic uint64_t *figure)
{
	atomic_fetch_add_explicit(figure, 1, memory_order_relaxed);
}

static inline void cor_file_count_cause(struct cor_file_store *store, enum cor_store_cause cause)
{
	cor_file_count_one(&store->figures.causes[cause]);
	cor_store_tell(&store->store, cause, 1);
}

/** What time it is. */
struct cor_file_moment cor_file_now(const struct cor_clock *clock);

/** Another number each time, in all processes. */
uint64_t cor_file_version(struct cor_file_store *store);

#endif
