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

int load(struct cor_ctx *ctx);
int load(struct cor_ctx *ctx)
{
	struct price_call prices[3] = { { 7 } };
	int64_t ids[3] = { 7 };

	(void)prices;
	(void)ids;
#ifdef MISTAKE
	return cor_map(ctx, load_price, ids, 3, NULL);
#else
	return cor_map(ctx, load_price, prices, 3,
		&(struct cor_map_options){ .at_once = 8, .rule = COR_ALL });
#endif
}
