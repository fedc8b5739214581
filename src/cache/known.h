/* SPDX-License-Identifier: MIT */
/**
 * The cached functions of the program: those of each COR_CACHED() in it and in its shared
 * libraries, which tell of themselves (docs/adr/0092).
 */
#ifndef CORACLE_CACHE_KNOWN_H
#define CORACLE_CACHE_KNOWN_H

#include <coracle/cached.h>

/**
 * Call visit() for those that keep their results in one of `caches` (ends with NULL; NULL: none).
 * What it is given lives as long as the library that has the function is loaded. Any thread.
 */
void cor_cached_visit(const struct cor_cache *const *caches,
	void (*visit)(void *arg, const struct cor_cached *cached), void *arg);

/** One that keeps its results in none of them; NULL: there is none. Any thread. */
const struct cor_cached *cor_cached_astray(const struct cor_cache *const *caches);

/** What is wrong with its rules, as the end of a sentence; NULL: nothing. */
const char *cor_cached_fault(const struct cor_cached *cached);

#endif
