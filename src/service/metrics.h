/* SPDX-License-Identifier: MIT */
/**
 * Where the updates of a service's metrics go: cells of a ledger that processes share, or cells of
 * its own.
 *
 * Metrics are constants and know no cells; a small hash table of their addresses does, one for each
 * writer. A writer is a thread that serves, or all others of the worker together.
 */
#ifndef CORACLE_SERVICE_METRICS_H
#define CORACLE_SERVICE_METRICS_H

#include <stdint.h>

#include <coracle/metrics.h>
#include <coracle/service.h>

#include "figures/ledger.h"
#include "segment/histogram.h"

struct cor_tally;

struct cor_tally_options {
	const struct cor_metric *const *metrics; /* checked; NULL: none */
	struct cor_ledger *ledger;               /* NULL: cells of its own, which start at 0 */
	uint32_t slot, thread; /* of the writer, in the ledger; COR_LEDGER_OTHERS: see there */
};

/**
 * Make it. *ret is NULL if there are no metrics. Returns 0, -ENOMEM, or as cor_ledger_block(). What
 * the options point to outlives it. The caller owns *ret.
 */
int cor_tally_create(const struct cor_tally_options *options, struct cor_tally **ret) COR_CHECKED;

void cor_tally_destroy(struct cor_tally *tally);

/** The cells of a metric, for a writer of its own. NULL: it has none. */
_Atomic uint64_t *cor_tally_cells(const struct cor_tally *tally, const struct cor_metric *metric);

/** The same of one of its histograms, by its combination of label values. */
struct cor_histogram_cells *cor_tally_histogram(
	const struct cor_tally *tally, const struct cor_metric *metric, uint32_t at);

/** How many combinations of label values a metric has. */
uint32_t cor_metric_series(const struct cor_metric *metric);

/** How many cells each of them has. */
uint32_t cor_metric_cells(const struct cor_metric *metric);

/** The row of a metric, to find it in a ledger. */
struct cor_ledger_row cor_metric_row(const struct cor_metric *metric);

#endif
