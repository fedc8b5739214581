/* SPDX-License-Identifier: MIT */
/* expect gcc: macro "COR_EMBED" passed 4 arguments, but takes just 3 */
/* expect clang: too many arguments provided to function-like macro */
#include <coracle/schema.h>

struct price {
	int64_t cents;
};
COR_DECLARE_SCHEMA(price_schema, struct price);

struct book {
	struct price price;
};
extern const struct cor_field book_fields[];
const struct cor_field book_fields[] = {
#ifdef MISTAKE
	COR_EMBED(struct book, price, price_schema, .doc = "What it costs"),
#else
	COR_EMBED(struct book, price, price_schema),
#endif
};
