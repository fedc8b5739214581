/* SPDX-License-Identifier: MIT */
/* expect: incomplete type|has no member named .type.|undeclared|storage size */
/* told: ^15: .*book_schema is not declared: COR_DECLARE_SCHEMA */
#include <coracle/schema.h>

struct book {
	int64_t id;
};
static const struct cor_field book_fields[] = {
	COR_FIELD(struct book, id),
};
#ifndef MISTAKE
COR_DECLARE_SCHEMA(book_schema, struct book);
#endif
COR_SCHEMA(book_schema, book_fields);
