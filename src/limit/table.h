/* SPDX-License-Identifier: MIT */
/**
 * What has been used of limits, by whom: in memory that all workers share.
 *
 * A key stands for a limit and for whom it counts. Rates are kept as the time at which all would be
 * there again (the generic cell rate algorithm, ITU-T I.371), so that an entry whose time has come
 * says nothing and can be another's. If a stripe has no room, the entry that is nearest to that is
 * given up: its client gets more than it should, and nobody gets less.
 *
 * Any thread of any process. Nothing here yields; a stripe's lock is held for some compares.
 */
#ifndef CORACLE_LIMIT_TABLE_H
#define CORACLE_LIMIT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/str.h>

#include "segment/lock.h"

#define COR_LIMIT_STRIPES 512
#define COR_LIMIT_ENTRIES 64 /* of a stripe */
#define COR_LIMIT_SLOTS   512

struct cor_limit_entry {
	uint64_t key;   /* 0: it is free */
	uint64_t value; /* when all is there again (monotonic); or how many are in progress */
	uint32_t slot;  /* of whose worker they are, and 1; 0: it is a rate */
};

struct cor_limit_table {
	uint64_t seed;
	struct cor_lock alive[COR_LIMIT_SLOTS]; /* held by the worker of that slot until it ends */
	struct cor_lock locks[COR_LIMIT_STRIPES];
	struct cor_limit_entry entries[COR_LIMIT_STRIPES][COR_LIMIT_ENTRIES];
};

/** The .init of its region: see struct cor_region_options. */
int cor_limit_table_init(void *region, size_t bytes) COR_CHECKED;

/** One that is not shared with other processes. Free it with free(). NULL: no memory. */
struct cor_limit_table *cor_limit_table_create(void);

/**
 * A new worker has the slot: what the one before had in progress is over. Called on the thread that
 * ends with its process.
 */
void cor_limit_table_begin(struct cor_limit_table *table, uint32_t slot);

/** The key of a limit and a text. Never 0. */
uint64_t cor_limit_key(
	const struct cor_limit_table *table, const char *limit, struct cor_str whose);

/** How much of a rate there is: one each interval_ns, `burst` at once. */
struct cor_rate {
	int64_t interval_ns;
	uint32_t burst;
};

struct cor_rate_state {
	bool is_taken;
	uint32_t remaining;
	int64_t next_ns;  /* until there is one; 0: there is */
	int64_t reset_ns; /* until all are there */
};

/**
 * Take one at `now_ns` (monotonic), if there is one. `count` 0 only looks. The numbers of a rate
 * are part of its key: with others, it begins anew.
 */
struct cor_rate_state cor_limit_take(struct cor_limit_table *table, uint64_t key,
	const struct cor_rate *rate, uint32_t count, int64_t now_ns);

/** What a rate comes to whose all are there at `full_ns`. */
struct cor_rate_state cor_rate_state_at(
	const struct cor_rate *rate, int64_t full_ns, int64_t now_ns, bool is_taken);

/** All are there at `full_ns`, or later: what somebody else knows of it. */
void cor_limit_raise(struct cor_limit_table *table, uint64_t key, const struct cor_rate *rate,
	int64_t full_ns, int64_t now_ns);

/** Take one even if there is none: it must come back first, a day later at most. */
void cor_limit_charge(
	struct cor_limit_table *table, uint64_t key, const struct cor_rate *rate, int64_t now_ns);

/** Who does something, when. */
struct cor_limit_visit {
	uint64_t key;
	uint32_t slot;  /* of its worker */
	int64_t now_ns; /* monotonic */
};

/**
 * One more is in progress in the worker of that slot, unless there are `most`. Returns whether it
 * may be; *ret_is_kept says whether it is to be left, which it is not where there was no room.
 */
bool cor_limit_enter(struct cor_limit_table *table, const struct cor_limit_visit *visit,
	uint32_t most, bool *ret_is_kept);

/** It is over. */
void cor_limit_leave(struct cor_limit_table *table, uint64_t key, uint32_t slot);

#endif
