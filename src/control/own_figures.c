/* SPDX-License-Identifier: MIT */
#include "control/own_figures.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <coracle/clock.h>

#include "client/breaker.h"
#include "client/upstream_limit.h"
#include "service/cache_metrics.h"
#include "service/executor_metrics.h"
#include "service/refusal_metrics.h"
#include "service/topic_metrics.h"
#include "service/upstream_metrics.h"
#include "store/kind.h"

/* Whether the writer of a block lives: what it has set or moved counts only that long. */
static bool has_writer(const struct cor_control *control, const struct cor_ledger_block *block)
{
	const struct cor_roster_row *worker = &control->roster->rows[block->slot];

	return worker->pid != 0 && worker->state != COR_WORKER_STARTING;
}

/* All blocks, added up: the cells of a row. */
static void add_up(
	const struct cor_control *control, const struct cor_ledger_row *row, uint64_t *sums)
{
	uint32_t len = cor_ledger_blocks_len(control->ledger);

	for (uint32_t i = 0; i < len; i++) {
		const struct cor_ledger_block *block = &control->ledger->blocks[i];
		if (row->is_gauge && !has_writer(control, block))
			continue;
		for (uint32_t cell = 0; cell < row->len; cell++)
			sums[cell] += cor_counter_read(&block->cells[row->first + cell]);
	}
}

/* The labels of a series, and one more. */
struct series {
	struct cor_label labels[COR_LABELS_MAX + 1];
	size_t len;
};

static struct series series_at(const struct cor_metric *metric, uint32_t at)
{
	struct series series = { .len = 0 };
	size_t inner = metric->labels[1].name ? metric->labels[1].len : 1;
	const size_t values[COR_LABELS_MAX] = { at / inner, at % inner };

	for (size_t i = 0; i < COR_LABELS_MAX && metric->labels[i].name; i++) {
		const struct cor_metric_label *label = &metric->labels[i];
		series.labels[series.len++] = (struct cor_label){ label->name,
			cor_str(label->values[values[i]]) };
	}
	return series;
}

static double shown(const struct cor_metric *metric, double value)
{
	return metric->divisor == 0 ? value : value / (double)metric->divisor;
}

/* OpenMetrics wants a point or an exponent in each bound. */
static void format_bound(char *text, size_t bytes, double bound)
{
	snprintf(text, bytes, "%.15g", bound);
	if (!strpbrk(text, ".e"))
		snprintf(text, bytes, "%.1f", bound);
}

static void write_histogram(struct cor_exposition *e, const struct cor_metric *metric,
	const struct series *series, const uint64_t *cells)
{
	struct series bucket = *series;
	const struct cor_labels labels = { series->labels, series->len };
	uint64_t below = 0;
	char bound[40];

	for (size_t i = 0; i <= metric->buckets_len; i++) {
		bool is_last = i == metric->buckets_len;
		below += cells[i + 1]; /* the first is the sum */
		if (!is_last)
			format_bound(
				bound, sizeof bound, shown(metric, (double)metric->buckets[i]));
		bucket.labels[series->len] = (struct cor_label){ "le",
			cor_str(is_last ? "+Inf" : bound) };
		cor_exposition_count(
			e, "_bucket", (struct cor_labels){ bucket.labels, series->len + 1 }, below);
	}
	cor_exposition_count(e, "_count", labels, below);
	cor_exposition_number(e, "_sum", labels, shown(metric, (double)cells[0]));
}

static void write_series(struct cor_exposition *e, const struct cor_metric *metric,
	const struct series *series, const uint64_t *cells)
{
	const struct cor_labels labels = { series->labels, series->len };

	if (metric->kind == COR_METRIC_COUNTER && metric->divisor != 0)
		cor_exposition_number(e, "_total", labels, shown(metric, (double)cells[0]));
	else if (metric->kind == COR_METRIC_COUNTER)
		cor_exposition_count(e, "_total", labels, cells[0]);
	else if (metric->kind == COR_METRIC_GAUGE)
		cor_exposition_number(e, "", labels, (double)(int64_t)cells[0]);
	else
		write_histogram(e, metric, series, cells);
}

