/* SPDX-License-Identifier: MIT */
#include "service/executor_metrics.h"

#include "executor/pool_figures.h"

static const char *const ends[] = {
	[COR_JOB_DONE] = "done",
	[COR_JOB_FAILED] = "failed",
	[COR_JOB_CANCELLED] = "cancelled",
	[COR_JOB_REFUSED] = "refused",
};

static struct cor_metric gauge(const char *name, const char *doc, struct cor_metric_label label)
{
	return (struct cor_metric){
		.kind = COR_METRIC_GAUGE, .name = name, .doc = doc, .labels = { label }
	};
}

void cor_executor_metrics_init(
	struct cor_executor_metrics *metrics, const struct cor_executor *const *executors)
{
	struct cor_metric_label label = { .name = "executor", .values = metrics->names };

	for (; executors[label.len] && label.len < COR_EXECUTORS_MAX; label.len++)
		metrics->names[label.len] = executors[label.len]->name;
	metrics->threads = gauge("coracle_executor_threads", "Threads of an executor.", label);
	metrics->running = gauge("coracle_executor_running", "Jobs that run.", label);
	metrics->queued = gauge("coracle_executor_queued", "Jobs that wait for a thread.", label);
	metrics->jobs = (struct cor_metric){
		.kind = COR_METRIC_COUNTER,
		.name = "coracle_executor_jobs",
		.doc = "Jobs that came to an end, or were refused by a full queue.",
		.labels = { label, { "result", ends, COR_JOB_ENDS } },
	};
	metrics->list[0] = &metrics->threads;
	metrics->list[1] = &metrics->running;
	metrics->list[2] = &metrics->queued;
	metrics->list[3] = &metrics->jobs;
	metrics->list[4] = NULL;
}

static _Atomic uint64_t *cells(
	const struct cor_tally *tally, const struct cor_metric *metric, size_t at)
{
	_Atomic uint64_t *first = cor_tally_cells(tally, metric);

	return first ? first + at : NULL;
}

void cor_executor_metrics_connect(const struct cor_executor_metrics *metrics,
	const struct cor_tally *tally, struct cor_pools *pools)
{
	for (size_t i = 0; i < pools->len; i++) {
		const struct cor_pool_gauges gauges = {
			.threads = cells(tally, &metrics->threads, i),
			.running = cells(tally, &metrics->running, i),
			.queued = cells(tally, &metrics->queued, i),
			.ends = cells(tally, &metrics->jobs, i * COR_JOB_ENDS),
		};
		/* the ledger may have no room for them */
		if (gauges.threads && gauges.running && gauges.queued && gauges.ends)
			cor_pool_show_in(pools->items[i], &gauges);
	}
}
