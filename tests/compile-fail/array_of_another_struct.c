/* SPDX-License-Identifier: MIT */
/* expect: struct price \* */
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
	cor_array(struct price) prices;
};
extern const struct cor_field book_fields[];
const struct cor_field book_fields[] = {
#ifdef MISTAKE
	COR_OBJECT_ARRAY(struct book, prices, weight_schema),
#else
	COR_OBJECT_ARRAY(struct book, prices, price_schema),
#endif
};
