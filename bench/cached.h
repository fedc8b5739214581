/* SPDX-License-Identifier: MIT */
/**
 * GET and DELETE /cached/{key}: a value that takes ?ms to make, and is kept; and /kept/{key}: an
 * answer that is. POST /kept/{key} is done once for each Idempotency-Key.
 */
#ifndef CORACLE_BENCH_CACHED_H
#define CORACLE_BENCH_CACHED_H

#include <coracle/coracle.h>

struct cached_value {
	const char *value;
};
COR_DECLARE_SCHEMA(cached_value_schema, struct cached_value);

extern const struct cor_cache cached_values;
extern const struct cor_cache cached_keys;
extern const struct cor_resource cached;
extern const struct cor_resource kept;

/** --cache lru|shared|file:DIR|memcached:ADDR,...: becomes --cache-values-store, in its place. */
void cached_take_flag(int argc, char **argv);

#endif
