/* SPDX-License-Identifier: MIT */
/* expect: struct price */
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
COR_CACHED(find_cached, find, &kept, weight_schema, price_schema);

int use(struct cor_ctx *ctx, const struct weight *in, struct price *out);
int use(struct cor_ctx *ctx, const struct weight *in, struct price *out)
{
	int rc = find_cached(ctx, in, out);

#ifdef MISTAKE
	return rc < 0 ? rc : cor_cached_forget(ctx, find_cached, out);
#else
	return rc < 0 ? rc : cor_cached_forget(ctx, find_cached, &(struct weight){ .grams = 1 });
#endif
}
