/* SPDX-License-Identifier: MIT */
/* expect: char \*\* */
#include <coracle/schema.h>

struct thing {
#ifdef MISTAKE
	cor_array(char *) member;
#else
	cor_array(const char *) member;
#endif
};
extern const struct cor_field thing_fields[];
const struct cor_field thing_fields[] = {
	COR_ARRAY(struct thing, member),
};
