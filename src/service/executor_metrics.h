/* SPDX-License-Identifier: MIT */
/** Metrics of a service's executors: rows like those of its own, with the executor as a label. */
#ifndef CORACLE_SERVICE_EXECUTOR_METRICS_H
#define CORACLE_SERVICE_EXECUTOR_METRICS_H

#include <coracle/metrics.h>

#include "executor/pools.h"
#include "service/metrics.h"

#define COR_EXECUTORS_MAX 64

struct cor_executor_metrics {
	const char *names[COR_EXECUTORS_MAX];
	struct cor_metric threads, running, queued, broken, jobs;
	/* Of those that have processes; there are none without: */
	const char *names_of_processes[COR_EXECUTORS_MAX];
	struct cor_metric processes, starts, deaths, retirements;
	const struct cor_metric *list[10]; /* NULL at its end */
};

/** Make them. The executors are checked, and outlive them. */
void cor_executor_metrics_init(
	struct cor_executor_metrics *metrics, const struct cor_executor *const *executors);

/** Let the pools of those executors write there. The tally is of the list. */
void cor_executor_metrics_connect(const struct cor_executor_metrics *metrics,
	const struct cor_tally *tally, struct cor_pools *pools);

#endif
