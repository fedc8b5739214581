/* SPDX-License-Identifier: MIT */
/* expect gcc: no member named .max_lenght. */
/* expect clang: field designator .max_lenght. does not refer */
#include <coracle/schema.h>

struct book {
	const char *title;
};
extern const struct cor_field book_fields[];
const struct cor_field book_fields[] = {
#ifdef MISTAKE
	COR_FIELD(struct book, title, .max_lenght = 200),
#else
	COR_FIELD(struct book, title, .max_length = 200),
#endif
};