static void write_family(struct cor_exposition *e, const struct cor_metric *metric)
{
	static const enum cor_family_type types[] = {
		[COR_METRIC_COUNTER] = COR_FAMILY_COUNTER,
		[COR_METRIC_GAUGE] = COR_FAMILY_GAUGE,
		[COR_METRIC_HISTOGRAM] = COR_FAMILY_HISTOGRAM,
	};

	cor_exposition_family(e, metric->name, types[metric->kind], metric->doc);
}

static uint64_t sum_of(const uint64_t *cells, size_t len)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += cells[i];
	return sum;
}

/* What has not been counted yet is there with 0, or not at all. */
enum unused { SHOW_UNUSED, LEAVE_OUT_UNUSED };

static int write_sums(struct cor_ctx *ctx, struct cor_exposition *e,
	const struct cor_metric *metric, enum unused unused)
{
	const struct cor_control *control = cor_control_of(ctx);
	struct cor_ledger_row wanted = cor_metric_row(metric);
	uint32_t len = cor_metric_cells(metric);
	const struct cor_ledger_row *row = cor_ledger_find(control->ledger, &wanted);
	uint64_t *sums = cor_alloc(ctx, wanted.len * sizeof *sums);

	if (!sums)
		return -ENOMEM;
	if (row)
		add_up(control, row, sums);
	for (uint32_t at = 0; at < cor_metric_series(metric); at++) {
		const struct series series = series_at(metric, at);
		if (unused == SHOW_UNUSED || sum_of(sums + (size_t)at * len, len) != 0)
			write_series(e, metric, &series, sums + (size_t)at * len);
	}
	return 0;
}

static int write_metric(
	struct cor_ctx *ctx, struct cor_exposition *e, const struct cor_metric *metric)
{
	write_family(e, metric);
	return write_sums(ctx, e, metric, SHOW_UNUSED);
}

static void write_lost(const struct cor_control *control, struct cor_exposition *e)
{
	const struct cor_ledger_row row = { .first = 0, .len = 1 };
	uint64_t lost = 0;

	add_up(control, &row, &lost);
	cor_exposition_family(e, "coracle_metric_updates_lost", COR_FAMILY_COUNTER,
		"Updates of the service's own metrics that had no place.");
	cor_exposition_count(e, "_total", (struct cor_labels){ 0 }, lost);
}

int cor_control_write_executors(struct cor_ctx *ctx, struct cor_exposition *e)
{
	const struct cor_executor *const *executors = cor_control_of(ctx)->of->executors;
	struct cor_executor_metrics metrics;
	int rc = 0;

	if (!executors || !executors[0])
		return 0;
	cor_executor_metrics_init(&metrics, executors);
	for (size_t i = 0; metrics.list[i] && rc == 0; i++)
		rc = write_metric(ctx, e, metrics.list[i]);
	return rc;
}

int cor_control_write_topics(struct cor_ctx *ctx, struct cor_exposition *e)
{
	const struct cor_topic *const *topics = cor_control_of(ctx)->of->topics;
	struct cor_topic_metrics metrics;
	int rc = 0;

	if (!topics || !topics[0])
		return 0;
	cor_topic_metrics_init(&metrics, topics);
	for (size_t i = 0; metrics.list[i] && rc == 0; i++)
		rc = write_metric(ctx, e, metrics.list[i]);
	return rc;
}

int cor_control_write_refusals(struct cor_ctx *ctx, struct cor_exposition *e)
{
	const struct cor_composition *composition = cor_control_of(ctx)->composition;
	struct cor_refusal_metrics metrics;
	int rc = 0;

	if (!cor_composition_has_limits(composition))
		return 0;
	rc = cor_refusal_metrics_init(&metrics, composition, &ctx->arena);
	for (size_t i = 0; rc == 0 && metrics.list[i]; i++)
		rc = write_metric(ctx, e, metrics.list[i]);
	return rc;
}

static const struct cor_breaker_state *breaker_of(
	const struct cor_control *control, const struct cor_upstream *upstream)
{
	const struct cor_breaker rules = cor_breaker_rules(upstream->breaker);

	return cor_breaker_find(control->breakers, upstream->name, &rules);
}

