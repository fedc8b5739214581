/* SPDX-License-Identifier: MIT */
/**
 * The directory that a cache has for itself: `.at`/coracle-UID-NAME. Nobody else can read or write
 * there, and a link is not followed into it, whoever has made it.
 */
#ifndef CORACLE_FILE_STORE_DIRECTORY_H
#define CORACLE_FILE_STORE_DIRECTORY_H

#include <coracle/store.h>

/**
 * Open it; what is missing is made, with its parents, for this user alone. Returns a descriptor;
 * -EPERM: others could change it, or it is another's; else the errno of mkdir() or open().
 */
int cor_cache_directory_open(const struct cor_cache *cache) COR_CHECKED;

/** Whether that would work, as far as can be seen: nothing is made. Returns 0, or its code. */
int cor_cache_directory_check(const struct cor_cache *cache) COR_CHECKED;

/** Why opening it has returned that, and what to do, as the end of a message. NULL: no memory. */
const char *cor_cache_directory_refusal(
	struct cor_arena *arena, const struct cor_cache *cache, int rc);

#endif
