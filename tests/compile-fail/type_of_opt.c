/* SPDX-License-Identifier: MIT */
/* expect: cor_no_kind_use_double */
#include <coracle/schema.h>

struct thing {
#ifdef MISTAKE
	cor_opt(float) member;
#else
	cor_opt(double) member;
#endif
};
extern const struct cor_field thing_fields[];
const struct cor_field thing_fields[] = {
	COR_OPT_FIELD(struct thing, member),
};
