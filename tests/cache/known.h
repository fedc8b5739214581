/* SPDX-License-Identifier: MIT */
/** What a program and a library that it loads have in common. */
#ifndef CORACLE_TESTS_CACHE_KNOWN_H
#define CORACLE_TESTS_CACHE_KNOWN_H

#include <coracle/coracle.h>

struct pair {
	int64_t a, b;
};

struct sum {
	int64_t sum;
};

/** In the program. */
extern const struct cor_cache sums;

/** In the library: adds, and keeps it there. */
typedef int add_fn(struct cor_ctx *ctx, const struct pair *in, struct sum *out);

#endif
