/* SPDX-License-Identifier: MIT */
#include "outbound/plain.h"

#include <errno.h>
#include <stdlib.h>

#include "outbound/pool.h"
#include "outbound/receive.h"
#include "outbound/send.h"
#include "outbound/wire.h"
#include "resolver/resolver.h"
#include "resolver/shared.h"

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

/* --- the carrier --- */

static int open_state(
	const struct cor_carrier *carrier, const struct cor_carrier_calls *calls, void **ret_state)
{
	(void)calls; /* it is of libcoracle */
	struct cor_resolver *resolver;
	int rc = cor_resolver_take(&resolver);

	(void)carrier;
	if (rc < 0)
		return rc;
	rc = cor_plain_open(resolver, ret_state);
	if (rc < 0)
		cor_resolver_give();
	return rc;
}

static void close_state(void *state)
{
	cor_plain_close(state);
	cor_resolver_give();
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
