/* SPDX-License-Identifier: MIT */
/**
 * Figures of the service's own: counters, gauges and histograms, for the operator's /metrics.
 *
 *     enum order_state { ORDER_PAID, ORDER_REFUSED };
 *     static const char *const order_states[] = {
 *             [ORDER_PAID] = "paid",
 *             [ORDER_REFUSED] = "refused",
 *     };
 *     static const struct cor_counter orders = COR_COUNTER("shop_orders",
 *             .doc = "Orders taken.", .labels = { COR_LABEL("state", order_states) });
 *
 *     static const struct cor_service shop = { .metrics = COR_METRICS(&orders.metric), ... };
 *
 *     cor_counter_add(ctx, &orders, ORDER_PAID, 1); // in a handler
 *
 * A label's values are the names of an enum, so a client's input cannot make new ones. The start
 * and --check refuse rows that Prometheus would not take, all of them together.
 *
 * An update is a plain store of 1 to 3 ns, and never yields or fails. It uses the ctx of a handler
 * or of a thread's hook on its own thread; other threads use the ctx of the start hook, and jobs on
 * threads of an executor their own, whose updates are locked instructions (10 to 20 ns), from any
 * thread at the same time. A job in a process counts nothing. An update that
 * has no place (a metric that .metrics does not name, a value of `at` that its labels do not have,
 * no room) changes nothing but coracle_metric_updates_lost_total; the first of a metric that is not
 * named is a warning in the log.
 *
 * With --control the figures of all workers are added up, and nothing is lost when a worker is
 * replaced or dies; docs/metrics.md says what a reload does. Without it nobody reads them. A ctx of
 * cor_ctx_create() has figures of its own, all of which start at 0.
 */
#ifndef CORACLE_METRICS_H
#define CORACLE_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/context.h>

COR_BEGIN_DECLS

#define COR_LABELS_MAX  2
#define COR_BUCKETS_MAX 31
#define COR_SERIES_MAX  1024 /* of one metric: the combinations of its labels */

enum cor_metric_kind { COR_METRIC_COUNTER, COR_METRIC_GAUGE, COR_METRIC_HISTOGRAM };

/** A label, whose values are an enum's. Made with COR_LABEL. */
struct cor_metric_label {
	/** Letters, digits and underscores. */
	const char *name;
	/** By enumerator, from 0, each of them different. */
	const char *const *values;
	size_t len;
};

/** What counters, gauges and histograms have. */
struct cor_metric {
	enum cor_metric_kind kind; /* set by the macros */
	/**
	 * Letters, digits and underscores, with the service's prefix and the unit: "shop_orders",
	 * "shop_checkout_seconds". A counter's "_total" is added. "coracle_" and "process_" are
	 * taken.
	 */
	const char *name;
	/** One sentence, for people. */
	const char *doc;
	struct cor_metric_label labels[COR_LABELS_MAX];
	/** COR_BUCKETS(...) of a histogram: upper bounds that rise, in the unit of its values. */
	const int64_t *buckets;
	size_t buckets_len;
	/**
	 * Of a histogram: what its values are divided by to be shown. 1000000000 shows nanoseconds
	 * as seconds. 0: 1.
	 */
	int64_t divisor;
};

struct cor_counter {
	struct cor_metric metric;
};
struct cor_gauge {
	struct cor_metric metric;
};
struct cor_histogram {
	struct cor_metric metric;
};

/* clang-format off */

#define COR_COUNTER(name_, ...) \
	{ .metric = { .kind = COR_METRIC_COUNTER, .name = name_, __VA_ARGS__ } }
#define COR_GAUGE(name_, ...) \
	{ .metric = { .kind = COR_METRIC_GAUGE, .name = name_, __VA_ARGS__ } }
#define COR_HISTOGRAM(name_, ...) \
	{ .metric = { .kind = COR_METRIC_HISTOGRAM, .name = name_, __VA_ARGS__ } }

#define COR_LABEL(name_, values_) \
	{ name_, values_, sizeof(values_) / sizeof((values_)[0]) }

/** Initialises .buckets and .buckets_len, outside of functions: COR_BUCKETS(5, 10, 25). */
#define COR_BUCKETS(...) \
	.buckets = (const int64_t[]){ __VA_ARGS__ }, \
	.buckets_len = sizeof((const int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t)

/** For a service's .metrics. */
#define COR_METRICS(...) \
	(const struct cor_metric *const[]){ __VA_ARGS__, NULL }

/* clang-format on */

/**
 * The `at` of a metric with two labels, from the values of both. With one label it is the value,
 * without any it is 0.
 */
static inline uint32_t cor_metric_at(
	const struct cor_metric *metric, uint32_t first, uint32_t second)
{
	size_t len = metric->labels[1].len;

	return first < metric->labels[0].len && second < len ? (uint32_t)(first * len + second)
							     : UINT32_MAX;
}

/** Count `n` more. */
COR_API void cor_counter_add(
	struct cor_ctx *ctx, const struct cor_counter *counter, uint32_t at, uint64_t n);

/**
 * Set a gauge: of the threads of a worker, the last one wins. /metrics shows the sum over living
 * workers; a worker that ends takes its part along.
 */
COR_API void cor_gauge_set(
	struct cor_ctx *ctx, const struct cor_gauge *gauge, uint32_t at, int64_t value);

/**
 * Move a gauge up or down, from any thread of the worker: what one adds another may take away. A
 * gauge that is set, too, has the value that was set last plus all moves.
 */
COR_API void cor_gauge_add(
	struct cor_ctx *ctx, const struct cor_gauge *gauge, uint32_t at, int64_t by);

/** Record a value, in the unit of the buckets. One below 0 counts as 0. */
COR_API void cor_histogram_observe(
	struct cor_ctx *ctx, const struct cor_histogram *histogram, uint32_t at, int64_t value);

/**
 * What was counted, set or recorded by the thread of ctx: for tests, after a call of a handler with
 * a ctx of cor_ctx_create(). A figure that has no place is 0.
 */
COR_API uint64_t cor_counter_value(
	struct cor_ctx *ctx, const struct cor_counter *counter, uint32_t at);
COR_API int64_t cor_gauge_value(struct cor_ctx *ctx, const struct cor_gauge *gauge, uint32_t at);

/** How many values; *ret_sum, unless it is NULL, is their sum. */
COR_API uint64_t cor_histogram_value(
	struct cor_ctx *ctx, const struct cor_histogram *histogram, uint32_t at, uint64_t *ret_sum);

COR_END_DECLS
#endif
