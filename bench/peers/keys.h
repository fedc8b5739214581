/* SPDX-License-Identifier: MIT */
/** Which keys caches are asked for, and how long that takes: the same for ours and the peers. */
#ifndef CORACLE_BENCH_KEYS_H
#define CORACLE_BENCH_KEYS_H

#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define KEYS_LEN         100000
#define KEYS_CALLS       1000000 /* of a thread in a run */
#define KEYS_RUNS        9
#define KEYS_THREADS     2
#define KEYS_VALUE_BYTES 64

struct key {
	char text[16];
	size_t len;
};

struct keys {
	struct key items[KEYS_LEN];
	uint32_t order[KEYS_THREADS][KEYS_CALLS];
};

static inline uint64_t keys_chance(void)
{
	static uint64_t x = 88172645463325252; /* xorshift64 */

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

/* Zipf's law, by looking up a number in the sums. */
static inline uint32_t keys_choose(const double *sums)
{
	double x = (double)(keys_chance() >> 11) / (double)(UINT64_C(1) << 53) * sums[KEYS_LEN - 1];
	uint32_t low = 0, high = KEYS_LEN - 1;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (sums[middle] < x)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static inline void keys_make(struct keys *keys)
{
	static double sums[KEYS_LEN];
	static uint32_t names[KEYS_LEN]; /* which is how frequent: not by its number */
	double sum = 0;

	for (uint32_t i = 0; i < KEYS_LEN; i++) {
		sums[i] = sum += 1 / pow(i + 1, 0.99);
		names[i] = i;
		keys->items[i].len = (size_t)snprintf(
			keys->items[i].text, sizeof keys->items[i].text, "key:%u", i);
	}
	for (uint32_t i = KEYS_LEN - 1; i > 0; i--) {
		uint32_t other = (uint32_t)(keys_chance() % (i + 1)), name = names[i];

		names[i] = names[other];
		names[other] = name;
	}
	for (int thread = 0; thread < KEYS_THREADS; thread++)
		for (int i = 0; i < KEYS_CALLS; i++)
			keys->order[thread][i] = names[keys_choose(sums)];
}

/* --- the measure --- */

typedef void keys_run(int thread, int calls);

struct keys_worker {
	keys_run *run;
	int thread;
};

static inline void *keys_work(void *arg)
{
	const struct keys_worker *worker = (const struct keys_worker *)arg;

	worker->run(worker->thread, KEYS_CALLS);
	return NULL;
}

static inline double keys_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static inline int keys_compare(const void *a, const void *b)
{
	const double *one = (const double *)a, *other = (const double *)b;

	return (*one > *other) - (*one < *other);
}

static inline double keys_once(keys_run *run, int threads)
{
	struct keys_worker workers[KEYS_THREADS] = { { run, 0 }, { run, 1 } };
	pthread_t others[KEYS_THREADS];
	double since = keys_now_ns();

	for (int i = 1; i < threads; i++)
		if (pthread_create(&others[i], NULL, keys_work, &workers[i]) != 0)
			abort();
	keys_work(&workers[0]);
	for (int i = 1; i < threads; i++)
		pthread_join(others[i], NULL);
	return (keys_now_ns() - since) / KEYS_CALLS / threads;
}

/* Nanoseconds of wall time of a call: the median of some runs, after one that is not counted. */
static inline double keys_measure(keys_run *run, int threads)
{
	double ns[KEYS_RUNS];

	keys_once(run, threads);
	for (int i = 0; i < KEYS_RUNS; i++)
		ns[i] = keys_once(run, threads);
	qsort(ns, KEYS_RUNS, sizeof ns[0], keys_compare);
	return ns[KEYS_RUNS / 2];
}

#endif
