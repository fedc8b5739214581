/* SPDX-License-Identifier: MIT */
#include "memcached_store/links.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/compiler.h"
#include "runtime/forked.h"

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER; /* of the lists of all stores */
static _Thread_local struct cor_memcached_links *of_thread;
static pthread_key_t at_thread_end;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int once_error;

static void close_links(struct cor_memcached_links *links)
{
	bool is_of_parent = links->forks != cor_forked_count;

	for (size_t i = 0; i < links->len; i++)
		if (is_of_parent)
			cor_memcached_link_abandon(&links->list[i]);
		else
			cor_memcached_link_finish(&links->list[i]);
	atomic_store(&links->owner, NULL);
}

/* The gate is locked. */
static void leave_store(struct cor_memcached_links *links)
{
	struct cor_memcached_links **at = atomic_load(&links->owner);

	while (at && *at != links)
		at = &(*at)->next_of_store;
	if (at)
		*at = links->next_of_store;
}

/* Those that a child of fork() has of its parent stay as they are. */
static void end_thread(void *first)
{
	struct cor_memcached_links *links = of_thread;

	(void)first;
	pthread_mutex_lock(&gate);
	while (links) {
		struct cor_memcached_links *next = links->next_here;
		if (links->forks == cor_forked_count) {
			leave_store(links);
			close_links(links);
			free(links);
		}
		links = next;
	}
	of_thread = NULL;
	pthread_mutex_unlock(&gate);
}

static void renew_gate(void)
{
	pthread_mutex_init(&gate, NULL);
}

static void make_key(void)
{
	once_error = -pthread_key_create(&at_thread_end, end_thread);
	if (once_error == 0)
		once_error = -pthread_atfork(NULL, NULL, renew_gate);
}

/* Those of stores that are closed go when the thread next makes some. */
static void drop_closed(void)
{
	struct cor_memcached_links **at = &of_thread;

	while (*at) {
		struct cor_memcached_links *links = *at;
		if (atomic_load(&links->owner)) {
			at = &links->next_here;
			continue;
		}
		*at = links->next_here;
		free(links);
	}
}

static int make(struct cor_memcached_links **owner, size_t len, struct cor_memcached_links **ret)
{
	struct cor_memcached_links *links;

	cor_forked_watch();
	pthread_once(&once, make_key);
	if (once_error < 0)
		return -ENOMEM;
	drop_closed();
	links = calloc(1, sizeof *links + len * sizeof links->list[0]);
	if (!links)
		return -ENOMEM;
	for (size_t i = 0; i < len; i++)
		cor_memcached_link_init(&links->list[i]);
	links->len = len;
	links->forks = cor_forked_count;
	atomic_init(&links->owner, owner);
	links->next_here = of_thread;
	of_thread = links;
	pthread_setspecific(at_thread_end, links);
	pthread_mutex_lock(&gate);
	links->next_of_store = *owner;
	*owner = links;
	pthread_mutex_unlock(&gate);
	*ret = links;
	return 0;
}

int cor_memcached_links_here(
	struct cor_memcached_links **owner, size_t len, struct cor_memcached_links **ret)
{
	struct cor_memcached_links *links = of_thread;

	while (links && (atomic_load_explicit(&links->owner, memory_order_relaxed) != owner ||
				COR_UNLIKELY(links->forks != cor_forked_count)))
		links = links->next_here;
	if (!links)
		return make(owner, len, ret);
	*ret = links;
	return 0;
}

void cor_memcached_links_close(struct cor_memcached_links **owner)
{
	pthread_mutex_lock(&gate);
	for (struct cor_memcached_links *next, *links = *owner; links; links = next) {
		next = links->next_of_store;
		close_links(links);
	}
	*owner = NULL;
	pthread_mutex_unlock(&gate);
}
