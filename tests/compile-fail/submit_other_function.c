/* SPDX-License-Identifier: MIT */
/* expect: the job must be int look_up_without_ctx.struct cor_ctx ., .the type of */
#include <coracle/executor.h>

struct lookup {
	int64_t id;
};

int look_up(struct cor_ctx *ctx, struct lookup *lookup);
int look_up_without_ctx(struct lookup *lookup);
int use(struct cor_pool *pool, struct cor_future **ret);

int use(struct cor_pool *pool, struct cor_future **ret)
{
	struct lookup call = { 0 };

#ifdef MISTAKE
	return cor_pool_submit(pool, look_up_without_ctx, &call, ret);
#else
	return cor_pool_submit(pool, look_up, &call, ret);
#endif
}
