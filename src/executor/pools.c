/* SPDX-License-Identifier: MIT */
#include "executor/pools.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "context/context.h"
#include "observe/logger.h"

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
	for (; rc == 0 && pools->len < len; pools->len += rc == 0) {
		struct cor_pool **pool = &pools->items[pools->len];
		rc = cor_pool_create_in(executors[pools->len], surroundings, pool);
		if (rc == 0 && surroundings->units)
			(*pool)->unit = surroundings->units[pools->len];
	}
	if (rc < 0)
		cor_pools_destroy(pools);
	else
		*ret = pools;
	return rc;
}

/* Requests are served by now: these are jobs that nobody waits for, but that were accepted. */
static void cancel_queued(struct cor_pool *pool)
{
	uint64_t before = cor_pool_look(pool).cancelled;

	cor_pool_shut_down(pool, COR_SHUTDOWN_CANCEL);
	uint64_t count = cor_pool_look(pool).cancelled - before;
	if (count != 0)
		cor_logger_log(pool->surroundings.logger, COR_LOG_WARNING, NULL,
			"executor %s: %" PRIu64 " %s that had not begun %s cancelled",
			pool->executor->name, count, count == 1 ? "job" : "jobs",
			count == 1 ? "is" : "are");
}

const struct cor_executor *cor_pools_end(struct cor_pools *pools)
{
	for (size_t i = 0; i < pools->len; i++)
		cancel_queued(pools->items[i]);
	for (size_t i = 0; i < pools->len; i++)
		if (cor_pool_await(pools->items[i]) < 0)
			return pools->items[i]->executor;
	return NULL;
}

const struct cor_executor *cor_pools_busy(const struct cor_pools *pools)
{
	for (size_t i = 0; i < pools->len; i++) {
		struct cor_pool *pool = pools->items[i];
		cor_pool_lock(pool);
		bool is_busy = pool->running != 0;
		cor_pool_unlock(pool);
		if (is_busy)
			return pool->executor;
	}
	return NULL;
}

bool cor_pools_work(const struct cor_pools *pools)
{
	bool works = false;

	for (size_t i = 0; i < pools->len && !works; i++) {
		struct cor_pool *pool = pools->items[i];
		cor_pool_lock(pool);
		works = pool->running != 0 || pool->first != NULL;
		cor_pool_unlock(pool);
	}
	return works;
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

	if (ctx->request) /* what is submitted logs with it */
		(void)cor_request_id(ctx);
	for (size_t i = 0; pools && i < pools->len; i++)
		if (pools->items[i]->executor == executor)
			return pools->items[i];
	return NULL;
}
