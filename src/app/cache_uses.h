/* SPDX-License-Identifier: MIT */
/** What the framework itself keeps in a cache. Private to the app folder. */
#ifndef CORACLE_APP_CACHE_USES_H
#define CORACLE_APP_CACHE_USES_H

#include "service/composition.h"

/**
 * What all processes must find in it, as the beginning of a message: "sessions are kept in it".
 * NULL: nothing. The tables need not have been checked.
 */
const char *cor_cache_use(const struct cor_composition *composition, const struct cor_cache *cache);

#endif
