/* SPDX-License-Identifier: MIT */
/* expect: the child must be int load_price.struct cor_ctx ., .the type of */
#include <coracle/coracle.h>

struct price_call {
	int64_t id;
};

static int load_price(struct cor_ctx *ctx, struct price_call *call)
{
	(void)ctx;
	return call->id < 0 ? -EINVAL : 0;
}

static int check_price(struct cor_ctx *ctx, const struct price_call *call)
{
	(void)ctx;
	return call->id < 0 ? -EINVAL : 0;
}

int load(struct cor_ctx *ctx, const struct price_call *price);
int load(struct cor_ctx *ctx, const struct price_call *price)
{
	struct cor_group group;

	cor_group_begin(&group, ctx, COR_ALL);
	cor_group_start(&group, check_price, price);
#ifdef MISTAKE
	cor_group_start(&group, load_price, price);
#else
	cor_group_start(&group, load_price, &(struct price_call){ 7 });
#endif
	return cor_group_wait(&group);
}
