/* SPDX-License-Identifier: MIT */
/* expect: the child must be int load_price.struct cor_ctx ., .the type of */
#include <coracle/coracle.h>

struct price_call {
	int64_t id;
};
struct stock_call {
	int64_t id;
};

static int load_price(struct cor_ctx *ctx, struct price_call *call)
{
	(void)ctx;
	return call->id < 0 ? -EINVAL : 0;
}

int load(struct cor_ctx *ctx);
int load(struct cor_ctx *ctx)
{
	struct price_call price = { 7 };
	struct stock_call stock = { 7 };
	struct cor_group group;

	(void)price;
	(void)stock;
	cor_group_begin(&group, ctx, COR_ALL);
#ifdef MISTAKE
	cor_group_start(&group, load_price, &stock);
#else
	cor_group_start(&group, load_price, &price);
	cor_group_start(&group, &load_price, &(struct price_call){ .id = 7 });
#endif
	return cor_group_wait(&group);
}
