/* SPDX-License-Identifier: MIT */
/* expect clang: .struct price. to parameter of incompatible type .*struct weight */
/* told: ^22: .*the schema is that of a struct weight, and this is a struct price */
/* expect gcc: expected .struct weight. but argument is of type .struct price. */
#include <coracle/schema.h>

struct price {
	int64_t cents;
};
COR_DECLARE_SCHEMA(price_schema, struct price);
struct weight {
	int64_t grams;
};
COR_DECLARE_SCHEMA(weight_schema, struct weight);

int use(struct cor_codec *codec, struct cor_arena *arena, struct price *price, struct cor_str text,
	struct cor_violations *violations);
int use(struct cor_codec *codec, struct cor_arena *arena, struct price *price, struct cor_str text,
	struct cor_violations *violations)
{
#ifdef MISTAKE
	return cor_decode(codec, arena, weight_schema, price, text, violations);
#else
	return cor_decode(codec, arena, price_schema, price, text, violations);
#endif
}
