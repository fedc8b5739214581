/* SPDX-License-Identifier: MIT */
/* expect: struct cor_output_is_const */
#include <coracle/schema.h>

struct price {
	int64_t cents;
};
COR_DECLARE_SCHEMA(price_schema, struct price);
struct weight {
	int64_t grams;
};
COR_DECLARE_SCHEMA(weight_schema, struct weight);

int use(struct cor_codec *codec, struct cor_arena *arena, struct price *price,
	const struct price *fixed, struct cor_str text, struct cor_violations *violations);
int use(struct cor_codec *codec, struct cor_arena *arena, struct price *price,
	const struct price *fixed, struct cor_str text, struct cor_violations *violations)
{
#ifdef MISTAKE
	return price ? cor_decode(codec, arena, price_schema, fixed, text, violations) : 0;
#else
	return fixed ? cor_decode(codec, arena, price_schema, price, text, violations) : 0;
#endif
}
