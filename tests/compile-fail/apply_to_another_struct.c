/* SPDX-License-Identifier: MIT */
/* expect: struct (film|book) */
#include <coracle/schema.h>

struct book {
	int64_t id;
};
COR_DECLARE_SCHEMA(book_schema, struct book);
struct film {
	int64_t id;
};

void apply(const struct cor_given *given, const struct book *patch, struct film *film,
	struct book *book);
void apply(const struct cor_given *given, const struct book *patch, struct film *film,
	struct book *book)
{
	(void)film, (void)book;
#ifdef MISTAKE
	cor_apply(given, book_schema, patch, film);
#else
	cor_apply(given, book_schema, patch, book);
#endif
}
