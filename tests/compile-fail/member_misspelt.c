/* SPDX-License-Identifier: MIT */
/* expect: no member named .titel. */
/* told: ^12: .*titel */
#include <coracle/schema.h>

struct book {
	const char *title;
};
extern const struct cor_field book_fields[];
const struct cor_field book_fields[] = {
#ifdef MISTAKE
	COR_FIELD(struct book, titel),
#else
	COR_FIELD(struct book, title),
#endif
};