/* One that no call has looked at yet is closed. */
static void write_phases(const struct cor_control *control, struct cor_exposition *e,
	const struct cor_upstream *upstream)
{
	static const char *const names[] = { "closed", "open", "half_open" };
	const struct cor_breaker_state *state = breaker_of(control, upstream);
	enum cor_breaker_phase phase = state ? cor_breaker_phase_at(
						       state, cor_monotonic_ns() / 1000000)
					     : COR_BREAKER_CLOSED;

	for (enum cor_breaker_phase i = 0; i <= COR_BREAKER_HALF_OPEN; i++) {
		struct cor_label labels[] = { { "upstream", cor_str(upstream->name) },
			{ "state", cor_str(names[i]) } };
		cor_exposition_number(e, "", (struct cor_labels){ labels, 2 }, i == phase);
	}
}

static void write_opened(const struct cor_control *control, struct cor_exposition *e,
	const struct cor_upstream *upstream)
{
	const struct cor_breaker_state *state = breaker_of(control, upstream);
	struct cor_label label = { "upstream", cor_str(upstream->name) };

	cor_exposition_count(e, "_total", (struct cor_labels){ &label, 1 },
		state ? cor_counter_read(&state->opened) : 0);
}

static void write_breakers(const struct cor_control *control, struct cor_exposition *e)
{
	const struct cor_upstream *const *first = control->of->upstreams;

	while (*first && !(*first)->breaker)
		first++;
	if (!*first)
		return;
	cor_exposition_family(e, "coracle_upstream_breaker", COR_FAMILY_GAUGE,
		"1 for what the breaker of an upstream is.");
	for (const struct cor_upstream *const *at = first; *at; at++)
		if ((*at)->breaker)
			write_phases(control, e, *at);
	cor_exposition_family(e, "coracle_upstream_breaker_opened", COR_FAMILY_COUNTER,
		"Times that it has opened, again after probes, too.");
	for (const struct cor_upstream *const *at = first; *at; at++)
		if ((*at)->breaker)
			write_opened(control, e, *at);
}

/* --- adaptive limits --- */

static struct cor_upstream_limit limit_of(const struct cor_control *control, size_t i)
{
	return cor_upstream_limit_of(control->of->upstreams[i],
		control->upstream_settings ? &control->upstream_settings[i] : NULL);
}

/* One that no call has looked at yet is what it begins with. */
static void write_limit(const struct cor_control *control, struct cor_exposition *e, size_t i,
	const char *suffix, bool is_shed)
{
	const char *name = control->of->upstreams[i]->name;
	const struct cor_upstream_limit limit = limit_of(control, i);
	const struct cor_adaptive_state *state = limit.adapts ? cor_adaptive_find(
									control->adaptive_limits,
									name, &limit.rules)
							      : NULL;
	struct cor_label label = { "upstream", cor_str(name) };
	uint64_t value = is_shed ? 0 : limit.rules.start;

	if (state)
		value = is_shed ? cor_counter_read(&state->shed) : state->limit;
	if (limit.adapts)
		cor_exposition_count(e, suffix, (struct cor_labels){ &label, 1 }, value);
}

static void write_limits(const struct cor_control *control, struct cor_exposition *e)
{
	size_t len = 0, adapts = 0;

	for (; control->of->upstreams[len]; len++)
		adapts += limit_of(control, len).adapts;
	if (adapts == 0)
		return;
	cor_exposition_family(e, "coracle_upstream_adaptive_limit", COR_FAMILY_GAUGE,
		"Requests that all workers may have on their way at once.");
	for (size_t i = 0; i < len; i++)
		write_limit(control, e, i, "", false);
	cor_exposition_family(e, "coracle_upstream_shed", COR_FAMILY_COUNTER,
		"Requests that the adaptive limit has refused.");
	for (size_t i = 0; i < len; i++)
		write_limit(control, e, i, "_total", true);
}

