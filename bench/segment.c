/* SPDX-License-Identifier: MIT */
/*
 * What figures and locks in shared memory cost, in one process: ns of each call, the best of
 * several rounds, on one thread. Usage: bench-segment.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "segment/counter.h"
#include "segment/histogram.h"
#include "segment/lock.h"
#include "segment/segment.h"

#define ROUNDS 3000
#define VALUES 4096 /* of a round */
#define BATCH  2    /* rounds that are timed together: short, so that some are not disturbed */

/* Seconds as Prometheus usually divides them, in ns. */
static const uint64_t upper_ns[] = { 1000000, 2500000, 5000000, 10000000, 25000000, 50000000,
	100000000, 250000000, 500000000, 1000000000, 2500000000, 5000000000, 10000000000 };
static struct cor_histogram_bounds bounds;

struct figures {
	_Alignas(64) _Atomic uint64_t counter;
	_Alignas(64) _Atomic int64_t gauge;
	_Alignas(64) struct cor_lock lock;
	_Alignas(64) char histogram[256];
};

static struct figures *figures;
static struct cor_histogram_cells *histogram;
static uint64_t values[VALUES];

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int init_figures(void *region, size_t bytes)
{
	struct figures *made = region;

	(void)bytes;
	return cor_lock_init(&made->lock);
}

static void count(void)
{
	for (int i = 0; i < VALUES; i++)
		cor_count(&figures->counter, values[i]);
}

static void count_shared(void)
{
	for (int i = 0; i < VALUES; i++)
		cor_count_shared(&figures->counter, values[i]);
}

static void move_gauge(void)
{
	for (int i = 0; i < VALUES; i++)
		cor_gauge_move(&figures->gauge, i & 1 ? 1 : -1);
}

static void record(void)
{
	for (int i = 0; i < VALUES; i++)
		cor_histogram_record(histogram, &bounds, values[i]);
}

static void record_shared(void)
{
	for (int i = 0; i < VALUES; i++)
		cor_histogram_record_shared(histogram, &bounds, values[i]);
}

/* Each value is known only when the one before has been recorded: nothing overlaps. */
static void record_one_after_another(void)
{
	uint64_t before = 0;

	for (int i = 0; i < VALUES; i++) {
		cor_histogram_record(histogram, &bounds, values[i] + (before & 1));
		before = cor_counter_read(&histogram->sum);
	}
}

static int repair(void *arg)
{
	(void)arg;
	return 0;
}

static void take_and_give(void)
{
	for (int i = 0; i < VALUES; i++) {
		if (cor_lock_take(&figures->lock, repair, NULL) != 0)
			exit(1);
		cor_lock_give(&figures->lock);
	}
}

static void measure(const char *what, void (*work)(void))
{
	double best = HUGE_VAL;

	for (int round = 0; round < ROUNDS; round++) {
		int64_t start = now_ns();
		for (int i = 0; i < BATCH; i++)
			work();
		double each = (double)(now_ns() - start) / ((double)BATCH * VALUES);
		if (each < best)
			best = each;
	}
	printf("%-44s %6.2f ns\n", what, best);
}

/* From 0.3 ms to 20 s, as many in each octave. */
static void make_values(void)
{
	for (int i = 0; i < VALUES; i++)
		values[i] = (uint64_t)(3e5 * exp2(16.0 * drand48()));
}

int main(void)
{
	const struct cor_region_options options = {
		.name = "figures", .bytes = sizeof *figures, .init = init_figures
	};
	struct cor_segment segment;
	void *region;

	if (cor_segment_create(65536, &segment) < 0 ||
		cor_segment_region(&segment, &options, &region) < 0 ||
		cor_histogram_bounds_init(&bounds, upper_ns, sizeof upper_ns / sizeof upper_ns[0]) <
			0)
		return 1;
	figures = region;
	histogram = (struct cor_histogram_cells *)figures->histogram;
	make_values();
	measure("counter, one writer", count);
	measure("counter, several writers", count_shared);
	measure("gauge, one writer", move_gauge);
	measure("histogram of 13 bounds, one writer", record);
	measure("histogram of 13 bounds, several writers", record_shared);
	measure("histogram of 13 bounds, nothing overlaps", record_one_after_another);
	measure("lock, taken and given", take_and_give);
	cor_segment_detach(&segment);
	return 0;
}
