/* SPDX-License-Identifier: MIT */
/* expect: the function must be int find */
/* told: ^25: the function find: its second argument is const struct weight \*; */
/* told: ; it must be const struct price \*, the type of price_schema$ */
#include <coracle/cached.h>

struct price {
	int64_t cents;
};
COR_DECLARE_SCHEMA(price_schema, struct price);
struct weight {
	int64_t grams;
};
COR_DECLARE_SCHEMA(weight_schema, struct weight);

static int find(struct cor_ctx *ctx, const struct weight *in, struct price *out)
{
	(void)ctx;
	out->cents = in->grams;
	return 0;
}

extern const struct cor_cache kept;
#ifdef MISTAKE
COR_CACHED(find_cached, find, &kept, price_schema, price_schema);
#else
COR_CACHED(find_cached, find, &kept, weight_schema, price_schema);
#endif

int use(struct cor_ctx *ctx, struct weight *in, struct price *out);
int use(struct cor_ctx *ctx, struct weight *in, struct price *out)
{
	return find_cached(ctx, (void *)in, out);
}
