/* SPDX-License-Identifier: MIT */
/* expect clang: .struct price. to parameter of incompatible type .*struct weight */
/* expect gcc: expected .struct weight. but argument is of type .struct price. */
#include <coracle/coracle.h>

struct price {
	int64_t cents;
};
COR_DECLARE_SCHEMA(price_schema, struct price);
struct weight {
	int64_t grams;
};
COR_DECLARE_SCHEMA(weight_schema, struct weight);

int use(struct cor_ctx *ctx, const struct cor_topic *topic, const struct price *price);
int use(struct cor_ctx *ctx, const struct cor_topic *topic, const struct price *price)
{
#ifdef MISTAKE
	return cor_topic_publish_json(ctx, topic, NULL, weight_schema, price);
#else
	return cor_topic_publish_json(ctx, topic, NULL, price_schema, price);
#endif
}
