/* SPDX-License-Identifier: MIT */
/**
 * How a way to run jobs is measured: the same for all of them, in C and in C++.
 *
 *     PROGRAM batch|round COUNT
 *
 * prints the nanoseconds of a job, the median of several runs: of COUNT empty jobs that are given
 * away and then waited for, or of COUNT of them one after another, there and back.
 */
#ifndef CORACLE_BENCH_TRIAL_H
#define CORACLE_BENCH_TRIAL_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TRIAL_RUNS  9
#define TRIAL_FIRST 1000 /* jobs that are not counted */

/* Gives that many jobs away, and waits for all. */
typedef void trial_batch(int count);

static inline double trial_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static inline int trial_compare(const void *a, const void *b)
{
	const double *one = (const double *)a, *other = (const double *)b;

	return (*one > *other) - (*one < *other);
}

static inline void trial_run(trial_batch *batch, int count, int is_round)
{
	for (int i = 0; i < (is_round ? count : 1); i++)
		batch(is_round ? 1 : count);
}

static inline double trial_measure(trial_batch *batch, int count, int is_round)
{
	double ns[TRIAL_RUNS];

	trial_run(batch, count < TRIAL_FIRST ? count : TRIAL_FIRST, is_round);
	for (int i = 0; i < TRIAL_RUNS; i++) {
		double since = trial_now_ns();
		trial_run(batch, count, is_round);
		ns[i] = (trial_now_ns() - since) / count;
	}
	qsort(ns, TRIAL_RUNS, sizeof ns[0], trial_compare);
	return ns[TRIAL_RUNS / 2];
}

/* Returns the status for main(). */
static inline int trial_main(int argc, char **argv, trial_batch *batch)
{
	int count = argc == 3 ? (int)strtol(argv[2], NULL, 10) : 0;

	if (count < 1) {
		fprintf(stderr, "usage: %s batch|round COUNT\n", argv[0]);
		return 64;
	}
	printf("%.1f\n", trial_measure(batch, count, strcmp(argv[1], "round") == 0));
	return 0;
}

#endif
