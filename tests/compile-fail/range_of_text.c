/* SPDX-License-Identifier: MIT */
/* expect: char ?(\*|\[2\]) */
#include <coracle/schema.h>

struct book {
	int64_t id;
};
extern const struct cor_field book_fields[];
const struct cor_field book_fields[] = {
#ifdef MISTAKE
	COR_FIELD(struct book, id, .range = COR_MIN("1")),
#else
	COR_FIELD(struct book, id, .range = COR_MIN(1)),
#endif
};
