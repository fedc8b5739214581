/* SPDX-License-Identifier: MIT */
/* A plain queue: a mutex, a condition for the thread, and one for who waits. See trial.h. */
#include <pthread.h>

#include "trial.h"

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

static struct task *tasks[1000000];

static void batch(int count)
{
	for (int i = 0; i < count; i++)
		tasks[i] = submit();
	for (int i = 0; i < count; i++)
		await(tasks[i]);
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, work, NULL) != 0)
		return 71;
	int status = trial_main(argc, argv, batch);
	pthread_mutex_lock(&queue.lock);
	queue.is_ending = 1;
	pthread_cond_signal(&queue.work);
	pthread_mutex_unlock(&queue.lock);
	pthread_join(thread, NULL);
	return status;
}
