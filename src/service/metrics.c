/* SPDX-License-Identifier: MIT */
#include "service/metrics.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/log.h>

#include "base/compiler.h"
#include "context/context.h"

#define TOLD_MAX 32 /* metrics that no service lists: more are not told */

/* Of a metric. Half of them are empty, so that one look finds nearly all. */
struct place {
	const struct cor_metric *metric; /* NULL: nobody's */
	uint32_t first;                  /* cell */
	uint32_t series;                 /* 0: there was no room */
	uint32_t cells;                  /* of each series */
	struct cor_histogram_bounds *bounds;
};

struct cor_tally {
	void *cells;                 /* this writer's, of 64 bits each */
	_Atomic uint64_t *of_worker; /* what is set, by whatever thread */
	uint32_t mask;
	bool is_shared; /* several threads are the writer */
	void *own;      /* cells of both, without a ledger */
	struct cor_histogram_bounds *bounds;
	struct place places[];
};

/* --- what a metric is --- */

uint32_t cor_metric_series(const struct cor_metric *metric)
{
	size_t series = 1;

	for (size_t i = 0; i < COR_LABELS_MAX; i++)
		if (metric->labels[i].name)
			series *= metric->labels[i].len;
	return (uint32_t)series;
}

/* A histogram has its sum and a cell more than it has bounds. */
uint32_t cor_metric_cells(const struct cor_metric *metric)
{
	return metric->kind == COR_METRIC_HISTOGRAM ? (uint32_t)metric->buckets_len + 2 : 1;
}

/* FNV-1a. */
static uint64_t mix(uint64_t hash, const void *bytes, size_t len)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static uint64_t mix_labels(uint64_t hash, const struct cor_metric *metric)
{
	for (size_t i = 0; i < COR_LABELS_MAX && metric->labels[i].name; i++) {
		const struct cor_metric_label *label = &metric->labels[i];
		hash = mix(hash, label->name, strlen(label->name) + 1);
		for (size_t value = 0; value < label->len; value++)
			hash = mix(hash, label->values[value], strlen(label->values[value]) + 1);
	}
	return hash;
}

struct cor_ledger_row cor_metric_row(const struct cor_metric *metric)
{
	uint64_t hash = mix(UINT64_C(0xcbf29ce484222325), &metric->kind, sizeof metric->kind);
	struct cor_ledger_row row = {
		.len = cor_metric_series(metric) * cor_metric_cells(metric),
		.is_gauge = metric->kind == COR_METRIC_GAUGE,
	};

	hash = mix(hash, &metric->divisor, sizeof metric->divisor);
	hash = mix(hash, metric->buckets, metric->buckets_len * sizeof metric->buckets[0]);
	row.shape = mix_labels(hash, metric);
	snprintf(row.name, sizeof row.name, "%s", metric->name);
	return row;
}

/* --- the table --- */

