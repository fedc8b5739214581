/* SPDX-License-Identifier: MIT */
/* expect: struct price \* */
/* told: ^21: .*the schema is not that of the member, which is a struct price */
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
	COR_OBJECT(struct book, price, weight_schema),
#else
	COR_OBJECT(struct book, price, price_schema),
#endif
};
