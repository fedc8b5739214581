/* SPDX-License-Identifier: MIT */
/* expect: const struct cor_enum_name \* */
#include <coracle/schema.h>

struct book {
	int64_t id;
};
static const struct cor_field book_fields[] = {
	COR_FIELD(struct book, id),
};
extern const struct cor_enum_name names[1];
COR_DECLARE_SCHEMA(book_schema, struct book);
#ifdef MISTAKE
COR_SCHEMA(book_schema, names);
#endif
COR_DECLARE_SCHEMA(other_schema, struct book);
COR_SCHEMA(other_schema, book_fields);
