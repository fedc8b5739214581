/* SPDX-License-Identifier: MIT */
#include "service/cache_metrics.h"

#include <errno.h>
#include <stdlib.h>

static const struct {
	const char *name;
	const char *doc;
} rows[COR_CACHE_COUNTS] = {
	[COR_CACHE_HITS] = { "coracle_cache_hits", "Values that were found." },
	[COR_CACHE_STALE] = { "coracle_cache_stale_hits",
		"Values that were given out past their time, or while a new one was made." },
	[COR_CACHE_MISSES] = { "coracle_cache_misses", "Values that were not there." },
	[COR_CACHE_FAILURES] = { "coracle_cache_failures",
		"Calls that the store of the cache has failed." },
	[COR_CACHE_PUTS] = { "coracle_cache_puts", "Values that were kept." },
	[COR_CACHE_UNKEPT] = { "coracle_cache_unkept",
		"Values that were not kept because they are too large, or have no JSON." },
	[COR_CACHE_LOADS] = { "coracle_cache_loads", "Calls of functions whose results are kept." },
	[COR_CACHE_LOADS_FAILED] = { "coracle_cache_load_failures",
		"Calls of such functions that have failed." },
	[COR_CACHE_JOINS] = { "coracle_cache_joins",
		"Callers that waited for what another was loading, instead of loading it, too." },
	[COR_CACHE_LOAD_NS] = { "coracle_cache_load_seconds",
		"How long such functions took, together." },
};

void cor_cache_metrics_init(
	struct cor_cache_metrics *metrics, const struct cor_cache *const *caches)
{
	struct cor_metric_label label = { .name = "cache", .values = metrics->names };

	*metrics = (struct cor_cache_metrics){ 0 };
	for (; caches[label.len] && label.len < COR_CACHES_MAX; label.len++)
		metrics->names[label.len] = caches[label.len]->name;
	for (size_t i = 0; i < COR_CACHE_COUNTS; i++) {
		metrics->rows[i] = (struct cor_metric){ .kind = COR_METRIC_COUNTER,
			.name = rows[i].name,
			.doc = rows[i].doc,
			.labels = { label } };
		metrics->list[i] = &metrics->rows[i];
	}
	metrics->rows[COR_CACHE_LOAD_NS].divisor = 1000000000;
}

/* The ledger may have no room for all of them: then none of them counts. */
static void connect_cells(struct cor_cache_counter *counter)
{
	counter->has_cells = true;
	for (size_t i = 0; i < COR_CACHE_COUNTS; i++) {
		counter->cells.counts[i] = cor_tally_cells(
			counter->tally, &counter->metrics.rows[i]);
		counter->has_cells = counter->has_cells && counter->cells.counts[i];
	}
}

int cor_cache_counter_create(const struct cor_cache *const *caches,
	const struct cor_tally_options *place, struct cor_cache_counter **ret)
{
	struct cor_cache_counter *counter = calloc(1, sizeof *counter);
	struct cor_tally_options options = *place;

	if (!counter)
		return -ENOMEM;
	cor_cache_metrics_init(&counter->metrics, caches);
	options.metrics = counter->metrics.list;
	int rc = cor_tally_create(&options, &counter->tally);
	if (rc < 0) {
		free(counter);
		return rc;
	}
	counter->cells.is_shared = place->thread == COR_LEDGER_OTHERS;
	connect_cells(counter);
	*ret = counter;
	return 0;
}

void cor_cache_counter_destroy(struct cor_cache_counter *counter)
{
	if (counter)
		cor_tally_destroy(counter->tally);
	free(counter);
}

const struct cor_cache_tally *cor_cache_counter_tally(const struct cor_cache_counter *counter)
{
	return counter && counter->has_cells ? &counter->cells : NULL;
}
