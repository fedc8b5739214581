/* SPDX-License-Identifier: MIT */
/**
 * Cache-Control, of a request or of a response: RFC 9111 section 5.2, with RFC 5861 and RFC 8246.
 *
 * Where a directive stands there twice, or is broken, what keeps less counts (section 4.2.1): the
 * shortest max-age, the longest min-fresh. Nothing here yields.
 */
#ifndef CORACLE_HTTP_CACHE_CONTROL_H
#define CORACLE_HTTP_CACHE_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/str.h>

#define COR_SECONDS_MAX INT64_C(0x80000000) /* a longer time is this one: section 1.2.2 */

struct cor_cache_control {
	bool is_said;   /* there is such a field */
	bool is_broken; /* it cannot be read to its end */
	bool no_store;
	bool no_cache;            /* of the whole answer */
	struct cor_str unchecked; /* no-cache="a, b": fields of these names are not reused */
	bool must_revalidate;
	bool must_understand;
	bool is_public;
	bool is_private;
	bool is_immutable;
	bool only_if_cached;
	int64_t max_age_s;                /* -1: not said; broken: 0 */
	int64_t min_fresh_s;              /* 0: not said */
	int64_t max_stale_s;              /* -1: not said; COR_SECONDS_MAX: any */
	int64_t stale_while_revalidate_s; /* -1: not said */
	int64_t stale_if_error_s;         /* -1: not said */
};

/** Nothing is said. */
void cor_cache_control_begin(struct cor_cache_control *ret);

/** Read the value of one field: there may be several. Texts point into it. */
void cor_cache_control_add(struct cor_cache_control *control, struct cor_str value);

/** Seconds, as digits alone: -1 if it is none, COR_SECONDS_MAX if it is more. */
int64_t cor_delta_seconds(struct cor_str text);

#endif
