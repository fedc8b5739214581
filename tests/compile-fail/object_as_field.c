/* SPDX-License-Identifier: MIT */
/* expect: struct price \* */
/* told: ^21: .*a struct price needs its schema: COR_OBJECT */
#include <coracle/schema.h>

struct price {
	int64_t cents;
};
COR_DECLARE_SCHEMA(price_schema, struct price);
struct weight {
	int64_t grams;
};
COR_DECLARE_SCHEMA(weight_schema, struct weight);

struct book {
	struct price price;
};
extern const struct cor_field book_fields[];
const struct cor_field book_fields[] = {
#ifdef MISTAKE
	COR_FIELD(struct book, price),
#else
	COR_OBJECT(struct book, price, price_schema),
#endif
};
