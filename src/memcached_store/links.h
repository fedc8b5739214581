/* SPDX-License-Identifier: MIT */
/**
 * The links of a thread to the servers of a store: made when a thread first asks for them, closed
 * with the store, or when the thread ends. A child of fork() gets its own.
 */
#ifndef CORACLE_MEMCACHED_STORE_LINKS_H
#define CORACLE_MEMCACHED_STORE_LINKS_H

#include <stdatomic.h>
#include <stddef.h>

#include <coracle/api.h>

#include "memcached_store/link.h"

/** Those of one thread to one store. */
struct cor_memcached_links {
	struct cor_memcached_links *next_here;        /* of the thread */
	struct cor_memcached_links *next_of_store;    /* of all threads */
	_Atomic(struct cor_memcached_links **) owner; /* the store's list; NULL: it is closed */
	unsigned forks;
	size_t len;
	struct cor_memcached_link list[];
};

/**
 * Those of the calling thread, whose store has `*owner` as its list of all. Returns 0 or -ENOMEM.
 * Never yields.
 */
int cor_memcached_links_here(struct cor_memcached_links **owner, size_t len,
	struct cor_memcached_links **ret) COR_CHECKED;

/** Close those of all threads, of which none is in a call. */
void cor_memcached_links_close(struct cor_memcached_links **owner);

#endif
