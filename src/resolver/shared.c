/* SPDX-License-Identifier: MIT */
#include "resolver/shared.h"

#include <pthread.h>

static struct {
	pthread_mutex_t lock;
	uint32_t users;
	struct cor_resolver *resolver;
} shared = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* In a child of fork() its threads are not there, and nobody may have unlocked it. */
static void forget_resolver(void)
{
	pthread_mutex_init(&shared.lock, NULL);
	shared.users = 0;
	shared.resolver = NULL;
}

static void watch_forks(void)
{
	(void)pthread_atfork(NULL, NULL, forget_resolver);
}

int cor_resolver_take(struct cor_resolver **ret)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int rc = 0;

	(void)pthread_once(&once, watch_forks);
	pthread_mutex_lock(&shared.lock);
	if (shared.users == 0)
		rc = cor_resolver_create(NULL, &shared.resolver);
	if (rc == 0)
		shared.users++;
	*ret = shared.resolver;
	pthread_mutex_unlock(&shared.lock);
	return rc;
}

void cor_resolver_give(void)
{
	pthread_mutex_lock(&shared.lock);
	if (--shared.users == 0) {
		cor_resolver_destroy(shared.resolver);
		shared.resolver = NULL;
	}
	pthread_mutex_unlock(&shared.lock);
}
