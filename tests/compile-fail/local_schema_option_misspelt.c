/* SPDX-License-Identifier: MIT */
/* expect: has no member named .unknwon.|field designator .unknwon. */
#include <coracle/schema.h>

struct book {
	int64_t id;
};
static const struct cor_field book_fields[] = {
	COR_FIELD(struct book, id),
};
#ifdef MISTAKE
COR_LOCAL_SCHEMA(book_schema, struct book, book_fields, .unknwon = COR_IGNORE);
#else
COR_LOCAL_SCHEMA(book_schema, struct book, book_fields, .unknown = COR_IGNORE);
#endif
extern const struct cor_schema *const books;
const struct cor_schema *const books = &book_schema.schema;
