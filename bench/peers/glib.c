/* SPDX-License-Identifier: MIT */
/* GLib's GThreadPool, with one thread. It knows no results, so a count says when all are done. */
#include <glib.h>

#include "trial.h"

static GMutex lock;
static GCond done;
static gint left; /* of the batch */
static GThreadPool *pool;

static void nothing(gpointer task, gpointer data)
{
	(void)task, (void)data;
	if (!g_atomic_int_dec_and_test(&left))
		return;
	g_mutex_lock(&lock);
	g_cond_signal(&done);
	g_mutex_unlock(&lock);
}

static void batch(int count)
{
	g_atomic_int_set(&left, count);
	for (int i = 0; i < count; i++)
		if (!g_thread_pool_push(pool, GINT_TO_POINTER(1), NULL))
			abort();
	g_mutex_lock(&lock);
	while (g_atomic_int_get(&left) != 0)
		g_cond_wait(&done, &lock);
	g_mutex_unlock(&lock);
}

int main(int argc, char **argv)
{
	pool = g_thread_pool_new(nothing, NULL, 1, TRUE, NULL);
	if (!pool)
		return 71;
	int status = trial_main(argc, argv, batch);
	g_thread_pool_free(pool, FALSE, TRUE);
	return status;
}
