/* SPDX-License-Identifier: MIT */
/* expect: struct cor_output_is_NULL_without_COR_NONE */
/* told: ^16: .*the output is NULL without COR_NONE */
#include <coracle/client.h>

struct price {
	int64_t cents;
};
COR_DECLARE_SCHEMA(price_schema, struct price);

int use(struct cor_ctx *ctx, const struct cor_upstream *shop, struct price *price);
int use(struct cor_ctx *ctx, const struct cor_upstream *shop, struct price *price)
{
#ifdef MISTAKE
	(void)price;
	return cor_http_get(ctx, shop, price_schema, NULL, COR_PATH("/"));
#else
	return cor_http_get(ctx, shop, price_schema, price, COR_PATH("/"));
#endif
}
