/* SPDX-License-Identifier: MIT */
/** Metrics of those who are refused: by limit, and by the security scheme of their credential. */
#ifndef CORACLE_SERVICE_REFUSAL_METRICS_H
#define CORACLE_SERVICE_REFUSAL_METRICS_H

#include <coracle/metrics.h>

#include "limit/pass.h"
#include "service/composition.h"
#include "service/metrics.h"

struct cor_refusal_metrics {
	struct cor_metric refused, failed;
	const struct cor_metric *list[3]; /* NULL at its end; only those that have a name */
};

/** Make them; their names are in the arena. Returns 0 or -ENOMEM. */
int cor_refusal_metrics_init(struct cor_refusal_metrics *metrics,
	const struct cor_composition *composition, struct cor_arena *arena) COR_CHECKED;

/** Let requests be counted there. The tally is of the list, and of the counter's thread. */
void cor_refusal_metrics_connect(const struct cor_refusal_metrics *metrics,
	const struct cor_tally *tally, struct cor_limit_counter *counter);

#endif
