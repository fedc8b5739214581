/* SPDX-License-Identifier: MIT */
/* expect: the child must be int load_price.struct cor_ctx ., .the type of */
#include <coracle/coracle.h>

#ifdef MISTAKE
static void load_price(struct cor_ctx *ctx, void *nothing)
{
	(void)ctx;
	(void)nothing;
}
#else
static int load_price(struct cor_ctx *ctx, void *nothing)
{
	(void)ctx;
	(void)nothing;
	return 0;
}
#endif

int load(struct cor_ctx *ctx);
int load(struct cor_ctx *ctx)
{
	struct cor_group group;

	cor_group_begin(&group, ctx, COR_ALL);
	cor_group_start(&group, load_price, NULL);
	return cor_group_wait(&group);
}
