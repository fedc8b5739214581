/* SPDX-License-Identifier: MIT */
/** Metrics of a service's calls: rows like those of its own, with the upstream as a label. */
#ifndef CORACLE_SERVICE_UPSTREAM_METRICS_H
#define CORACLE_SERVICE_UPSTREAM_METRICS_H

#include <coracle/metrics.h>
#include <coracle/upstream.h>

#include "client/call_figures.h"
#include "service/metrics.h"

struct cor_upstream_settings;

#define COR_UPSTREAM_RESULTS_MAX 48

struct cor_upstream_metrics {
	const char *names[COR_UPSTREAMS_MAX];
	const char *results[COR_UPSTREAM_RESULTS_MAX];
	struct cor_metric times, calls, retries, hedges, joined, connections, in_flight, waiting;
	/* One for each upstream that may have several targets; all have one name. */
	struct cor_metric targets[COR_UPSTREAMS_MAX];
	size_t targets_of[COR_UPSTREAMS_MAX]; /* the place of that upstream */
	size_t targets_len;
	/* One for each that has a .cache; all have one name. */
	struct cor_metric sources[COR_UPSTREAMS_MAX];
	size_t sources_of[COR_UPSTREAMS_MAX];
	size_t sources_len;
	const struct cor_metric *list[8 + 2 * COR_UPSTREAMS_MAX + 1]; /* NULL at its end */
};

/**
 * Make them. The upstreams are checked, and outlive them, as do the URLs (in the same order; NULL:
 * they are where they say).
 */
void cor_upstream_metrics_init(struct cor_upstream_metrics *metrics,
	const struct cor_upstream *const *upstreams, const struct cor_upstream_settings *urls);

/** What counts the calls of a thread, or, if is_shared, of several. */
struct cor_upstream_counter {
	struct cor_upstream_metrics metrics;
	struct cor_tally *tally;
	struct cor_histogram_bounds bounds;
	struct cor_upstream_figures items[COR_UPSTREAMS_MAX];
	struct cor_calls_figures figures; /* for the environment */
};

/**
 * Make it, of tables as above; the tally's options are for its place. Returns as
 * cor_tally_create(). The caller owns *ret.
 */
int cor_upstream_counter_create(const struct cor_upstream *const *upstreams,
	const struct cor_upstream_settings *urls, const struct cor_tally_options *place,
	struct cor_upstream_counter **ret) COR_CHECKED;

/** NULL is allowed. */
void cor_upstream_counter_destroy(struct cor_upstream_counter *counter);

#endif
