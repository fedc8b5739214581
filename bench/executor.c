/* SPDX-License-Identifier: MIT */
/*
 * What a job costs: in a batch, and there and back. Next to it a plain queue, of a mutex and a
 * condition, does the same.
 *
 *     executor pool|queue batch|round COUNT
 *
 * prints the nanoseconds of a job: the median of several runs.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/coracle.h>

#define RUNS 9

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* --- our pool --- */

static const struct cor_executor executor = { .name = "bench", .size = 1, .queue = 10000000 };
static struct cor_pool *pool;

static int do_nothing(struct cor_ctx *ctx, char *call)
{
	(void)ctx, (void)call;
	return 0;
}

static void pool_batch(struct cor_future **futures, int count)
{
	char call = 0;

	for (int i = 0; i < count; i++)
		if (cor_pool_submit(pool, do_nothing, &call, &futures[i]) < 0)
			abort();
	for (int i = 0; i < count; i++) {
		if (cor_future_wait(futures[i]) < 0)
			abort();
		cor_future_drop(futures[i]);
	}
}

static void pool_round(struct cor_future **futures, int count)
{
	for (int i = 0; i < count; i++)
		pool_batch(futures, 1);
}

/* --- a plain queue --- */

struct task {
	struct task *next;
	int (*fn)(void *arg);
	int result;
	int is_done;
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	struct task *first, *last;
	int is_ending;
} queue = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL,
	NULL, 0 };

static int nothing(void *arg)
{
	(void)arg;
	return 0;
}

static struct task *take(void)
{
	struct task *task;

	pthread_mutex_lock(&queue.lock);
	while (!queue.first && !queue.is_ending)
		pthread_cond_wait(&queue.work, &queue.lock);
	task = queue.first;
	if (task)
		queue.first = task->next;
	pthread_mutex_unlock(&queue.lock);
	return task;
}

static void *work(void *arg)
{
	struct task *task;

	(void)arg;
	while ((task = take())) {
		task->result = task->fn(NULL);
		pthread_mutex_lock(&queue.lock);
		task->is_done = 1;
		pthread_cond_signal(&queue.done);
		pthread_mutex_unlock(&queue.lock);
	}
	return NULL;
}

static struct task *submit(void)
{
	struct task *task = calloc(1, sizeof *task);

	if (!task)
		abort();
	task->fn = nothing;
	pthread_mutex_lock(&queue.lock);
	if (queue.first)
		queue.last->next = task;
	else
		queue.first = task;
	queue.last = task;
	pthread_cond_signal(&queue.work);
	pthread_mutex_unlock(&queue.lock);
	return task;
}

static void await(struct task *task)
{
	pthread_mutex_lock(&queue.lock);
	while (!task->is_done)
		pthread_cond_wait(&queue.done, &queue.lock);
	pthread_mutex_unlock(&queue.lock);
	free(task);
}

static void queue_batch(struct cor_future **futures, int count)
{
	struct task **tasks = (struct task **)(void *)futures;

	for (int i = 0; i < count; i++)
		tasks[i] = submit();
	for (int i = 0; i < count; i++)
		await(tasks[i]);
}

static void queue_round(struct cor_future **futures, int count)
{
	for (int i = 0; i < count; i++)
		queue_batch(futures, 1);
}

/* --- both --- */

static int compare(const void *a, const void *b)
{
	const double *one = a, *other = b;

	return (*one > *other) - (*one < *other);
}

static double measure(void (*run)(struct cor_future **futures, int count), int count)
{
	struct cor_future **futures = calloc((size_t)count, sizeof(struct cor_future *));
	double ns[RUNS];

	if (!futures)
		abort();
	run(futures, count < 1000 ? count : 1000);
	for (int i = 0; i < RUNS; i++) {
		int64_t since = now_ns();
		run(futures, count);
		ns[i] = (double)(now_ns() - since) / count;
	}
	free(futures);
	qsort(ns, RUNS, sizeof ns[0], compare);
	return ns[RUNS / 2];
}

static int usage(void)
{
	fprintf(stderr, "usage: executor pool|queue batch|round COUNT\n");
	return 64;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc != 4)
		return usage();
	int is_pool = strcmp(argv[1], "pool") == 0, is_batch = strcmp(argv[2], "batch") == 0;
	int count = (int)strtol(argv[3], NULL, 10);
	if (count < 1)
		return usage();
	if (cor_pool_create(&executor, &pool) < 0 ||
		pthread_create(&thread, NULL, work, NULL) != 0)
		return 71;
	if (is_pool)
		printf("%.1f\n", measure(is_batch ? pool_batch : pool_round, count));
	else
		printf("%.1f\n", measure(is_batch ? queue_batch : queue_round, count));
	pthread_mutex_lock(&queue.lock);
	queue.is_ending = 1;
	pthread_cond_signal(&queue.work);
	pthread_mutex_unlock(&queue.lock);
	pthread_join(thread, NULL);
	cor_pool_destroy(pool);
	return 0;
}
