/* SPDX-License-Identifier: MIT */
/* expect: cor_no_kind_use_double */
#include <coracle/schema.h>

struct thing {
#ifdef MISTAKE
	cor_array(float) member;
#else
	cor_array(double) member;
#endif
};
extern const struct cor_field thing_fields[];
const struct cor_field thing_fields[] = {
	COR_ARRAY(struct thing, member),
};
