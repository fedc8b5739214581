/* SPDX-License-Identifier: MIT */
#include "testing/locks.h"

#include <pthread.h>

#include "app/inside.h"
#include "runtime/mutex.h"
#include "testing/stack_print.h"

struct held {
	const struct cor_mutex *mutex; /* NULL: the row is free */
	const void *place;
};

/* Of the process, which runs one test: whoever locks has no way to hand anything on. */
static struct held held[COR_LOCKS_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct held *find(const struct cor_mutex *mutex)
{
	for (size_t i = 0; i < COR_LOCKS_MAX; i++)
		if (held[i].mutex == mutex)
			return &held[i];
	return NULL;
}

static void locked(const struct cor_mutex *mutex, const void *place)
{
	pthread_mutex_lock(&lock);
	struct held *row = find(NULL);
	if (row)
		*row = (struct held){ mutex, place };
	pthread_mutex_unlock(&lock);
}

static void unlocked(const struct cor_mutex *mutex)
{
	pthread_mutex_lock(&lock);
	struct held *row = find(mutex);
	if (row)
		row->mutex = NULL;
	pthread_mutex_unlock(&lock);
}

void cor_locks_watch(void)
{
	static const struct cor_mutex_trace trace = { locked, unlocked };

	for (size_t i = 0; i < COR_LOCKS_MAX; i++)
		held[i].mutex = NULL;
	cor_inside_calls.trace_mutexes(&trace);
}

void cor_locks_tell(struct cor_outcome *outcome)
{
	cor_inside_calls.trace_mutexes(NULL);
	for (size_t i = 0; i < COR_LOCKS_MAX; i++) {
		if (!held[i].mutex)
			continue;
		outcome->failures[COR_PHASE_AFTER]++;
		outcome->has_own_failure = true;
		cor_outcome_say(outcome, "left behind: a mutex that is locked, here:\n");
		cor_stack_print_place(outcome, held[i].place);
	}
}
