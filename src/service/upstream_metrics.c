/* SPDX-License-Identifier: MIT */
#include "service/upstream_metrics.h"

#include <errno.h>
#include <stdlib.h>

#include "client/upstreams.h"
#include "figures/requests.h"

static struct cor_metric row(enum cor_metric_kind kind, const char *name, const char *doc,
	struct cor_metric_label label, struct cor_metric_label second)
{
	return (struct cor_metric){
		.kind = kind, .name = name, .doc = doc, .labels = { label, second }
	};
}

static void describe_calls(struct cor_upstream_metrics *metrics, struct cor_metric_label label)
{
	struct cor_metric_label methods = { "method", cor_call_methods, COR_CALL_METHODS };
	struct cor_metric_label results = { .name = "result", .values = metrics->results };

	while (results.len < COR_UPSTREAM_RESULTS_MAX &&
		(metrics->results[results.len] = cor_call_result_name(results.len)))
		results.len++;
	metrics->times = row(COR_METRIC_HISTOGRAM, "coracle_upstream_call_duration_seconds",
		"How long calls took with their retries: to the end, or to the head of an answer "
		"that is read in pieces.",
		label, methods);
	metrics->times.buckets = cor_latency_bounds_ns;
	metrics->times.buckets_len = COR_LATENCY_BOUNDS;
	metrics->times.divisor = 1000000000;
	metrics->calls = row(COR_METRIC_COUNTER, "coracle_upstream_calls",
		"Calls by what became of them: the class of a status, or a failure.", label,
		results);
}

static void describe(struct cor_upstream_metrics *metrics, struct cor_metric_label label)
{
	const struct cor_metric_label none = { 0 };

	describe_calls(metrics, label);
	metrics->retries = row(COR_METRIC_COUNTER, "coracle_upstream_retries",
		"Tries of calls beyond the first.", label, none);
	metrics->hedges = row(COR_METRIC_COUNTER, "coracle_upstream_hedges",
		"Requests sent once more because the answer was late.", label, none);
	metrics->joined = row(COR_METRIC_COUNTER, "coracle_upstream_joined",
		"Requests that were not sent, as an equal one was on its way.", label, none);
	metrics->connections = row(COR_METRIC_COUNTER, "coracle_upstream_connections",
		"Connections that were made for calls.", label, none);
	metrics->in_flight = row(COR_METRIC_GAUGE, "coracle_upstream_calls_in_flight",
		"Calls on their way, with those that wait.", label, none);
	metrics->waiting = row(COR_METRIC_GAUGE, "coracle_upstream_calls_waiting",
		"Calls that wait for others to end, because of .in_flight.", label, none);
}

static void add_targets(struct cor_upstream_metrics *metrics, size_t at,
	const struct cor_upstream *upstream, const struct cor_upstream_settings *said)
{
	struct cor_metric_label label = {
		.name = "upstream", .values = &metrics->names[at], .len = 1
	};
	struct cor_metric_label targets = { .name = "target" };

	targets.values = cor_upstream_urls_of(upstream, said, &targets.len);
	if (!cor_upstream_has_targets(upstream) || targets.len == 0)
		return;
	metrics->targets_of[metrics->targets_len] = at;
	metrics->targets[metrics->targets_len++] = row(COR_METRIC_GAUGE,
		"coracle_upstream_target_out", "Threads that send a target no calls for a while.",
		label, targets);
}

static void add_sources(
	struct cor_upstream_metrics *metrics, size_t at, const struct cor_upstream *upstream)
{
	struct cor_metric_label label = {
		.name = "upstream", .values = &metrics->names[at], .len = 1
	};
	struct cor_metric_label sources = { "result", cor_call_sources, COR_CALL_SOURCES };

	if (!upstream->cache)
		return;
	metrics->sources_of[metrics->sources_len] = at;
	metrics->sources[metrics->sources_len++] = row(COR_METRIC_COUNTER, "coracle_upstream_cache",
		"Calls that may be answered from the cache of the upstream, by whether they were.",
		label, sources);
}

static void list(struct cor_upstream_metrics *metrics)
{
	const struct cor_metric *const all[] = { &metrics->times, &metrics->calls,
		&metrics->retries, &metrics->hedges, &metrics->joined, &metrics->connections,
		&metrics->in_flight, &metrics->waiting };
	size_t len = 0;

	for (; len < sizeof all / sizeof all[0]; len++)
		metrics->list[len] = all[len];
	for (size_t i = 0; i < metrics->targets_len; i++)
		metrics->list[len++] = &metrics->targets[i];
	for (size_t i = 0; i < metrics->sources_len; i++)
		metrics->list[len++] = &metrics->sources[i];
}

