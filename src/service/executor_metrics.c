/* SPDX-License-Identifier: MIT */
#include "service/executor_metrics.h"

#include "executor/pool_figures.h"

static const char *const ends[] = {
	[COR_JOB_DONE] = "done",
	[COR_JOB_FAILED] = "failed",
	[COR_JOB_CANCELLED] = "cancelled",
	[COR_JOB_REFUSED] = "refused",
};

static const char *const deaths[] = {
	[COR_DEATH_SIGNAL] = "signal",
	[COR_DEATH_EXIT] = "exit",
	[COR_DEATH_TIMEOUT] = "timeout",
	[COR_DEATH_CPU] = "cpu",
	[COR_DEATH_MEMORY] = "memory",
	[COR_DEATH_SANDBOX] = "sandbox",
};

static const char *const retirements[] = {
	[COR_TURNOVER_JOBS] = "jobs",
	[COR_TURNOVER_AGE] = "age",
	[COR_TURNOVER_MEMORY] = "memory",
};

static struct cor_metric gauge(const char *name, const char *doc, struct cor_metric_label label)
{
	return (struct cor_metric){
		.kind = COR_METRIC_GAUGE, .name = name, .doc = doc, .labels = { label }
	};
}

static struct cor_metric counter(const char *name, const char *doc, struct cor_metric_label label,
	struct cor_metric_label second)
{
	return (struct cor_metric){
		.kind = COR_METRIC_COUNTER, .name = name, .doc = doc, .labels = { label, second }
	};
}

static void describe_jobs(struct cor_executor_metrics *metrics, struct cor_metric_label label)
{
	metrics->threads = gauge("coracle_executor_threads", "Threads of an executor.", label);
	metrics->running = gauge("coracle_executor_running", "Jobs that run.", label);
	metrics->queued = gauge("coracle_executor_queued", "Jobs that wait for a thread.", label);
	metrics->broken = gauge("coracle_executor_broken",
		"Workers whose executor takes no jobs, since a start has failed.", label);
	metrics->jobs = counter("coracle_executor_jobs",
		"Jobs that came to an end, or were refused by a full queue.", label,
		(struct cor_metric_label){ "result", ends, COR_JOB_ENDS });
}

static void describe_processes(struct cor_executor_metrics *metrics, struct cor_metric_label label)
{
	metrics->processes = gauge(
		"coracle_executor_processes", "Processes of an executor.", label);
	metrics->starts = counter("coracle_executor_process_starts",
		"Processes of an executor that became ready.", label,
		(struct cor_metric_label){ 0 });
	metrics->deaths = counter("coracle_executor_process_deaths",
		"Processes that died, or were killed for what their job did.", label,
		(struct cor_metric_label){ "cause", deaths, COR_DEATHS });
	metrics->retirements = counter("coracle_executor_process_retirements",
		"Processes that had served their time.", label,
		(struct cor_metric_label){ "cause", retirements, COR_TURNOVER_CAUSES });
}

static void list(struct cor_executor_metrics *metrics, bool has_processes)
{
	const struct cor_metric *const all[] = { &metrics->threads, &metrics->running,
		&metrics->queued, &metrics->broken, &metrics->jobs, &metrics->processes,
		&metrics->starts, &metrics->deaths, &metrics->retirements };
	size_t len = has_processes ? 9 : 5;

	for (size_t i = 0; i < len; i++)
		metrics->list[i] = all[i];
	metrics->list[len] = NULL;
}

void cor_executor_metrics_init(
	struct cor_executor_metrics *metrics, const struct cor_executor *const *executors)
{
	struct cor_metric_label all = { .name = "executor", .values = metrics->names };
	struct cor_metric_label some = { .name = "executor",
		.values = metrics->names_of_processes };

	for (; executors[all.len] && all.len < COR_EXECUTORS_MAX; all.len++) {
		metrics->names[all.len] = executors[all.len]->name;
		if (executors[all.len]->kind == COR_PROCESSES)
			metrics->names_of_processes[some.len++] = executors[all.len]->name;
	}
	describe_jobs(metrics, all);
	describe_processes(metrics, some);
	list(metrics, some.len != 0);
}

static _Atomic uint64_t *cells(
	const struct cor_tally *tally, const struct cor_metric *metric, size_t at)
{
	_Atomic uint64_t *first = cor_tally_cells(tally, metric);

	return first ? first + at : NULL;
}

/* The ledger may have no room for all of them: then the pool keeps its own. */
static void connect_processes(const struct cor_executor_metrics *metrics,
	const struct cor_tally *tally, size_t at, struct cor_pool_gauges *gauges)
{
	_Atomic uint64_t *processes = cells(tally, &metrics->processes, at);
	_Atomic uint64_t *starts = cells(tally, &metrics->starts, at);
	_Atomic uint64_t *its_deaths = cells(tally, &metrics->deaths, at * COR_DEATHS);
	_Atomic uint64_t *ends_by_plan = cells(
		tally, &metrics->retirements, at * COR_TURNOVER_CAUSES);

	if (!processes || !starts || !its_deaths || !ends_by_plan)
		return;
	gauges->processes = processes;
	gauges->starts = starts;
	gauges->deaths = its_deaths;
	gauges->retirements = ends_by_plan;
}

void cor_executor_metrics_connect(const struct cor_executor_metrics *metrics,
	const struct cor_tally *tally, struct cor_pools *pools)
{
	for (size_t i = 0, processes = 0; i < pools->len; i++) {
		struct cor_pool *pool = pools->items[i];
		struct cor_pool_gauges gauges = pool->gauges;

		gauges.threads = cells(tally, &metrics->threads, i);
		gauges.running = cells(tally, &metrics->running, i);
		gauges.queued = cells(tally, &metrics->queued, i);
		gauges.broken = cells(tally, &metrics->broken, i);
		gauges.ends = cells(tally, &metrics->jobs, i * COR_JOB_ENDS);
		if (pool->executor->kind == COR_PROCESSES)
			connect_processes(metrics, tally, processes++, &gauges);
		if (gauges.threads && gauges.running && gauges.queued && gauges.broken &&
			gauges.ends)
			cor_pool_show_in(pool, &gauges);
	}
}
