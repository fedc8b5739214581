/* SPDX-License-Identifier: MIT */
#include "topic/postman.h"

#include <errno.h>
#include <signal.h>

#include "runtime/signal_stack.h"

/* It can wait for a process that was stopped as it had the ring: nobody waits for it. */
static void deliver(const struct cor_topic_postman *postman, struct cor_topic_hub *hub)
{
	while (cor_topic_hub_read(hub) == -EBUSY && !atomic_load(&postman->is_ending))
		cor_topic_hub_await(hub);
}

static bool has_more(const struct cor_topic_postman *postman)
{
	for (size_t i = 0; i < postman->hubs_len; i++)
		if (cor_topic_hub_has_more(&postman->hubs[i]))
			return true;
	return false;
}

/* Whoever publishes after the bell was set finds it; what came before is looked for once more. */
static void sleep_until_called(struct cor_topic_postman *postman)
{
	struct cor_topic_desk *desk = postman->desk;
	uint32_t seen = atomic_load(&desk->bell.rings);

	atomic_store(&desk->is_asleep, 1);
	if (!has_more(postman) && !atomic_load(&postman->is_ending))
		cor_doorbell_wait(&desk->bell, seen);
	atomic_store(&desk->is_asleep, 0);
}

static void *run(void *arg)
{
	struct cor_topic_postman *postman = arg;
	void *signal_stack = cor_signal_stack_set();

	(void)pthread_setname_np(pthread_self(), "topics");
	while (!atomic_load(&postman->is_ending)) {
		for (size_t i = 0; i < postman->hubs_len; i++)
			deliver(postman, &postman->hubs[i]);
		sleep_until_called(postman);
	}
	cor_signal_stack_drop(signal_stack);
	return NULL;
}

int cor_topic_postman_start(struct cor_topic_postman *postman)
{
	sigset_t others, before;

	cor_signals_of_others(&others);
	pthread_sigmask(SIG_SETMASK, &others, &before);
	int rc = -pthread_create(&postman->thread, NULL, run, postman);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

void cor_topic_postman_stop(struct cor_topic_postman *postman)
{
	atomic_store(&postman->is_ending, 1);
	cor_doorbell_ring(&postman->desk->bell);
	pthread_join(postman->thread, NULL);
}
