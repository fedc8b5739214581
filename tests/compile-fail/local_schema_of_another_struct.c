/* SPDX-License-Identifier: MIT */
/* expect: struct price \* */
#include <coracle/schema.h>

struct book {
	int64_t id;
};
static const struct cor_field book_fields[] = {
	COR_FIELD(struct book, id),
};
COR_LOCAL_SCHEMA(book_schema, struct book, book_fields);

struct price {
	int64_t cents;
};
struct order {
	struct book book;
	struct price price;
};
extern const struct cor_field order_fields[];
const struct cor_field order_fields[] = {
#ifdef MISTAKE
	COR_OBJECT(struct order, price, book_schema),
#else
	COR_OBJECT(struct order, book, book_schema),
#endif
};
