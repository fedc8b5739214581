/* SPDX-License-Identifier: MIT */
#ifndef COUNTRIES_HEADERS_H
#define COUNTRIES_HEADERS_H

#include <coracle/coracle.h>

/** Lets caches keep what cannot change while the service runs: Cache-Control. For a resource. */
extern const struct cor_middleware cacheable;

/** Says how long the answer took to make: Server-Timing. For the whole service. */
extern const struct cor_middleware timed;

#endif
