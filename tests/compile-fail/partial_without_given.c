/* SPDX-License-Identifier: MIT */
/* expect: (struct cor_given|uint64_t|unsigned long) */
#include <coracle/schema.h>

struct book {
	int64_t id;
};
COR_DECLARE_SCHEMA(book_schema, struct book);

struct book_patch {
	struct book book;
#ifdef MISTAKE
	uint64_t given;
#else
	struct cor_given given;
#endif
};
extern const struct cor_field book_patch_fields[];
const struct cor_field book_patch_fields[] = {
	COR_PARTIAL(struct book_patch, book, given, book_schema),
};
