/* SPDX-License-Identifier: MIT */
/* expect gcc: the_key_is_not_made_by_COR_KEY */
/* expect clang: char */
#include <coracle/cached.h>

struct price {
	int64_t cents;
};
COR_DECLARE_SCHEMA(price_schema, struct price);
struct weight {
	int64_t grams;
};
COR_DECLARE_SCHEMA(weight_schema, struct weight);

int use(struct cor_ctx *ctx, const struct cor_cache *kept, struct price *price,
	struct weight *weight);
int use(struct cor_ctx *ctx, const struct cor_cache *kept, struct price *price,
	struct weight *weight)
{
	(void)price;
	(void)weight;
#ifdef MISTAKE
	return cor_cache_get(ctx, kept, price_schema, price, "a");
#else
	return cor_cache_get(ctx, kept, price_schema, price, COR_KEY("a"));
#endif
}
