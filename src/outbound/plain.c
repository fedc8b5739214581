/* SPDX-License-Identifier: MIT */
#include "outbound/plain.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#include "outbound/pool.h"
#include "outbound/receive.h"
#include "outbound/send.h"
#include "outbound/wire.h"
#include "resolver/resolver.h"

int cor_plain_open(struct cor_resolver *resolver, void **ret_state)
{
	struct cor_outbound_pool *pool = malloc(sizeof *pool);

	if (!pool)
		return -ENOMEM;
	cor_outbound_pool_init(pool, resolver);
	*ret_state = pool;
	return 0;
}

void cor_plain_close(void *state)
{
	struct cor_outbound_pool *pool = state;

	cor_outbound_pool_finish(pool);
	cor_outbound_free_spares(pool);
	free(pool);
}

/* --- the resolver of the process --- */

/* One for all threads: what one has found, the others need not ask for. */
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

static int take_resolver(struct cor_resolver **ret)
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

static void give_resolver(void)
{
	pthread_mutex_lock(&shared.lock);
	if (--shared.users == 0) {
		cor_resolver_destroy(shared.resolver);
		shared.resolver = NULL;
	}
	pthread_mutex_unlock(&shared.lock);
}

/* --- the carrier --- */

static int open_state(
	const struct cor_carrier *carrier, const struct cor_runtime_calls *calls, void **ret_state)
{
	(void)calls; /* it is of libcoracle */
	struct cor_resolver *resolver;
	int rc = take_resolver(&resolver);

	(void)carrier;
	if (rc < 0)
		return rc;
	rc = cor_plain_open(resolver, ret_state);
	if (rc < 0)
		give_resolver();
	return rc;
}

static void close_state(void *state)
{
	cor_plain_close(state);
	give_resolver();
}

static int begin(void *state, const struct cor_carrier_request *request, struct cor_wire **ret)
{
	int rc = cor_outbound_begin(state, request, ret);

	if (rc == 0)
		(*ret)->carrier = &cor_plain_carrier;
	return rc;
}

const struct cor_carrier cor_plain_carrier = {
	.name = "plain",
	.open = open_state,
	.close = close_state,
	.begin = begin,
	.connect = cor_outbound_connect,
	.send = cor_outbound_send,
	.finish = cor_outbound_finish,
	.receive_head = cor_outbound_receive_head,
	.receive = cor_outbound_receive_body,
	.end = cor_outbound_end,
};
