/* SPDX-License-Identifier: MIT */
/* expect: the job must be int look_up.struct cor_ctx ., .the type of */
#include <coracle/executor.h>

struct lookup {
	int64_t id, other;
};

int look_up(struct cor_ctx *ctx, struct lookup *lookup);
int use(struct cor_ctx *ctx, const struct cor_executor *executor, struct cor_pool *pool);

int use(struct cor_ctx *ctx, const struct cor_executor *executor, struct cor_pool *pool)
{
#ifdef MISTAKE
	const struct lookup call = { 0 };
#else
	struct lookup call = { 0 };
#endif
	int64_t id = call.id; /* no constant */
	int rc = cor_offload(ctx, executor, look_up, &(struct lookup){ .id = id, .other = 2 });

	if (rc == 0)
		rc = cor_pool_submit(
			pool, look_up, (&(struct lookup){ .id = 1, .other = 2 }), NULL);
	return rc == 0 ? cor_pool_submit(pool, look_up, &call, NULL) : rc;
}
