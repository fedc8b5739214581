/* SPDX-License-Identifier: MIT */
/** Metrics of a service's caches: rows like those of its own, with the cache as a label. */
#ifndef CORACLE_SERVICE_CACHE_METRICS_H
#define CORACLE_SERVICE_CACHE_METRICS_H

#include <coracle/metrics.h>

#include "cache/caches.h"
#include "service/metrics.h"

struct cor_cache_metrics {
	const char *names[COR_CACHES_MAX];
	struct cor_metric rows[COR_CACHE_COUNTS];
	struct cor_metric evictions; /* of each cache, by cause */
	/* Gauges, set when somebody asks. One of a store that processes share is all of it. */
	struct cor_metric entries, bytes;
	const struct cor_metric *list[COR_CACHE_COUNTS + 4]; /* NULL at its end */
};

/** Make them. The caches are checked, and outlive them. */
void cor_cache_metrics_init(
	struct cor_cache_metrics *metrics, const struct cor_cache *const *caches);

/** What counts the caches of one writer. */
struct cor_cache_counter {
	struct cor_cache_metrics metrics;
	struct cor_tally *tally;
	struct cor_cache_tally cells; /* for the environment, if has_cells */
	_Atomic uint64_t *evictions;  /* the same; COR_STORE_CAUSES of each cache */
	_Atomic uint64_t *entries, *bytes;
	bool has_cells;
};

/**
 * Make it; the tally's options are for its place. The caches are checked. Returns as
 * cor_tally_create(). The caller owns *ret.
 */
int cor_cache_counter_create(const struct cor_cache *const *caches,
	const struct cor_tally_options *place, struct cor_cache_counter **ret) COR_CHECKED;

/** NULL is allowed. */
void cor_cache_counter_destroy(struct cor_cache_counter *counter);

/** Where it counts; NULL: nowhere. */
const struct cor_cache_tally *cor_cache_counter_tally(const struct cor_cache_counter *counter);

/** What the stores do is counted there. Before anybody uses them; the counter outlives them. */
void cor_cache_counter_watch(const struct cor_cache_counter *counter, struct cor_caches *caches);

/** Set the gauges to what is there now. Any thread. */
void cor_cache_counter_measure(
	const struct cor_cache_counter *counter, const struct cor_caches *caches);

#endif
