/* SPDX-License-Identifier: MIT */
/** A service with caches, in time that its waits make. */
#ifndef CORACLE_TESTS_CACHE_STAGE_H
#define CORACLE_TESTS_CACHE_STAGE_H

#include <coracle/cached.h>
#include <coracle/group.h>
#include <coracle/service.h>

#include "fake.h"

struct price {
	int64_t cents;
	const char *currency;
};
COR_DECLARE_SCHEMA(price_schema, struct price);

/** What an older version of the program had in its place: with one row more. */
struct old_price {
	int64_t cents;
	const char *currency;
	const char *note;
};
COR_DECLARE_SCHEMA(old_price_schema, struct old_price);

struct pair {
	int64_t a;
	const char *b;
};
COR_DECLARE_SCHEMA(pair_schema, struct pair);

/** What is absent in JSON is not what is NULL. */
struct wish {
	const char *currency;
};
COR_DECLARE_SCHEMA(wish_schema, struct wish);

/** 1,000 bytes and ten seconds at most. */
extern const struct cor_cache kept;
/** The same, and other processes use it. */
extern const struct cor_cache common;
/** As that, with copies in each process for up to five seconds. */
extern const struct cor_cache near;
/** Not in the service. */
extern const struct cor_cache unlisted_cache;

struct stage {
	struct cor_ctx *ctx;
	struct cor_ctx *other; /* of the same service, as another process */
};

/** Run it in a fiber, in a world of its own. */
void stage_run(void (*act)(struct stage *stage));

#endif