static inline uint32_t hash_of(const struct cor_metric *metric)
{
	return (uint32_t)(((uintptr_t)metric >> 3) * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static void add_place(struct cor_tally *tally, const struct cor_metric *metric, uint32_t first,
	struct cor_histogram_bounds *bounds)
{
	uint32_t at = hash_of(metric) & tally->mask;

	while (tally->places[at].metric)
		at = (at + 1) & tally->mask;
	tally->places[at] = (struct place){
		.metric = metric,
		.first = first,
		.series = first == 0 ? 0 : cor_metric_series(metric),
		.cells = cor_metric_cells(metric),
		.bounds = bounds,
	};
}

static int take_bounds(struct cor_histogram_bounds *bounds, const struct cor_metric *metric)
{
	uint64_t upper[COR_BUCKETS_MAX];

	for (size_t i = 0; i < metric->buckets_len; i++)
		upper[i] = (uint64_t)metric->buckets[i];
	return cor_histogram_bounds_init(bounds, upper, metric->buckets_len);
}

/* The cell where a metric begins. 0: there is no room. */
static uint32_t first_cell(
	struct cor_ledger *ledger, const struct cor_ledger_row *wanted, uint32_t *next)
{
	if (ledger) {
		const struct cor_ledger_row *row = cor_ledger_row(ledger, wanted);
		return row ? row->first : 0;
	}
	uint32_t first = *next;
	*next += wanted->len;
	return first;
}

static int fill_places(
	struct cor_tally *tally, const struct cor_tally_options *options, uint32_t *next)
{
	struct cor_histogram_bounds *bounds = tally->bounds;
	int rc = 0;

	for (const struct cor_metric *const *at = options->metrics; *at && rc == 0; at++) {
		struct cor_ledger_row wanted = cor_metric_row(*at);
		bool has_bounds = (*at)->kind == COR_METRIC_HISTOGRAM;
		if (has_bounds)
			rc = take_bounds(bounds, *at);
		add_place(tally, *at, first_cell(options->ledger, &wanted, next),
			has_bounds ? bounds++ : NULL);
	}
	return rc;
}

static int make_own_cells(struct cor_tally *tally, uint32_t len)
{
	tally->own = calloc(2 * (size_t)len, sizeof(_Atomic uint64_t));
	tally->cells = tally->own;
	tally->of_worker = (_Atomic uint64_t *)tally->own + len;
	return tally->own ? 0 : -ENOMEM;
}

static int find_cells(
	struct cor_tally *tally, const struct cor_tally_options *options, uint32_t own_len)
{
	struct cor_ledger_block *block = NULL, *of_worker = NULL;

	if (!options->ledger)
		return make_own_cells(tally, own_len);
	int rc = cor_ledger_block(options->ledger, options->slot, COR_LEDGER_WORKER, &of_worker);
	if (rc == 0)
		rc = cor_ledger_block(options->ledger, options->slot, options->thread, &block);
	if (rc == -ENOSPC) /* better than no service; the board has warned */
		return make_own_cells(tally, COR_LEDGER_CELLS_MAX);
	if (rc < 0)
		return rc;
	tally->cells = (char *)block + offsetof(struct cor_ledger_block, cells);
	tally->of_worker = of_worker->cells;
	return 0;
}

int cor_tally_create(const struct cor_tally_options *options, struct cor_tally **ret)
{
	uint32_t len = 0, size = 4, next = 1;

	*ret = NULL;
	while (options->metrics && options->metrics[len])
		len++;
	if (len == 0)
		return 0;
	while (size < 2 * len)
		size *= 2;
	struct cor_tally *tally = calloc(1, sizeof *tally + size * sizeof tally->places[0]);
	if (!tally)
		return -ENOMEM;
	tally->mask = size - 1;
	tally->is_shared = options->thread == COR_LEDGER_OTHERS;
	tally->bounds = calloc(len, sizeof *tally->bounds);
	int rc = tally->bounds ? fill_places(tally, options, &next) : -ENOMEM;
	if (rc == 0)
		rc = find_cells(tally, options, next);
	if (rc < 0)
		cor_tally_destroy(tally);
	else
		*ret = tally;
	return rc;
}

void cor_tally_destroy(struct cor_tally *tally)
{
	if (!tally)
		return;
	free(tally->bounds);
	free(tally->own);
	free(tally);
}

/* --- updates --- */

/* NULL: it has none. */
static inline const struct place *find(
	const struct cor_tally *tally, const struct cor_metric *metric, uint32_t at)
{
	uint32_t i = hash_of(metric) & tally->mask;

	while (COR_UNLIKELY(tally->places[i].metric != metric)) {
		if (!tally->places[i].metric)
			return NULL;
		i = (i + 1) & tally->mask;
	}
	return COR_LIKELY(at < tally->places[i].series) ? &tally->places[i] : NULL;
}

static inline _Atomic uint64_t *cell_at(const struct cor_tally *tally, uint32_t cell)
{
	return (_Atomic uint64_t *)tally->cells + cell;
}

_Atomic uint64_t *cor_tally_cells(const struct cor_tally *tally, const struct cor_metric *metric)
{
	const struct place *place = find(tally, metric, 0);

	return place ? cell_at(tally, place->first) : NULL;
}

static inline void add(const struct cor_tally *tally, uint32_t cell, uint64_t n)
{
	if (COR_UNLIKELY(tally->is_shared))
		cor_count_shared(cell_at(tally, cell), n);
	else
		cor_count(cell_at(tally, cell), n);
}

/* Of the process, for one line each: updates come by the million. */
static _Atomic(const struct cor_metric *) told[TOLD_MAX];

static bool is_news(const struct cor_metric *metric)
{
	for (size_t i = 0; i < TOLD_MAX; i++) {
		const struct cor_metric *there = NULL;
		if (atomic_compare_exchange_strong(&told[i], &there, metric))
			return true;
		if (there == metric)
			return false;
	}
	return false;
}

static void tell_unlisted(struct cor_ctx *ctx, const struct cor_metric *metric)
{
	if (is_news(metric))
		cor_log_warning(ctx,
			"the metric %s is lost: the service does not list it in .metrics",
			metric->name);
}

/* There is no room for it, `at` is none of its values, or it is not listed. */
static COR_OUT_OF_LINE void lose(
	struct cor_ctx *ctx, const struct cor_tally *tally, const struct cor_metric *metric)
{
	uint32_t i = hash_of(metric) & tally->mask;

	add(tally, 0, 1);
	while (tally->places[i].metric && tally->places[i].metric != metric)
		i = (i + 1) & tally->mask;
	if (!tally->places[i].metric)
		tell_unlisted(ctx, metric);
}

/* A job in a process has no tally, whatever the service lists. */
static COR_OUT_OF_LINE void lose_all(struct cor_ctx *ctx, const struct cor_metric *metric)
{
	const struct cor_environment *own = ctx->environment;

	if (own->service && !own->service->metrics && !own->outer && !own->all)
		tell_unlisted(ctx, metric);
}

static inline void move(
	struct cor_ctx *ctx, const struct cor_metric *metric, uint32_t at, uint64_t n)
{
	const struct cor_tally *tally = ctx->environment->tally;

	if (COR_UNLIKELY(!tally)) {
		lose_all(ctx, metric);
		return;
	}
	const struct place *place = find(tally, metric, at);
	if (COR_LIKELY(place != NULL))
		add(tally, place->first + at, n);
	else
		lose(ctx, tally, metric);
}

void cor_counter_add(
	struct cor_ctx *ctx, const struct cor_counter *counter, uint32_t at, uint64_t n)
{
	move(ctx, &counter->metric, at, n);
}

void cor_gauge_add(struct cor_ctx *ctx, const struct cor_gauge *gauge, uint32_t at, int64_t by)
{
	move(ctx, &gauge->metric, at, (uint64_t)by);
}

void cor_gauge_set(struct cor_ctx *ctx, const struct cor_gauge *gauge, uint32_t at, int64_t value)
{
	const struct cor_tally *tally = ctx->environment->tally;

	if (COR_UNLIKELY(!tally)) {
		lose_all(ctx, &gauge->metric);
		return;
	}
	const struct place *place = find(tally, &gauge->metric, at);
	if (place)
		atomic_store_explicit(&tally->of_worker[place->first + at], (uint64_t)value,
			memory_order_relaxed);
	else
		lose(ctx, tally, &gauge->metric);
}

static inline struct cor_histogram_cells *cells_of(
	const struct cor_tally *tally, const struct place *place, uint32_t at)
{
	uint64_t *cells = tally->cells;

	return (struct cor_histogram_cells *)(void *)(cells + place->first + at * place->cells);
}

struct cor_histogram_cells *cor_tally_histogram(
	const struct cor_tally *tally, const struct cor_metric *metric, uint32_t at)
{
	const struct place *place = find(tally, metric, at);

	return place ? cells_of(tally, place, at) : NULL;
}

void cor_histogram_observe(
	struct cor_ctx *ctx, const struct cor_histogram *histogram, uint32_t at, int64_t value)
{
	const struct cor_tally *tally = ctx->environment->tally;

	if (COR_UNLIKELY(!tally)) {
		lose_all(ctx, &histogram->metric);
		return;
	}
	const struct place *place = find(tally, &histogram->metric, at);
	if (COR_UNLIKELY(!place)) {
		lose(ctx, tally, &histogram->metric);
		return;
	}
	uint64_t recorded = value < 0 ? 0 : (uint64_t)value;
	if (COR_UNLIKELY(tally->is_shared))
		cor_histogram_record_shared(cells_of(tally, place, at), place->bounds, recorded);
	else
		cor_histogram_record(cells_of(tally, place, at), place->bounds, recorded);
}

/* --- reading --- */

uint64_t cor_counter_value(struct cor_ctx *ctx, const struct cor_counter *counter, uint32_t at)
{
	const struct cor_tally *tally = ctx->environment->tally;
	const struct place *place = tally ? find(tally, &counter->metric, at) : NULL;

	return place ? cor_counter_read(cell_at(tally, place->first + at)) : 0;
}

int64_t cor_gauge_value(struct cor_ctx *ctx, const struct cor_gauge *gauge, uint32_t at)
{
	const struct cor_tally *tally = ctx->environment->tally;
	const struct place *place = tally ? find(tally, &gauge->metric, at) : NULL;

	if (!place)
		return 0;
	return (int64_t)(cor_counter_read(cell_at(tally, place->first + at)) +
			 cor_counter_read(&tally->of_worker[place->first + at]));
}

uint64_t cor_histogram_value(
	struct cor_ctx *ctx, const struct cor_histogram *histogram, uint32_t at, uint64_t *ret_sum)
{
	const struct cor_tally *tally = ctx->environment->tally;
	const struct place *place = tally ? find(tally, &histogram->metric, at) : NULL;
	struct cor_histogram_total total = { 0 };

	if (place)
		cor_histogram_add(&total, cells_of(tally, place, at), place->bounds);
	if (ret_sum)
		*ret_sum = total.sum;
	return total.count;
}
