/* SPDX-License-Identifier: MIT */
/* expect: .nmae. */
#include <coracle/schema.h>

struct book {
	int64_t id;
};
static const struct cor_field book_fields[] = {
	COR_FIELD(struct book, id),
};
COR_DECLARE_SCHEMA(book_schema, struct book);
#ifdef MISTAKE
COR_SCHEMA(book_schema, book_fields, .nmae = "book");
#else
COR_SCHEMA(book_schema, book_fields, .name = "book");
#endif