int cor_control_write_upstreams(struct cor_ctx *ctx, struct cor_exposition *e)
{
	const struct cor_control *control = cor_control_of(ctx);
	const struct cor_upstream *const *upstreams = control->of->upstreams;
	struct cor_upstream_metrics metrics;
	const char *family = "";
	int rc = 0;

	if (!upstreams || !upstreams[0])
		return 0;
	cor_upstream_metrics_init(&metrics, upstreams, control->upstream_settings);
	for (size_t i = 0; metrics.list[i] && rc == 0; i++) {
		const struct cor_metric *metric = metrics.list[i];
		if (strcmp(family, metric->name) != 0)
			write_family(e, metric);
		family = metric->name;
		rc = write_sums(
			ctx, e, metric, metric == &metrics.times ? LEAVE_OUT_UNUSED : SHOW_UNUSED);
	}
	write_breakers(control, e);
	write_limits(control, e);
	return rc;
}

/* --- caches --- */

/*
 * Whom to ask for what all of them see: a worker that has answered in time, and that is no older
 * than the others.
 */
static bool is_better(const struct cor_control *control, const struct cor_ledger_block *block,
	const struct cor_ledger_block *than)
{
	const struct cor_ledger_block *blocks[] = { block, than };
	int worth[2] = { 0 };

	for (size_t i = 0; i < 2 && blocks[i]; i++) {
		uint32_t slot = blocks[i]->slot;
		const struct cor_desk *desk = &control->desks->items[slot];
		uint32_t rings = atomic_load(&desk->bell.rings);
		worth[i] = 1 + 2 * cor_desk_has_answered(desk, rings) +
			   4 * (control->roster->rows[slot].state == COR_WORKER_READY);
	}
	return worth[0] > worth[1];
}

static uint64_t sum_at(const struct cor_control *control, uint32_t cell, bool is_common)
{
	uint32_t len = cor_ledger_blocks_len(control->ledger);
	const struct cor_ledger_block *best = NULL;
	uint64_t sum = 0;

	for (uint32_t i = 0; i < len; i++) {
		const struct cor_ledger_block *block = &control->ledger->blocks[i];
		if (block->thread != COR_LEDGER_OTHERS || !has_writer(control, block))
			continue;
		sum += cor_counter_read(&block->cells[cell]);
		if (is_better(control, block, best))
			best = block;
	}
	return is_common && best ? cor_counter_read(&best->cells[cell]) : sum;
}

/* The workers have set it when they were asked, for this answer. */
static void write_size(const struct cor_control *control, struct cor_exposition *e,
	const struct cor_metric *metric)
{
	const struct cor_ledger_row wanted = cor_metric_row(metric);
	const struct cor_ledger_row *row = cor_ledger_find(control->ledger, &wanted);

	write_family(e, metric);
	for (uint32_t i = 0; row && i < row->len; i++) {
		const struct cor_store_kind *kind = control->caches[i].store;
		const struct series series = series_at(metric, i);
		uint64_t size = sum_at(control, row->first + i, kind && kind->is_common);
		if (!kind || !kind->has_no_size)
			write_series(e, metric, &series, &size);
	}
}

int cor_control_write_caches(struct cor_ctx *ctx, struct cor_exposition *e)
{
	const struct cor_control *control = cor_control_of(ctx);
	const struct cor_cache *const *caches = control->of->caches;
	struct cor_cache_metrics metrics;
	int rc = 0;

	if (!caches || !caches[0])
		return 0;
	cor_cache_metrics_init(&metrics, caches);
	for (size_t i = 0; metrics.list[i] && rc == 0; i++)
		if (metrics.list[i]->kind == COR_METRIC_GAUGE)
			write_size(control, e, metrics.list[i]);
		else
			rc = write_metric(ctx, e, metrics.list[i]);
	return rc;
}

int cor_control_write_own(struct cor_ctx *ctx, struct cor_exposition *e)
{
	const struct cor_control *control = cor_control_of(ctx);
	const struct cor_metric *const *metric = control->of->metrics;
	int rc = 0;

	if (!metric || !*metric)
		return 0;
	for (; *metric && rc == 0; metric++)
		rc = write_metric(ctx, e, *metric);
	write_lost(control, e);
	return rc;
}
