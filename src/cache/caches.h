/* SPDX-License-Identifier: MIT */
/** The caches of a service in one process: open stores, and who loads what at the moment. */
#ifndef CORACLE_CACHE_CACHES_H
#define CORACLE_CACHE_CACHES_H

#include <pthread.h>
#include <stdatomic.h>

#include <coracle/cache.h>

#include "cache/fingerprint.h"
#include "store/open.h"

struct cor_load_flight;

/** What is counted of a cache, by each thread for itself. */
enum cor_cache_count {
	COR_CACHE_HITS,
	COR_CACHE_STALE, /* hits that were past their time */
	COR_CACHE_NEAR,  /* of both, those that were copies of this process */
	COR_CACHE_MISSES,
	COR_CACHE_FAILURES, /* misses because the store has failed, and puts that did */
	COR_CACHE_PUTS,
	COR_CACHE_UNKEPT, /* values that were too large, had no JSON or too long a key */
	COR_CACHE_LOADS,
	COR_CACHE_LOADS_FAILED,
	COR_CACHE_JOINS, /* those that waited for what another has loaded */
	COR_CACHE_LOAD_NS,
	COR_CACHE_COUNTS
};

/** Where somebody counts. */
struct cor_cache_tally {
	bool is_shared;                             /* several threads count here */
	_Atomic uint64_t *counts[COR_CACHE_COUNTS]; /* of each, one cell for each cache */
};

struct cor_cache_here {
	const struct cor_cache *cache; /* as the service has declared it: its name for calls */
	const struct cor_cache *filled;
	struct cor_store *store;
	struct cor_caches *all;
	uint32_t number; /* of it, in the list */
	atomic_bool is_failing;
	_Atomic int64_t failed_ns;       /* when it did last; while is_failing */
	atomic_bool has_told_unkept;     /* that a value cannot be kept */
	atomic_bool has_told_long_key;   /* that one has a key that is too long */
	pthread_mutex_t mutex;           /* of the flights */
	struct cor_load_flight *flights; /* on their way */
};

struct cor_caches {
	struct cor_arena arena;
	struct cor_fingerprints fingerprints;
	size_t len;
	struct cor_cache_here items[];
};

struct cor_caches_options {
	const struct cor_cache *const *caches; /* ends with NULL; checked */
	const char *service;                   /* its name: keys begin with it */
	/** What settings have changed, in the same order. NULL: nothing. */
	const struct cor_cache *settled;
	/** Memory that all workers share, for those that need it. NULL: there is none. */
	void *const *places;
};

/**
 * Open them. Returns 0, -ENOMEM, or as cor_store_open(): then *ret_failed is the one. What the
 * options point to outlives them.
 */
int cor_caches_create(const struct cor_caches_options *options, struct cor_caches **ret,
	const struct cor_cache **ret_failed) COR_CHECKED;

/** Close them. Nobody uses them any more. NULL is allowed. */
void cor_caches_destroy(struct cor_caches *caches);

/** The one that calls mean; NULL: it is not one of these, or there are none. Any thread. */
struct cor_cache_here *cor_caches_find(struct cor_caches *caches, const struct cor_cache *cache);

/** The one of a ctx; NULL: its service has no such cache, and that is recorded. */
struct cor_cache_here *cor_cache_of(struct cor_ctx *ctx, const struct cor_cache *cache);

/** The program has called it wrongly: recorded as a 500, for which `rc` stands. Returns rc. */
int cor_cache_misused(struct cor_ctx *ctx, int rc, const char *format, ...) COR_PRINTF(3, 4);

/** Count `n` of something. */
void cor_cache_count(struct cor_ctx *ctx, const struct cor_cache_here *here,
	enum cor_cache_count what, uint64_t n);

#endif
