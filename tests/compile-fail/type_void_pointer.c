/* SPDX-License-Identifier: MIT */
/* expect: void \*\* */
#include <coracle/schema.h>

struct thing {
#ifdef MISTAKE
	const void *member;
#else
	const char *member;
#endif
};
extern const struct cor_field thing_fields[];
const struct cor_field thing_fields[] = {
	COR_FIELD(struct thing, member),
};
