/* SPDX-License-Identifier: MIT */
#ifndef COUNTRIES_HEADERS_H
#define COUNTRIES_HEADERS_H

#include <coracle/coracle.h>

/** Adds Cache-Control, for resources that cannot change while the service runs. */
extern const struct cor_middleware cacheable;

/** Adds Server-Timing: how long the answer took to make. For the whole service. */
extern const struct cor_middleware timed;

#endif
