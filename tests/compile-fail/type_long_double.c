/* SPDX-License-Identifier: MIT */
/* expect: cor_no_kind_use_double */
#include <coracle/schema.h>

struct thing {
#ifdef MISTAKE
	long double member;
#else
	double member;
#endif
};
extern const struct cor_field thing_fields[];
const struct cor_field thing_fields[] = {
	COR_FIELD(struct thing, member),
};