void cor_upstream_metrics_init(struct cor_upstream_metrics *metrics,
	const struct cor_upstream *const *upstreams, const struct cor_upstream_settings *urls)
{
	struct cor_metric_label label = { .name = "upstream", .values = metrics->names };

	*metrics = (struct cor_upstream_metrics){ 0 };
	for (; upstreams[label.len] && label.len < COR_UPSTREAMS_MAX; label.len++) {
		metrics->names[label.len] = upstreams[label.len]->name;
		add_targets(
			metrics, label.len, upstreams[label.len], urls ? &urls[label.len] : NULL);
		add_sources(metrics, label.len, upstreams[label.len]);
	}
	describe(metrics, label);
	list(metrics);
}

/* --- where they are counted --- */

/* The ledger may have no room for all of them: then none of them counts. */
static void connect_cells(struct cor_upstream_counter *counter, size_t len)
{
	const struct cor_upstream_metrics *metrics = &counter->metrics;
	const struct cor_tally *tally = counter->tally;
	const struct cor_upstream_figures all = {
		.results = cor_tally_cells(tally, &metrics->calls),
		.retries = cor_tally_cells(tally, &metrics->retries),
		.hedges = cor_tally_cells(tally, &metrics->hedges),
		.joined = cor_tally_cells(tally, &metrics->joined),
		.connections = cor_tally_cells(tally, &metrics->connections),
		.in_flight = cor_tally_cells(tally, &metrics->in_flight),
		.waiting = cor_tally_cells(tally, &metrics->waiting),
	};

	if (!all.results || !all.retries || !all.hedges || !all.joined || !all.connections ||
		!all.in_flight || !all.waiting)
		return;
	for (size_t i = 0; i < len; i++) {
		counter->items[i] = (struct cor_upstream_figures){
			.results = all.results + i * counter->figures.results_len,
			.retries = all.retries + i,
			.hedges = all.hedges + i,
			.joined = all.joined + i,
			.connections = all.connections + i,
			.in_flight = all.in_flight + i,
			.waiting = all.waiting + i,
		};
		for (uint32_t method = 0; method < COR_CALL_METHODS; method++)
			counter->items[i].times[method] = cor_tally_histogram(tally,
				&metrics->times,
				cor_metric_at(&metrics->times, (uint32_t)i, method));
	}
	for (size_t i = 0; i < metrics->targets_len; i++)
		counter->items[metrics->targets_of[i]].targets_out = cor_tally_cells(
			tally, &metrics->targets[i]);
	for (size_t i = 0; i < metrics->sources_len; i++)
		counter->items[metrics->sources_of[i]].sources = cor_tally_cells(
			tally, &metrics->sources[i]);
}

static int take_bounds(struct cor_histogram_bounds *bounds)
{
	uint64_t upper[COR_LATENCY_BOUNDS];

	for (size_t i = 0; i < COR_LATENCY_BOUNDS; i++)
		upper[i] = (uint64_t)cor_latency_bounds_ns[i];
	return cor_histogram_bounds_init(bounds, upper, COR_LATENCY_BOUNDS);
}

int cor_upstream_counter_create(const struct cor_upstream *const *upstreams,
	const struct cor_upstream_settings *urls, const struct cor_tally_options *place,
	struct cor_upstream_counter **ret)
{
	struct cor_upstream_counter *counter = calloc(1, sizeof *counter);
	struct cor_tally_options options = *place;

	if (!counter)
		return -ENOMEM;
	cor_upstream_metrics_init(&counter->metrics, upstreams, urls);
	options.metrics = counter->metrics.list;
	int rc = cor_tally_create(&options, &counter->tally);
	if (rc == 0)
		rc = take_bounds(&counter->bounds);
	if (rc < 0) {
		cor_upstream_counter_destroy(counter);
		return rc;
	}
	counter->figures = (struct cor_calls_figures){
		.bounds = &counter->bounds,
		.results_len = counter->metrics.calls.labels[1].len,
		.is_shared = place->thread == COR_LEDGER_OTHERS,
		.len = counter->metrics.calls.labels[0].len,
		.items = counter->items,
	};
	connect_cells(counter, counter->figures.len);
	*ret = counter;
	return 0;
}

void cor_upstream_counter_destroy(struct cor_upstream_counter *counter)
{
	if (counter)
		cor_tally_destroy(counter->tally);
	free(counter);
}
