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
	[COR_CACHE_NEAR] = { "coracle_cache_near_hits",
		"Of the values that were found or given out past their time: copies that were near." },
	[COR_CACHE_MISSES] = { "coracle_cache_misses", "Values that were not there." },
	[COR_CACHE_FAILURES] = { "coracle_cache_failures",
		"Calls that the store of the cache has failed." },
	[COR_CACHE_PUTS] = { "coracle_cache_puts", "Values that were kept." },
	[COR_CACHE_UNKEPT] = { "coracle_cache_unkept",
		"Values that were not kept: too large, without JSON, with too long a key, or of one request alone." },
	[COR_CACHE_LOADS] = { "coracle_cache_loads",
		"Calls of functions and operations whose results are kept." },
	[COR_CACHE_LOADS_FAILED] = { "coracle_cache_load_failures",
		"Calls of such functions that have failed." },
	[COR_CACHE_JOINS] = { "coracle_cache_joins",
		"Callers that waited for what another was loading, instead of loading it, too." },
	[COR_CACHE_LOAD_NS] = { "coracle_cache_load_seconds",
		"How long such functions took, together." },
};

static const char *const causes[COR_STORE_CAUSES] = {
	[COR_STORE_EVICTED] = "room",
	[COR_STORE_EXPIRED] = "expired",
	[COR_STORE_TOO_LARGE] = "too_large",
	[COR_STORE_LOST] = "lost",
};

static struct cor_metric row_of(enum cor_metric_kind kind, const char *name, const char *doc,
	const struct cor_metric_label *caches)
{
	return (struct cor_metric){ .kind = kind, .name = name, .doc = doc, .labels = { *caches } };
}

void cor_cache_metrics_init(
	struct cor_cache_metrics *metrics, const struct cor_cache *const *caches)
{
	struct cor_metric_label label = { .name = "cache", .values = metrics->names };
	size_t len = 0;

	*metrics = (struct cor_cache_metrics){ 0 };
	for (; caches[label.len] && label.len < COR_CACHES_MAX; label.len++)
		metrics->names[label.len] = caches[label.len]->name;
	for (; len < COR_CACHE_COUNTS; len++) {
		metrics->rows[len] = row_of(
			COR_METRIC_COUNTER, rows[len].name, rows[len].doc, &label);
		metrics->list[len] = &metrics->rows[len];
	}
	metrics->rows[COR_CACHE_LOAD_NS].divisor = 1000000000;
	metrics->evictions = row_of(COR_METRIC_COUNTER, "coracle_cache_evictions",
		"Values that the store of the cache has dropped, or had no room for, by cause.",
		&label);
	metrics->evictions.labels[1] = (struct cor_metric_label){
		.name = "cause", .values = causes, .len = COR_STORE_CAUSES
	};
	metrics->entries = row_of(
		COR_METRIC_GAUGE, "coracle_cache_entries", "Values that are kept.", &label);
	metrics->bytes = row_of(COR_METRIC_GAUGE, "coracle_cache_bytes",
		"What they take, as the cache's limit counts it.", &label);
	metrics->list[len++] = &metrics->evictions;
	metrics->list[len++] = &metrics->entries;
	metrics->list[len++] = &metrics->bytes;
}

/* The ledger may have no room for all of them: then none of them counts. */
static void connect_cells(struct cor_cache_counter *counter)
{
	counter->evictions = cor_tally_cells(counter->tally, &counter->metrics.evictions);
	counter->entries = cor_tally_cells(counter->tally, &counter->metrics.entries);
	counter->bytes = cor_tally_cells(counter->tally, &counter->metrics.bytes);
	counter->has_cells = counter->evictions && counter->entries && counter->bytes;
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

void cor_cache_counter_watch(const struct cor_cache_counter *counter, struct cor_caches *caches)
{
	for (size_t i = 0; counter->has_cells && i < caches->len; i++)
		cor_store_behind(caches->items[i].store)
			->causes = &counter->evictions[i * COR_STORE_CAUSES];
}

void cor_cache_counter_measure(
	const struct cor_cache_counter *counter, const struct cor_caches *caches)
{
	struct cor_store_figures figures;

	for (size_t i = 0; counter->has_cells && i < caches->len; i++) {
		cor_store_figures(caches->items[i].store, &figures);
		atomic_store_explicit(&counter->entries[i], figures.entries, memory_order_relaxed);
		atomic_store_explicit(&counter->bytes[i], figures.bytes, memory_order_relaxed);
	}
}
