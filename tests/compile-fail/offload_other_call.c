/* SPDX-License-Identifier: MIT */
/* expect: the job must be int look_up.struct cor_ctx ., .the type of */
#include <coracle/executor.h>

struct lookup {
	int64_t id;
};
struct search {
	const char *text;
};

int look_up(struct cor_ctx *ctx, struct lookup *lookup);
int use(struct cor_ctx *ctx, const struct cor_executor *executor);

int use(struct cor_ctx *ctx, const struct cor_executor *executor)
{
#ifdef MISTAKE
	struct search call = { 0 };
#else
	struct lookup call = { 0 };
#endif

	return cor_offload(ctx, executor, look_up, &call);
}
