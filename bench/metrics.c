/* SPDX-License-Identifier: MIT */
/*
 * What an update of a service's own metric costs, and a timer, in shared memory: ns of each call as
 * its thread sees it, the best of several rounds, on one thread and on two at the same time. Usage:
 * bench-metrics.
 */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <coracle/coracle.h>

#include "context/context.h"
#include "segment/segment.h"
#include "service/metrics.h"
#include "service/timings.h"

#define ROUNDS 2000
#define VALUES 4096 /* of a round */

static const char *const states[] = { "paid", "refused", "open", "lost" };
static const struct cor_counter orders = COR_COUNTER(
	"shop_orders", .doc = "Orders.", .labels = { COR_LABEL("state", states) });
static const struct cor_gauge queue = COR_GAUGE("shop_queue", .doc = "Waiting.");
static const struct cor_histogram took = COR_HISTOGRAM("shop_checkout_seconds", .doc = "Checkouts.",
	.divisor = 1000000000,
	COR_BUCKETS(1000000, 2500000, 5000000, 10000000, 25000000, 50000000, 100000000, 250000000,
		500000000, 1000000000, 2500000000, 5000000000, 10000000000));
static int64_t values[VALUES];

static void count(struct cor_ctx *ctx)
{
	for (uint32_t i = 0; i < VALUES; i++)
		cor_counter_add(ctx, &orders, i & 3, 1);
}

static void set(struct cor_ctx *ctx)
{
	for (int i = 0; i < VALUES; i++)
		cor_gauge_set(ctx, &queue, 0, i);
}

static void move(struct cor_ctx *ctx)
{
	for (int i = 0; i < VALUES; i++)
		cor_gauge_add(ctx, &queue, 0, i & 1 ? 1 : -1);
}

static void observe(struct cor_ctx *ctx)
{
	for (int i = 0; i < VALUES; i++)
		cor_histogram_observe(ctx, &took, 0, values[i]);
}

static void take_time(struct cor_ctx *ctx)
{
	for (int i = 0; i < VALUES; i++) {
		cor_timed_as(ctx, "take_time");
	}
}

static const struct work {
	const char *name;
	void (*run)(struct cor_ctx *ctx);
} works[] = {
	{ "counter", count },
	{ "gauge, set", set },
	{ "gauge, moved", move },
	{ "histogram of 13 bounds", observe },
	{ "timer", take_time },
};

/* A writer and what it found. */
struct writer {
	struct cor_environment environment;
	struct cor_ctx ctx;
	const struct work *work;
	bool serves;
	double best_ns;
};

static int measure(void *arg)
{
	struct writer *writer = arg;

	writer->best_ns = HUGE_VAL;
	for (int round = 0; round < ROUNDS; round++) {
		int64_t start = cor_monotonic_ns();
		writer->work->run(&writer->ctx);
		double each = (double)(cor_monotonic_ns() - start) / VALUES;
		if (each < writer->best_ns)
			writer->best_ns = each;
	}
	return 0;
}

/* As a handler: in a fiber of a thread that serves. */
static void measure_in_fiber(struct writer *writer)
{
	struct cor_scheduler *scheduler;

	if (cor_scheduler_create(NULL, &scheduler) < 0 ||
		cor_fiber_start(scheduler, measure, writer, NULL, NULL) < 0)
		exit(1);
	cor_scheduler_stop(scheduler);
	if (cor_scheduler_run(scheduler) < 0)
		exit(1);
	cor_scheduler_destroy(scheduler);
}

static void *work_on(void *arg)
{
	struct writer *writer = arg;

	if (writer->serves)
		measure_in_fiber(writer);
	else
		(void)measure(writer);
	return NULL;
}

static void report(const struct work *work, const char *how, struct writer *writers, size_t len)
{
	pthread_t threads[2];
	double slowest = 0;

	for (size_t i = 0; i < len; i++) {
		writers[i].work = work;
		if (pthread_create(&threads[i], NULL, work_on, &writers[i]) != 0)
			exit(1);
	}
	for (size_t i = 0; i < len; i++) {
		pthread_join(threads[i], NULL);
		slowest = fmax(slowest, writers[i].best_ns);
	}
	printf("%-24s %-32s %6.2f ns\n", work->name, how, slowest);
}

static void begin(
	struct writer *writer, struct cor_ledger *ledger, struct cor_ledger *timed, uint32_t thread)
{
	const struct cor_tally_options options = {
		.metrics = COR_METRICS(&orders.metric, &queue.metric, &took.metric),
		.ledger = ledger,
		.thread = thread,
	};

	*writer = (struct writer){ .serves = thread != COR_LEDGER_OTHERS };
	if (cor_tally_create(&options, &writer->environment.tally) < 0 ||
		cor_timings_create(
			&(struct cor_timings_options){ .ledger = timed, .thread = thread },
			&writer->environment.timings) < 0)
		exit(1);
	cor_ctx_init(&writer->ctx, &writer->environment, NULL, 0, 0);
}

int main(void)
{
	struct cor_region_options options = {
		.name = "metrics", .bytes = sizeof(struct cor_ledger), .init = cor_ledger_init
	};
	struct cor_segment segment;
	struct writer served[2], others[2];
	void *ledger, *timed;

	if (cor_segment_create(2 * options.bytes + 65536, &segment) < 0 ||
		cor_segment_region(&segment, &options, &ledger) < 0)
		return 1;
	options.name = "timed";
	if (cor_segment_region(&segment, &options, &timed) < 0)
		return 1;
	for (int i = 0; i < VALUES; i++) /* from 0.3 ms to 20 s, as many in each octave */
		values[i] = (int64_t)(3e5 * exp2(16.0 * drand48()));
	for (uint32_t i = 0; i < 2; i++) {
		begin(&served[i], ledger, timed, i);
		begin(&others[i], ledger, timed, COR_LEDGER_OTHERS);
	}
	for (size_t i = 0; i < sizeof works / sizeof works[0]; i++) {
		report(&works[i], "one thread that serves", served, 1);
		report(&works[i], "two threads that serve", served, 2);
		report(&works[i], "one other thread", others, 1);
		report(&works[i], "two other threads", others, 2);
	}
	for (size_t i = 0; i < 2; i++) {
		cor_tally_destroy(served[i].environment.tally);
		cor_tally_destroy(others[i].environment.tally);
		cor_timings_destroy(served[i].environment.timings);
		cor_timings_destroy(others[i].environment.timings);
	}
	cor_segment_detach(&segment);
	return 0;
}
