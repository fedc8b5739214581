/* SPDX-License-Identifier: MIT */
/**
 * The seam between caches and what keeps their entries. A store is a folder that fills in a struct
 * cor_store_kind and puts a struct cor_store, which is filled in here, first in its own.
 *
 * The functions of store.h have checked what they pass on: a key of 1 to COR_CACHE_KEY_BYTES bytes,
 * and a .ttl_ms that is above 0, or in put_many() 0 for the cache's. A value may be longer than
 * .value_bytes: the store refuses it and counts it. `cache` has numbers for all defaults, and a
 * prefix that is not NULL.
 *
 * Each function does what its namesake of store.h says.
 */
#ifndef CORACLE_STORE_KIND_H
#define CORACLE_STORE_KIND_H

#include <stdatomic.h>

#include <coracle/store.h>

/** Why a value is not there any more, or was not kept: see struct cor_store_figures. */
enum cor_store_cause {
	COR_STORE_EVICTED,
	COR_STORE_EXPIRED,
	COR_STORE_TOO_LARGE,
	COR_STORE_LOST,
	COR_STORE_CAUSES
};

struct cor_store;

/** Who is told what happens to a store, a line now and then. Called on any thread. */
struct cor_store_news {
	void (*tell)(void *arg, const struct cor_store *store, bool is_bad, const char *text);
	void *arg;
};

struct cor_store {
	const struct cor_store_kind *kind;
	const struct cor_cache *cache;
	struct cor_arena *own; /* which the declaration is in; NULL: it is somebody else's */
	/*
	 * COR_STORE_CAUSES counters of what this process does to the store, which outlive the
	 * process. Set before anybody calls. NULL: nobody reads them.
	 */
	_Atomic uint64_t *causes;
	/* Set before anybody calls. NULL: nobody is told. */
	const struct cor_store_news *news;
};

/** Count for those who read it from outside of the process. */
static inline void cor_store_tell(
	const struct cor_store *of, enum cor_store_cause cause, uint64_t n)
{
	if (of->causes)
		atomic_fetch_add_explicit(&of->causes[cause], n, memory_order_relaxed);
}

struct cor_store_kind {
	/** In settings and messages: "memory", "file". */
	const char *name;

	/** Other processes have the same entries. */
	bool is_common;

	/** It does not know how many entries there are, nor how large. */
	bool has_no_size;

	/** What is wrong with a declaration, as the end of a message; NULL: nothing. */
	const char *(*fault)(struct cor_arena *arena, const struct cor_cache *cache);

	/** Why open() has returned that code, and what to do, as fault(). NULL: it is plain. */
	const char *(*refusal)(struct cor_arena *arena, const struct cor_cache *cache, int rc);

	/** How much memory that processes share it takes; 0: none. NULL: none. */
	size_t (*place_bytes)(const struct cor_cache *cache);

	/** Make an empty store there, before others see it, as .init of a region (segment.h). */
	int (*place_init)(void *place, size_t bytes);

	/**
	 * Open it. `place` is NULL but for a kind with place_bytes(): then it is the region that
	 * all workers have, or NULL in a program, which makes one of its own.
	 */
	int (*open)(const struct cor_cache *cache, void *place, struct cor_store **ret);

	/**
	 * Whether open() would work, as far as that is seen without changing anything: 0, or its
	 * code. NULL: open() changes nothing.
	 */
	int (*check)(const struct cor_cache *cache);
	void (*close)(struct cor_store *store);

	int (*get)(struct cor_store *store, struct cor_str key, struct cor_arena *arena,
		struct cor_item *ret);
	int (*put)(struct cor_store *store, struct cor_str key, const struct cor_item *item,
		enum cor_put how);
	int (*remove)(struct cor_store *store, struct cor_str key);
	int (*touch)(struct cor_store *store, struct cor_str key, int64_t ttl_ms);
	int (*add)(struct cor_store *store, struct cor_str key, int64_t by,
		const struct cor_item *first, uint64_t *ret);

	/** NULL: one after the other. */
	ssize_t (*get_many)(struct cor_store *store, const struct cor_str *keys, size_t len,
		struct cor_arena *arena, struct cor_item *items);
	ssize_t (*put_many)(struct cor_store *store, const struct cor_str *keys,
		const struct cor_item *items, size_t len);

	int (*clear)(struct cor_store *store);
	/** NULL: -ENOTSUP. */
	int (*each)(struct cor_store *store,
		bool (*visit)(void *arg, struct cor_str key, const struct cor_item *item),
		void *arg);
	void (*figures)(struct cor_store *store, struct cor_store_figures *ret);

	/** Of a kind that keeps copies in front of another store: that one. NULL: none. */
	struct cor_store *(*behind)(struct cor_store *store);
	/** Drop its copy of one key. */
	void (*forget)(struct cor_store *store, struct cor_str key);
};

/** In front of cache->store, where a declaration has .near_ttl_ms. */
extern const struct cor_store_kind cor_near_store;

#endif
