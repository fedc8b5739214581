/* SPDX-License-Identifier: MIT */
#include "executor/pools.h"

#include <errno.h>
#include <stdlib.h>

#include "context/context.h"

int cor_pools_create(const struct cor_executor *const *executors,
	const struct cor_pool_surroundings *surroundings, struct cor_pools **ret)
{
	size_t len = 0;
	int rc = 0;

	while (executors[len])
		len++;
	struct cor_pools *pools = calloc(1, sizeof *pools + len * sizeof pools->items[0]);
	if (!pools)
		return -ENOMEM;
	for (; rc == 0 && pools->len < len; pools->len += rc == 0)
		rc = cor_pool_create_in(
			executors[pools->len], surroundings, &pools->items[pools->len]);
	if (rc < 0)
		cor_pools_destroy(pools);
	else
		*ret = pools;
	return rc;
}

const struct cor_executor *cor_pools_end(struct cor_pools *pools)
{
	for (size_t i = 0; i < pools->len; i++)
		cor_pool_shut_down(pools->items[i], COR_SHUTDOWN_CANCEL);
	for (size_t i = 0; i < pools->len; i++)
		if (cor_pool_await(pools->items[i]) < 0)
			return pools->items[i]->executor;
	return NULL;
}

void cor_pools_destroy(struct cor_pools *pools)
{
	for (size_t i = 0; pools && i < pools->len; i++) {
		cor_pool_shut_down(pools->items[i], COR_SHUTDOWN_CANCEL);
		cor_pool_destroy(pools->items[i]);
	}
	free(pools);
}

struct cor_pool *cor_pool_of(struct cor_ctx *ctx, const struct cor_executor *executor)
{
	const struct cor_pools *pools = ctx->environment ? ctx->environment->pools : NULL;

	for (size_t i = 0; pools && i < pools->len; i++)
		if (pools->items[i]->executor == executor)
			return pools->items[i];
	return NULL;
}
